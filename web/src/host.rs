//! What the worker does: it holds one run, advances it in slices of a few milliseconds, and answers between them.
//!
//! It knows no browser and no clock: who drives it gives it the time and passes messages on. So a test can drive it
//! natively, and a slow page can be played to it.

mod data;
mod slice;

use burn::tensor::Device;
use switchyard::Error;
use switchyard::experiment::event::Versioned;
use switchyard::experiment::relay::Relay;
use switchyard::experiment::{Checked, Event, Link, Registry, Session, Showing};

use crate::protocol::{Activity, Command, Envelope, Failure, OwnData, Report, Status, VERSION};

pub use slice::Rest;

/// The longest text of events that is kept for [`Command::Export`], in events; beyond, scalars are thinned.
const MOST_EVENTS: usize = 200_000;

/// One run, and who it reports to.
pub struct Host {
    registry: Registry,
    run: u32,
    sequence: u64,
    outbox: Vec<Envelope<Report>>,
    open: Option<Open>,
    device: Device,
}

/// A run that is open.
struct Open {
    checked: Checked,
    session: Session,
    goal: Goal,
    /// Every event so far.
    record: Vec<Event>,
    relay: Relay,
    pictures: Pictures,
    timing: slice::Timing,
}

/// What the run is to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Goal {
    Stand,
    Run { until: Option<u64>, pace: Option<f64> },
}

/// Whether the page waits for pictures, and whether there are new ones.
#[derive(Debug, Default)]
struct Pictures {
    /// Sent and not yet acknowledged.
    under_way: bool,
    /// Something has changed since the last ones.
    stale: bool,
}

impl Host {
    /// A host of these labs, without a run. Its first report says that it is loaded.
    pub fn new(registry: Registry) -> Self {
        let device = Device::flex();
        let mut host = Self { registry, run: 0, sequence: 0, outbox: Vec::new(), open: None, device };
        host.report(Report::Loaded { protocol: VERSION, build: switchyard::BUILD.to_owned() });
        host
    }

    /// The reports since this was last asked, in order.
    pub fn drain(&mut self) -> Vec<Envelope<Report>> {
        std::mem::take(&mut self.outbox)
    }

    /// Whether there is something to train right now.
    pub fn is_running(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.goal != Goal::Stand)
    }

    /// Takes a message in, as text; `now` is in milliseconds.
    pub async fn receive(&mut self, text: &str, now: f64) {
        match Envelope::<Command>::from_text(text) {
            Ok(Envelope { run, body: command @ Command::Init { .. }, .. }) => {
                self.run = run;
                self.sequence = 0;
                self.open(command).await;
            }
            Ok(envelope) if envelope.run != self.run => {}
            Ok(envelope) => self.obey(envelope.body, now).await,
            Err(problem) => self.fail(
                Failure::Message,
                format!("A message from the page could not be read ({problem}). Reload the page."),
                None,
            ),
        }
    }

    /// Opens a run, or says why not.
    async fn open(&mut self, command: Command) {
        self.open = None;
        let Command::Init { protocol, build, experiment, data } = command else { return };
        if protocol != VERSION || build != switchyard::BUILD {
            let message = format!(
                "The page is of build {build} and its engine of build {}. Reload the page.",
                switchyard::BUILD
            );
            return self.fail(Failure::Build, message, None);
        }
        match Open::new(self.registry, &experiment, data.as_ref(), &self.device) {
            Ok(open) => {
                let experiment = open.fragment(self.registry);
                let (status, probes) = (open.status(None), open.checked.lab().probes(&open.checked));
                self.open = Some(open);
                let build = switchyard::BUILD.to_owned();
                self.report(Report::Ready { build, experiment, status, probes });
                self.gather();
                self.show().await;
            }
            Err((code, error)) => self.fail(code, error.to_string(), key_of(&error)),
        }
    }

    async fn obey(&mut self, command: Command, now: f64) {
        let Some(open) = &mut self.open else { return };
        match command {
            Command::Run { until, pace } => {
                open.timing.start(now);
                open.goal = Goal::Run { until, pace };
            }
            Command::Step { count } => {
                open.timing.start(now);
                open.goal = Goal::Run { until: Some(open.session.steps().saturating_add(count)), pace: None };
            }
            Command::Pause if open.session.is_measuring() => {
                open.goal = Goal::Run { until: Some(open.session.steps()), pace: None };
            }
            Command::Pause => self.stand().await,
            Command::Acknowledge => {
                open.pictures.under_way = false;
                if open.goal == Goal::Stand && open.pictures.stale {
                    self.show().await;
                }
            }
            Command::Probe { id, probe } => {
                let answer = open.session.probe(&probe).await.map_err(|error| error.to_string());
                self.report(Report::Answered { id, answer });
            }
            Command::Export => {
                let text = open.lines();
                self.report(Report::Exported { text });
            }
            Command::Dispose => self.open = None,
            // `receive` opens runs itself, and files are for another worker.
            Command::Init { .. } | Command::Inspect { .. } => {}
        }
    }

    /// Stops between two steps, and says where.
    async fn stand(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.goal = Goal::Stand;
        let digest = match open.session.digest() {
            Some(digest) => Ok(digest.to_owned()),
            None => open.session.state_digest().await,
        };
        let status = open.status(None);
        let tick = open.relay.tick(status.clone());
        self.report(tick);
        match digest {
            Ok(digest) => self.report(Report::Stopped { status, digest }),
            Err(error) => self.fail(Failure::Training, error.to_string(), None),
        }
        self.show().await;
    }

    /// Sends pictures, unless the last ones are still under way.
    async fn show(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.pictures.stale = true;
        if open.pictures.under_way {
            return;
        }
        match open.session.look().await {
            Ok(views) => {
                open.pictures = Pictures { under_way: true, stale: false };
                let step = open.session.steps();
                self.report(Report::Views { step, views });
            }
            Err(error) => {
                open.goal = Goal::Stand;
                self.fail(Failure::Training, error.to_string(), None);
            }
        }
    }

    /// Takes in what the session reported: keeps it, and passes on what is no scalar.
    fn gather(&mut self) {
        let Some(open) = &mut self.open else { return };
        let events = open.session.drain();
        let due = open.take_in(events);
        due.into_iter().for_each(|report| self.report(report));
    }

    fn report(&mut self, body: Report) {
        self.outbox.push(Envelope { run: self.run, sequence: self.sequence, body });
        self.sequence += 1;
    }

    fn fail(&mut self, code: Failure, message: String, key: Option<String>) {
        self.report(Report::Failed { code, message, key });
    }
}

impl Open {
    fn new(
        registry: Registry,
        experiment: &str,
        data: Option<&OwnData>,
        device: &Device,
    ) -> Result<Self, (Failure, Error)> {
        let refused = |error| (Failure::Refused, error);
        let link = Link::parse(&registry, experiment).map_err(refused)?;
        let checked = registry.check(&link.experiment).map_err(refused)?;
        let data = data.map(data::own_data).transpose().map_err(|error| (Failure::Data, error))?;
        let mut session = Session::open_with(&checked, data.as_ref()).map_err(refused)?;
        session.demand().map_or(Ok(()), |demand| demand.fits_a_tab()).map_err(refused)?;
        session.prepare(device).map_err(|error| (Failure::Training, error))?;
        Ok(Self {
            checked,
            session,
            goal: Goal::Stand,
            record: Vec::new(),
            relay: Relay::default(),
            pictures: Pictures::default(),
            timing: slice::Timing::default(),
        })
    }

    fn fragment(&self, registry: Registry) -> String {
        let link = registry.link(&self.checked, Showing::default());
        // It was read from a link that was no shorter, so it is short enough.
        link.map(|link| link.fragment()).unwrap_or_default()
    }

    fn status(&self, rate: Option<f64>) -> Status {
        let running = matches!(self.goal, Goal::Run { .. });
        let activity = if running { Activity::Running } else { Activity::Paused };
        self.relay.status(&self.session, activity, rate)
    }

    /// Keeps events; returns the reports that are due at once.
    fn take_in(&mut self, events: Vec<Event>) -> Vec<Report> {
        let due = self.relay.take_in(&events);
        let full = self.record.len() >= MOST_EVENTS;
        self.record
            .extend(events.into_iter().filter(|event| !full || !matches!(event, Event::Scalar { .. })));
        due
    }

    /// Every event so far as JSON Lines, as the command line writes them.
    fn lines(&self) -> String {
        let line =
            |event| serde_json::to_string(&Versioned::new(event)).map(|line| line + "\n").unwrap_or_default();
        self.record.iter().map(line).collect()
    }
}

/// The field that an error is about.
fn key_of(error: &Error) -> Option<String> {
    match error {
        Error::UnknownKey { key, .. }
        | Error::DuplicateKey { key }
        | Error::WrongType { key, .. }
        | Error::OutOfRange { key, .. }
        | Error::Inconsistent { key, .. } => Some(key.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
