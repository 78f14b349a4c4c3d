//! Training between two messages: a few milliseconds at a time, at the pace asked for.

use switchyard::experiment::Event;

use super::{Goal, Host, Open};
use crate::protocol::{Failure, HEARTBEAT_MILLISECONDS};

/// How long a slice trains before it lets messages in, in milliseconds.
const SLICE: f64 = 10.0;
/// The page hears of progress at most this often.
const TICK: f64 = 100.0;
/// The window over which the rate is measured.
const WINDOW: f64 = 1_000.0;

/// What to do after a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rest {
    /// Let messages in, then go on at once.
    Yield,
    /// Nothing to do for so many milliseconds, unless a message comes.
    Wait(f64),
}

/// When things happened, in milliseconds.
#[derive(Debug, Default)]
pub(super) struct Timing {
    last_tick: f64,
    last_views: f64,
    /// When the rate's window began, and the step at which it did.
    window: Option<(f64, u64)>,
    rate: Option<f64>,
    /// When the next step is due, at a given pace.
    due: Option<f64>,
}

impl Timing {
    /// The run starts to run.
    pub fn start(&mut self, now: f64) {
        self.window = None;
        self.rate = None;
        self.due = Some(now);
    }

    fn measure(&mut self, now: f64, step: u64) {
        match self.window {
            Some((since, from)) if now - since >= WINDOW / 2.0 => {
                self.rate = Some((step - from) as f64 * 1_000.0 / (now - since));
                if now - since >= WINDOW {
                    self.window = Some((now, step));
                }
            }
            Some(_) => {}
            None => self.window = Some((now, step)),
        }
    }
}

impl Host {
    /// Trains for a few milliseconds, if there is something to train. `clock` gives milliseconds.
    pub async fn slice(&mut self, clock: &dyn Fn() -> f64) -> Rest {
        let start = clock();
        while self.is_running() {
            let Some(open) = &mut self.open else { break };
            if let Some(wait) = open.not_yet_due(clock()) {
                self.tick(clock()).await;
                return Rest::Wait(wait.min(TICK));
            }
            if open.reached() {
                self.stand().await;
                break;
            }
            let Host { open: Some(open), device, .. } = self else { break };
            match open.session.step(device, 1).await {
                Ok(events) => self.note(events),
                Err(error) => {
                    open.goal = Goal::Stand;
                    self.fail(Failure::Training, error.to_string(), None);
                    self.stand().await;
                }
            }
            if clock() - start >= SLICE {
                break;
            }
        }
        self.tick(clock()).await;
        if self.is_running() { Rest::Yield } else { Rest::Wait(f64::from(HEARTBEAT_MILLISECONDS)) }
    }

    fn note(&mut self, events: Vec<Event>) {
        let Some(open) = &mut self.open else { return };
        if let Goal::Run { pace: Some(pace), .. } = open.goal {
            open.timing.due = open.timing.due.map(|due| due + 1_000.0 / pace);
        }
        let due = open.take_in(events);
        due.into_iter().for_each(|report| self.report(report));
    }

    /// Tells how far it is, and shows it, neither too often.
    async fn tick(&mut self, now: f64) {
        let running = self.is_running();
        let Some(open) = &mut self.open else { return };
        if running {
            open.timing.measure(now, open.session.steps());
        }
        let pause = if running { TICK } else { f64::from(HEARTBEAT_MILLISECONDS) };
        if now - open.timing.last_tick >= pause {
            open.timing.last_tick = now;
            let rate = if running { open.timing.rate } else { None };
            let status = open.status(rate);
            let tick = open.relay.tick(status);
            self.report(tick);
        }
        let Some(open) = &mut self.open else { return };
        if running && now - open.timing.last_views >= TICK {
            open.timing.last_views = now;
            self.show().await;
        }
    }
}

impl Open {
    /// How long it is until the next step is due, if it is not due yet.
    fn not_yet_due(&mut self, now: f64) -> Option<f64> {
        let Goal::Run { pace: Some(pace), .. } = self.goal else { return None };
        if self.session.is_measuring() {
            return None;
        }
        let due = self.timing.due.unwrap_or(now);
        // A tab that was in the background does not make up for what it missed.
        self.timing.due = Some(due.max(now - 1_000.0 / pace));
        (due > now).then_some(due - now)
    }

    /// Whether the run is where it was to go.
    fn reached(&self) -> bool {
        let Goal::Run { until, .. } = self.goal else { return true };
        let is_there = until.is_some_and(|until| self.session.steps() >= until);
        self.session.is_complete() || (is_there && !self.session.is_measuring())
    }
}
