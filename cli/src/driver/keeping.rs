//! What the driver keeps on disk: finished tasks, and where those under way stand. The first must be written or the run
//! ends; the second may fail, which is said.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use switchyard::experiment::{Event, Outcome, Saved, Task};

use super::Driver;
use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::halfway::{self, Halfway};
use crate::reporter::Reporter;
use crate::watch::Aside;

impl Driver<'_> {
    /// Where a task stands that was saved half-way; what it reported until then is passed on once more.
    pub(super) fn take_up(&mut self, task: &Task, reporter: &mut dyn Reporter) -> Result<Option<Saved>> {
        let Some(path) = self.restored.halfway.remove(&task.name) else { return Ok(None) };
        let Halfway { saved, events, build, .. } = Halfway::read(&path, &self.job.identity)?;
        if build != switchyard::BUILD {
            let (name, path, now) = (&task.name, path.display(), switchyard::BUILD);
            reporter.note(&format!(
                "note: {path} was saved by build {build}, this is {now}; the results of `{name}` may differ"
            ));
        }
        self.halfway.insert(task.name.clone(), path);
        self.take_in(&task.name, events, reporter)?;
        self.status.goes_on(&task.name, saved.step);
        let (name, step, steps) = (task.name.clone(), saved.step, task.steps);
        reporter.aside(&Aside::GoesOn { task: name, step, steps })?;
        Ok(Some(saved))
    }

    /// Saves a finished task; then what was saved of its way goes.
    pub(super) fn save(&mut self, task: &str, last: &[Event], outcome: Outcome) -> Result<Outcome> {
        let before = self.events.get(task).into_iter().flatten();
        let events = before.chain(last).cloned().collect();
        let checkpoint = Checkpoint { task: task.to_owned(), outcome, events };
        let place = self.job.directory.checkpoints();
        let has_way = self.halfway.remove(task).is_some();
        let write = || checkpoint.write(&place, &self.job.identity);
        let clear = || halfway::remove(&place, task);
        in_its_place(write, clear)?;
        if has_way {
            // What cannot be removed is of a finished task: it is not read, and removed when the run goes on.
            let _ = clear();
        }
        Ok(checkpoint.outcome)
    }

    /// Saves where a task stands, and then removes older files of it. If that fails, the run goes on.
    pub(super) fn save_halfway(
        &mut self,
        task: &str,
        (saved, took): (&Saved, Duration),
        reporter: &mut dyn Reporter,
    ) -> Result<()> {
        let began = Instant::now();
        let (path, bytes) = match self.write_halfway(task, saved) {
            Ok(written) => written,
            Err(error) => return self.warn(self.not_saved(task, &error.to_string()), reporter),
        };
        self.halfway.insert(task.to_owned(), path);
        let seconds = (took + began.elapsed()).as_secs_f64();
        reporter.aside(&Aside::Saved { task: task.to_owned(), step: saved.step, bytes, seconds })?;
        let place = self.job.directory.checkpoints();
        match halfway::rotate(&place, task, saved.step, self.job.saving.keep) {
            Ok(()) => self.is_warned = false,
            Err(error) => {
                let text =
                    format!("older files of `{task}` in {} cannot be removed: {error}", place.display());
                self.warn(text, reporter)?;
            }
        }
        Ok(())
    }

    pub(super) fn write_halfway(&self, task: &str, saved: &Saved) -> io::Result<(PathBuf, u64)> {
        let events = self.events.get(task).map(Vec::as_slice).unwrap_or_default();
        halfway::write(&self.job.directory.checkpoints(), &self.job.identity, (task, events), saved)
    }

    /// The sentence about a task whose state could not be saved.
    pub(super) fn not_saved(&self, task: &str, problem: &str) -> String {
        let kept = match self.halfway.get(task) {
            Some(path) => format!("its newest file, {}, is kept", path.display()),
            None => "there is no file of it yet".to_owned(),
        };
        format!(
            "where `{task}` stands cannot be saved in {} ({problem}); {kept}, finished tasks are kept, and the run goes \
             on. Make room, or make the folder writable; it is tried again",
            self.job.directory.checkpoints().display()
        )
    }

    /// Warns once of what cannot be saved, and again when the run is stopped.
    pub(super) fn warn(&mut self, text: String, reporter: &mut dyn Reporter) -> Result<()> {
        if self.is_warned && !self.stopping() {
            return Ok(());
        }
        self.is_warned = true;
        reporter.aside(&Aside::Caution { text })
    }
}

/// Writes a finished task. Where the disk is full, what was saved of its way makes room: the task is more than its way.
fn in_its_place(write: impl Fn() -> Result<()>, clear: impl FnOnce() -> io::Result<()>) -> Result<()> {
    write().or_else(|error| if error.is_about_room() && clear().is_ok() { write() } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;

    use super::*;
    use crate::error::Error;

    fn failed(kind: io::ErrorKind) -> Result<()> {
        Err(Error::write(Path::new("checkpoint"))(kind.into()))
    }

    #[test]
    fn on_a_full_disk_the_way_makes_room_for_the_task() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let room = Cell::new(false);
            let write = || if room.get() { Ok(()) } else { failed(kind) };
            let clear = || {
                room.set(true);
                Ok(())
            };
            assert!(in_its_place(write, clear).is_ok());
            assert!(room.get());
        }
    }

    #[test]
    fn the_way_stays_where_room_is_not_what_is_missing() {
        let cleared = Cell::new(false);
        let write = || failed(io::ErrorKind::PermissionDenied);
        let clear = || {
            cleared.set(true);
            Ok(())
        };
        assert!(in_its_place(write, clear).is_err());
        assert!(!cleared.get());
        let full = || failed(io::ErrorKind::StorageFull);
        assert!(in_its_place(full, || Err(io::ErrorKind::PermissionDenied.into())).is_err());
        assert!(in_its_place(full, || Ok(())).is_err(), "there is still no room");
    }
}
