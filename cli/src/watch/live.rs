//! The file that a run writes while it goes on, so that other processes can follow it. It is not part of the
//! record: it is not synced to the disk, it is taken away once the run is complete, and nothing reads it to go on.
//! Routing decisions, which are large and shown nowhere, are left out.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use switchyard::experiment::Event;
use switchyard::experiment::event::SCHEMA_VERSION;

use super::line::Aside;
use crate::error::{Error, Result};
use crate::interrupt::Stop;
use crate::reporter::json::Versioned;
use crate::reporter::{Answer, Reporter, Status};

/// How often it is written how far the tasks are.
const EVERY: Duration = Duration::from_secs(1);

/// An aside with the version of the format, as events have it.
#[derive(Serialize)]
struct VersionedAside<'a> {
    schema_version: u32,
    #[serde(flatten)]
    aside: &'a Aside,
}

/// Passes everything on to another reporter and writes down what it hears.
pub struct Live<'a> {
    inner: &'a mut dyn Reporter,
    path: PathBuf,
    /// Nothing once it could not be written: a run goes on without being followed.
    file: Option<BufWriter<File>>,
    /// When it was last written how far the tasks are.
    written: Option<Instant>,
}

impl<'a> Live<'a> {
    /// Begins a new file at `path`; an older one is replaced.
    pub fn begin(path: PathBuf, inner: &'a mut dyn Reporter) -> Self {
        let created = File::create(&path);
        let mut live = Self { inner, path, file: None, written: None };
        match created {
            Ok(file) => live.file = Some(BufWriter::new(file)),
            Err(error) => live.lost(&error),
        }
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        live.write_aside(&Aside::Live { process: std::process::id(), at });
        live
    }

    /// Writes how the run ended early.
    pub fn ended(mut self, error: &Error) {
        let interrupted = matches!(error, Error::Interrupted { .. });
        let error = error.to_string();
        self.write_aside(&if interrupted { Aside::Interrupted { error } } else { Aside::Failed { error } });
        self.flush();
    }

    /// Takes the file away: the run is complete and its record is written.
    /// A file that cannot be taken away is left over, and not read where there is a record.
    pub fn complete(self) {
        let Self { path, file, .. } = self;
        drop(file);
        let _ = std::fs::remove_file(path);
    }

    fn write_aside(&mut self, aside: &Aside) {
        self.line(&VersionedAside { schema_version: SCHEMA_VERSION, aside });
    }

    fn line(&mut self, value: &impl Serialize) {
        self.attempt(|file| {
            serde_json::to_writer(&mut *file, value)?;
            file.write_all(b"\n")
        });
    }

    fn flush(&mut self) {
        self.attempt(BufWriter::flush);
    }

    fn attempt(&mut self, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
        let Some(file) = self.file.as_mut() else { return };
        if let Err(error) = write(file) {
            self.lost(&error);
        }
    }

    /// Gives up: what is left of the disk belongs to the checkpoints.
    fn lost(&mut self, error: &io::Error) {
        if let Some(file) = self.file.take() {
            // Without its buffer, which would be written once more.
            let _ = file.into_parts();
            let _ = std::fs::remove_file(&self.path);
        }
        let path = self.path.display();
        self.inner.note(&format!(
            "note: {path} cannot be written ({error}); the run goes on, but not to be followed"
        ));
    }
}

impl Reporter for Live<'_> {
    fn begin(&mut self, title: &str, stop: &Stop) -> Result<()> {
        self.inner.begin(title, stop)
    }

    fn event(&mut self, event: &Event) -> Result<()> {
        if !matches!(event, Event::Decision { .. }) {
            self.line(&Versioned::new(event));
        }
        self.inner.event(event)
    }

    fn aside(&mut self, aside: &Aside) -> Result<()> {
        self.write_aside(aside);
        self.inner.aside(aside)
    }

    fn progress(&mut self, status: &Status) {
        if self.written.is_none_or(|written| written.elapsed() >= EVERY) {
            self.written = Some(Instant::now());
            self.write_aside(&Aside::Moment(status.moment()));
            self.flush();
        }
        self.inner.progress(status);
    }

    fn note(&mut self, text: &str) {
        self.inner.note(text);
    }

    fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        self.inner.answer(answer)
    }

    fn failure(&mut self, error: &Error) {
        self.inner.failure(error);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::super::line::Line;
    use super::*;

    /// Keeps what it is told.
    #[derive(Default)]
    struct Ear {
        events: usize,
        notes: Vec<String>,
    }

    impl Reporter for Ear {
        fn event(&mut self, _event: &Event) -> Result<()> {
            self.events += 1;
            Ok(())
        }
        fn progress(&mut self, _status: &Status) {}
        fn note(&mut self, text: &str) {
            self.notes.push(text.to_owned());
        }
        fn answer(&mut self, _answer: &dyn Answer) -> Result<()> {
            Ok(())
        }
        fn failure(&mut self, _error: &Error) {}
    }

    fn events() -> [Event; 3] {
        [
            Event::Stage { name: "training".into(), tasks: 1 },
            Event::TaskStarted { task: "a".into(), steps: 10 },
            Event::Scalar { task: "a".into(), step: 1, name: "train_loss".into(), value: f64::NAN },
        ]
    }

    fn written(path: &Path) -> Vec<Line> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn events_and_moments_are_written_and_passed_on() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("live.jsonl");
        std::fs::write(&path, "of an earlier process\n".repeat(1000)).unwrap();
        let mut ear = Ear::default();
        let mut live = Live::begin(path.clone(), &mut ear);
        let mut status = Status::new();
        for event in events() {
            status.event(&event);
            live.event(&event).unwrap();
        }
        status.step("a", 7);
        live.progress(&status);
        live.ended(&Error::Interrupted { directory: place.path().to_owned(), halfway: 0 });
        assert_eq!((ear.events, ear.notes.len()), (3, 0));
        let lines = written(&path);
        assert!(matches!(lines[0], Line::Aside(Aside::Live { .. })));
        assert_eq!(lines[1], Line::Event(Box::new(events()[0].clone())));
        assert!(
            matches!(&lines[3], Line::Event(event) if matches!(**event, Event::Scalar { value, .. } if value.is_nan()))
        );
        let Line::Aside(Aside::Moment(moment)) = &lines[4] else { panic!("{lines:?}") };
        assert_eq!(moment.steps, BTreeMap::from([("a".to_owned(), 7)]));
        assert!(matches!(&lines[5], Line::Aside(Aside::Interrupted { error }) if error.contains("resume")));
    }

    #[test]
    fn a_complete_run_leaves_no_file_and_a_lost_one_is_told_once() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("live.jsonl");
        let mut ear = Ear::default();
        Live::begin(path.clone(), &mut ear).complete();
        assert!(!path.exists());
        let nowhere = place.path().join("no such folder/live.jsonl");
        let mut live = Live::begin(nowhere, &mut ear);
        for event in events() {
            live.event(&event).unwrap();
        }
        live.complete();
        assert_eq!((ear.events, ear.notes.len()), (3, 1), "{:?}", ear.notes);
    }
}
