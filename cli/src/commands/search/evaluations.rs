//! Evaluations on disk: each architecture is evaluated once, whoever asks, and the file grows by one line for each. What is in
//! the file already is not evaluated again, so a search that was stopped goes the same way to where it was, and on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use switchyard::experiment::Event;
use switchyard::labs::supernet_search::Subject;
use switchyard::search::Space;

use crate::error::{Error, Result};
use crate::growing::Growing;
use crate::interrupt::Stop;
use crate::reporter::{Reporter, Status};

/// Architectures that are evaluated between two looks at whether the user asked to stop.
const AT_ONCE: usize = 16;
/// The task's name in progress.
const TASK: &str = "evaluations";

/// A line: an architecture and its validation loss in nats; none when it was not a number.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    architecture: String,
    loss: Option<f64>,
}

/// What is evaluated, and what was.
pub struct Evaluations<'a, S: Subject> {
    subject: &'a S,
    path: PathBuf,
    file: Growing,
    known: BTreeMap<<S::Space as Space>::Point, f64>,
    pool: rayon::ThreadPool,
    stop: &'a Stop,
    reporter: &'a mut dyn Reporter,
    status: Status,
    asked: u64,
    evaluating: Duration,
    made: usize,
}

impl<'a, S: Subject> Evaluations<'a, S> {
    /// Opens the file, or begins it with `header`. Evaluations go on in so many threads; `total` will be asked for.
    ///
    /// # Errors
    /// When the file is of another search or damaged, or threads cannot be started.
    pub fn open(
        subject: &'a S,
        path: &Path,
        header: &impl Serialize,
        (threads, total): (usize, u64),
        (stop, reporter): (&'a Stop, &'a mut dyn Reporter),
    ) -> Result<Self> {
        let (file, lines) = Growing::open(path, header)?;
        let mut known = BTreeMap::new();
        for (number, line) in (2..).zip(&lines) {
            let wrong = |problem: String| Error::data(path, format!("line {number}: {problem}"));
            let Line { architecture, loss } =
                serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            let point = architecture.parse().map_err(|error: switchyard::Error| wrong(error.to_string()))?;
            known.insert(point, loss.unwrap_or(f64::NAN));
        }
        if !known.is_empty() {
            reporter.note(&format!("{}: {} evaluations are there", path.display(), known.len()));
        }
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::Usage {
                problem: format!("{threads} threads cannot be started: {error}; give fewer with `--threads`"),
            })?;
        let mut status = Status::new();
        status.event(&Event::Stage { name: "searching".to_owned(), tasks: 1 });
        status.event(&Event::TaskStarted { task: TASK.to_owned(), steps: total });
        Ok(Self {
            subject,
            path: path.to_owned(),
            file,
            known,
            pool,
            stop,
            reporter,
            status,
            asked: 0,
            evaluating: Duration::ZERO,
            made: 0,
        })
    }

    /// The losses of these points, in their order.
    ///
    /// # Errors
    /// When an evaluation fails, the file cannot be written, or the user stops.
    pub fn of(&mut self, points: &[<S::Space as Space>::Point]) -> Result<Vec<f64>> {
        let mut fresh: Vec<&<S::Space as Space>::Point> = Vec::new();
        for point in points {
            if !self.known.contains_key(point) && !fresh.contains(&point) {
                fresh.push(point);
            }
        }
        for some in fresh.chunks(AT_ONCE) {
            if self.stop.is_asked() {
                self.file.sync()?;
                return Err(Error::Stopped { file: self.path.clone() });
            }
            self.evaluate(some)?;
        }
        self.asked += points.len() as u64;
        self.status.step(TASK, self.asked);
        self.reporter.progress(&self.status);
        let known = |point| self.known.get(point).copied();
        Ok(points.iter().filter_map(known).collect())
    }

    fn evaluate(&mut self, points: &[&<S::Space as Space>::Point]) -> Result<()> {
        let started = Instant::now();
        let subject = self.subject;
        let losses: switchyard::Result<Vec<f64>> = self
            .pool
            .install(|| points.par_iter().map(|point| pollster::block_on(subject.loss(point))).collect());
        self.evaluating += started.elapsed();
        for (point, loss) in points.iter().zip(losses?) {
            let line =
                Line { architecture: point.to_string(), loss: Some(loss).filter(|loss| loss.is_finite()) };
            self.file.add(&line)?;
            self.known.insert((*point).clone(), loss);
            self.made += 1;
        }
        Ok(())
    }

    /// Ends: how long was evaluated, and how many architectures.
    ///
    /// # Errors
    /// When the file cannot be made durable.
    pub fn finish(mut self) -> Result<(Duration, usize)> {
        self.file.sync()?;
        Ok((self.evaluating, self.made))
    }
}
