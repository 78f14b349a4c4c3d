//! `switchyard record`: the first steps of a run as a page would be told of them, one message a line.
//!
//! A page can play the recording before the program that trains has arrived. Pictures may be thinned to keep the file
//! small; the steps and the numbers measured are those of the run.

use std::path::{Path, PathBuf};

use burn::prelude::Device;
use serde_json::{Value, json};
use switchyard::experiment::message::{Activity, Envelope, Report};
use switchyard::experiment::relay::Relay;
use switchyard::experiment::{Checked, Registry, Session, Showing, View};

use crate::arguments::RecordArguments;
use crate::device::DeviceName;
use crate::error::{Error, Result};
use crate::reporter::{Answer, Reporter, Style};
use crate::thinning::{Thinning, rounded};
use crate::{atomic, source};

/// Records the first steps of a run.
///
/// # Errors
/// When the experiment is not valid, its training fails, or the file cannot be written.
pub fn record(arguments: &RecordArguments, reporter: &mut dyn Reporter) -> Result<()> {
    let registry = Registry::standard();
    let named = &arguments.experiment;
    let found = source::resolve(&registry, &named.experiment, &named.set, named.seed)?;
    let until = found.link.as_ref().and_then(|link| link.until);
    let steps = arguments.steps.or(until).ok_or_else(|| Error::Usage {
        problem: "how many steps are to be recorded? Say it with `--steps N`".to_owned(),
    })?;
    refuse_what_is_no_recording(&arguments.out)?;
    let thinning = Thinning {
        cells: arguments.cells.map(usize::from),
        points: arguments.points.map(usize::from),
        digits: arguments.digits.map(usize::from),
    };
    let recording = Recording::begin(&found.checked, DeviceName::Flex.open()?, thinning)?;
    let recording = pollster::block_on(recording.run(steps, arguments.every))?;
    atomic::write(&arguments.out, recording.lines.as_bytes()).map_err(Error::write(&arguments.out))?;
    reporter.answer(&Recorded {
        file: arguments.out.clone(),
        steps: recording.session.steps(),
        messages: recording.sequence,
        bytes: recording.lines.len(),
    })
}

/// Only an older recording is replaced.
fn refuse_what_is_no_recording(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::data(path, "this is a directory; name a file with `--out`"));
    }
    let Ok(bytes) = std::fs::read(path) else { return Ok(()) };
    let first = String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned();
    match Envelope::<Report>::from_text(&first) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(Error::data(path, "this file is there already and is no recording; nothing was changed"))
        }
    }
}

/// A recording under way.
struct Recording {
    session: Session,
    relay: Relay,
    device: Device,
    thinning: Thinning,
    /// The views as they were last told: one that has not changed is not told again.
    told: Vec<View>,
    lines: String,
    sequence: u64,
}

impl Recording {
    fn begin(checked: &Checked, device: Device, thinning: Thinning) -> Result<Self> {
        let experiment = Registry::standard().link(checked, Showing::default())?.fragment();
        let mut session = Session::open(checked)?;
        session.prepare(&device)?;
        let (relay, told, lines) = (Relay::default(), Vec::new(), String::new());
        let mut recording = Self { session, relay, device, thinning, told, lines, sequence: 0 };
        let status = recording.relay.status(&recording.session, Activity::Paused, None);
        let probes = checked.lab().probes(checked);
        let build = switchyard::BUILD.to_owned();
        recording.tell(Report::Ready { build, experiment, status, probes })?;
        Ok(recording)
    }

    /// Goes on by `steps` steps, or to the end, and looks at the pictures every so many steps.
    async fn run(mut self, steps: u64, every: u64) -> Result<Self> {
        let events = self.session.drain();
        self.take_in(&events)?;
        self.look().await?;
        while self.session.steps() < steps && !self.session.is_complete() {
            let events = self.session.step(&self.device, 1).await?;
            self.take_in(&events)?;
            if self.session.steps().is_multiple_of(every) {
                let status = self.relay.status(&self.session, Activity::Running, None);
                let tick = self.relay.tick(status);
                self.tell(tick)?;
                self.look().await?;
            }
        }
        let digest = match self.session.digest() {
            Some(digest) => digest.to_owned(),
            None => self.session.state_digest().await?,
        };
        let status = self.relay.status(&self.session, Activity::Paused, None);
        self.tell(Report::Stopped { status, digest })?;
        Ok(self)
    }

    fn take_in(&mut self, events: &[switchyard::experiment::Event]) -> Result<()> {
        self.relay.take_in(events).into_iter().try_for_each(|report| self.tell(report))
    }

    async fn look(&mut self) -> Result<()> {
        let mut views = self.session.look().await?;
        views.iter_mut().for_each(|view| self.thinning.thin(view));
        views.retain(|view| !self.told.contains(view));
        self.told.retain(|old| views.iter().all(|view| view.name != old.name));
        self.told.extend(views.iter().cloned());
        let step = self.session.steps();
        self.tell(Report::Views { step, views })
    }

    fn tell(&mut self, body: Report) -> Result<()> {
        let pictures = matches!(body, Report::Views { .. } | Report::Notes { .. });
        let envelope = Envelope { run: 0, sequence: self.sequence, body };
        let mut value = serde_json::to_value(&envelope).map_err(|error| Error::Unexpected {
            problem: format!("a message of this run cannot be written: {error}"),
        })?;
        if let Some(digits) = self.thinning.digits.filter(|_| pictures) {
            rounded(&mut value, digits);
        }
        self.lines += &value.to_string();
        self.lines.push('\n');
        self.sequence += 1;
        Ok(())
    }
}

struct Recorded {
    file: PathBuf,
    steps: u64,
    messages: u64,
    bytes: usize,
}

impl Answer for Recorded {
    fn text(&self, _style: Style) -> String {
        format!(
            "recording  {}\nsteps      {}\nmessages   {}\nsize       {:.0} kB\n",
            self.file.display(),
            self.steps,
            self.messages,
            self.bytes as f64 / 1000.0
        )
    }

    fn json(&self) -> Value {
        json!({ "file": self.file, "steps": self.steps, "messages": self.messages, "bytes": self.bytes })
    }

    fn brief(&self) -> String {
        self.file.display().to_string()
    }
}
