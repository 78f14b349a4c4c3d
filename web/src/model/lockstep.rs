//! Two runs in step: each is sent a little further, and the next stretch begins when both have arrived. So whatever
//! is seen is seen at the same step of both.

use super::{Effect, Model};
use crate::protocol::{Activity, Command};

/// The first stretch, in steps; later ones follow the slower run's pace.
const FIRST_STRETCH: u64 = 5;
/// How many stretches there should be in a second.
const STRETCHES: f64 = 8.0;

/// Where both runs are to arrive.
#[derive(Debug, Clone, Default)]
pub(super) struct Lockstep {
    target: Option<u64>,
    stretch: Option<u64>,
}

impl Model {
    /// Sends both runs off to the next common step.
    pub(super) fn advance_in_step(&mut self, effects: &mut Vec<Effect>) {
        let open: Vec<u64> = self
            .panes
            .iter()
            .filter(|pane| pane.is_open() && !pane.is_complete())
            .filter_map(|pane| pane.status.as_ref())
            .map(|status| status.step)
            .collect();
        let Some(furthest) = open.iter().copied().max() else { return };
        let behind = open.iter().any(|step| *step < furthest);
        let stretch = match self.pace {
            // Slow motion shows every step.
            Some(pace) if pace <= STRETCHES => 1,
            _ => self.lockstep.stretch.unwrap_or(FIRST_STRETCH),
        };
        let mut target = if behind { furthest } else { furthest + stretch };
        if let Some(until) = self.until {
            target = target.min(until);
        }
        self.lockstep.target = Some(target);
        self.tell_all(&Command::Run { until: Some(target), pace: self.pace }, effects);
    }

    /// A run has stopped: goes on when both have arrived, and says whether this was more than a stop on the way.
    pub(super) fn arrived(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(target) = self.lockstep.target.filter(|_| self.playing && self.is_comparing()) else {
            return true;
        };
        let there = |pane: &super::Pane| {
            !pane.is_open()
                || pane.is_complete()
                || pane
                    .status
                    .as_ref()
                    .is_some_and(|status| status.activity != Activity::Running && status.step >= target)
        };
        if !self.panes.iter().all(there) {
            return false;
        }
        self.adapt();
        let at_goal = self.until.is_some_and(|until| target >= until) || !self.can_play();
        if at_goal {
            return true;
        }
        self.advance_in_step(effects);
        false
    }

    /// The next stretch takes about an eighth of a second of the slower run.
    fn adapt(&mut self) {
        let rates = self.panes.iter().filter_map(|pane| pane.rate);
        if let Some(slowest) = rates.reduce(f64::min) {
            self.lockstep.stretch = Some(((slowest / STRETCHES) as u64).clamp(1, 500));
        }
    }
}
