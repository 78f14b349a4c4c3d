//! Timing a piece of work: some runs to warm up, then runs that count.

use std::time::Instant;

use switchyard::labs::supernet_search::Subject;
use switchyard::search::Space;
use switchyard::search::latency::{Conditions, LatencySample, summarised};

use crate::error::{Error, Result};

/// What times networks under stated conditions, in threads of its own.
pub struct Stopwatch {
    conditions: Conditions,
    pool: rayon::ThreadPool,
}

impl Stopwatch {
    /// A stopwatch whose work may use as many threads as the conditions say.
    ///
    /// # Errors
    /// When so many threads cannot be started.
    pub fn new(conditions: Conditions) -> Result<Self> {
        let threads = conditions.threads;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::Usage {
            problem: format!("{threads} threads cannot be started: {error}; give fewer with `--threads`"),
        })?;
        Ok(Self { conditions, pool })
    }

    /// Times the network of one architecture.
    ///
    /// # Errors
    /// When the architecture is not in the space, or the device does not answer.
    pub fn measure<S: Subject>(
        &self,
        subject: &S,
        point: &<S::Space as Space>::Point,
    ) -> Result<LatencySample> {
        let times = self.pool.install(|| self.times(subject, point))?;
        summarised(point.to_string(), subject.features(point), times)
            .ok_or_else(|| Error::Usage { problem: "a latency needs one timed run or more".to_owned() })
    }

    /// The time of every run that counts, in milliseconds.
    fn times<S: Subject>(&self, subject: &S, point: &<S::Space as Space>::Point) -> Result<Vec<f64>> {
        let network = pollster::block_on(subject.network(point))?;
        let words = [self.conditions.source_words, self.conditions.target_words];
        let run = || -> Result<f64> {
            let started = Instant::now();
            pollster::block_on(subject.infer(&network, words))?;
            Ok(started.elapsed().as_secs_f64() * 1e3)
        };
        for _ in 0..self.conditions.warm_up {
            run()?;
        }
        (0..self.conditions.repeats).map(|_| run()).collect()
    }
}

/// This machine in words, so that latencies of one are not taken for those of another.
pub fn machine() -> String {
    let (system, kind) = (std::env::consts::OS, std::env::consts::ARCH);
    let cores = crate::environment::cores();
    let cores = format!("{cores} core{}", if cores == 1 { "" } else { "s" });
    match processor() {
        Some(name) => format!("{name}, {cores}, {system} {kind}"),
        None => format!("{cores}, {system} {kind}"),
    }
}

/// What the processor calls itself, where the system says so.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
