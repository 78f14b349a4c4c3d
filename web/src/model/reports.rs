//! What the page does when a worker reports, or no longer does.

use super::{Effect, Engine, Model, Pane, Problem};
use crate::protocol::{Activity, Command, Failure, Report, Status};

impl Model {
    /// Takes a report in. One of a run that is no longer shown is left unread.
    pub(super) fn hear(&mut self, slot: usize, run: u32, report: Report, effects: &mut Vec<Effect>) {
        let Some(pane) = self.panes.get_mut(slot) else { return };
        if run != pane.run {
            return;
        }
        match report {
            // The worker's own greeting, which the page has read before it sent anything; and what one says of a file.
            Report::Loaded { .. } | Report::Inspected { .. } => {}
            Report::Ready { status, probes, .. } => {
                pane.engine = Engine::Open;
                pane.probes = probes;
                pane.status = Some(status);
                if self.playing {
                    self.start_when_ready(effects);
                }
            }
            Report::Tick { status, scalars } => {
                pane.take_status(status);
                for scalar in scalars {
                    if let Some(value) = scalar.value {
                        pane.scalars.insert(scalar.name, value);
                    }
                }
            }
            Report::Views { step, views } => {
                // The recording's pictures stay until the run's own, of the same names, are there.
                pane.recorded = false;
                pane.show(views);
                pane.moments.keep(step, &pane.views);
                effects.push(Effect::Send { slot, run, command: Command::Acknowledge });
                let again = pane.ask_again();
                effects.extend(again.map(|command| Effect::Send { slot, run, command }));
            }
            Report::Notes { notes } => notes.into_iter().for_each(|note| pane.note(note)),
            Report::Answered { id, answer } => {
                effects.extend(pane.take_answer(id, answer).map(Effect::Announce));
            }
            Report::Stopped { status, digest } => self.stop(slot, status, digest, effects),
            Report::Done { verdict, sentence, .. } => {
                pane.conclusion = Some((verdict, sentence.clone()));
                effects.push(Effect::Announce(format!("The run is complete. {sentence}")));
            }
            Report::Exported { text } => {
                let name = format!("{}-seed-{}.jsonl", pane.preset, self.checked.seed());
                effects.push(Effect::Save { name, text });
            }
            Report::Failed { code, message, key } => self.fail(slot, code, message, key, effects),
        }
    }

    /// A recorded run is shown until the worker is there.
    pub fn show_recorded(&mut self, report: Report) {
        let Some(pane) = self.panes.first_mut().filter(|pane| pane.engine == Engine::Loading) else { return };
        pane.recorded = true;
        match report {
            Report::Views { views, .. } => pane.show(views),
            Report::Tick { status, .. } => pane.status = Some(status),
            _ => {}
        }
    }

    /// Sends the runs off once every one of them is open.
    fn start_when_ready(&mut self, effects: &mut Vec<Effect>) {
        if self.panes.iter().all(|pane| pane.engine != Engine::Loading) {
            self.go(effects);
        }
    }

    fn stop(&mut self, slot: usize, status: Status, digest: String, effects: &mut Vec<Effect>) {
        let Some(pane) = self.panes.get_mut(slot) else { return };
        let (step, complete) = (status.step, status.activity == Activity::Complete);
        pane.take_status(status);
        if slot == 0
            && let Some(replay) =
                self.promise.as_ref().and_then(|promise| promise.keep(step, &digest, complete))
        {
            pane.replay = Some(replay);
            effects.push(Effect::Announce(format!("{}. {}", replay.words(), replay.meaning())));
        }
        pane.stopped = Some((step, digest));
        if self.arrived(effects) && self.panes.iter().all(Pane::stands) {
            self.playing = false;
            self.until = None;
        }
    }

    fn fail(
        &mut self,
        slot: usize,
        code: Failure,
        message: String,
        key: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        if code == Failure::Build {
            effects.push(Effect::Reload);
        }
        effects.push(Effect::Announce(message.clone()));
        self.playing = false;
        if let Some(pane) = self.panes.get_mut(slot) {
            pane.engine = Engine::Failed(Problem { code: Some(code), message, key });
        }
    }

    /// A worker is gone: says so, and keeps what was seen.
    pub(super) fn lose(&mut self, slot: usize, message: &str, effects: &mut Vec<Effect>) {
        let Some(pane) = self.panes.get_mut(slot) else { return };
        let message = if message.is_empty() {
            "The engine of this run does not answer any more.".to_owned()
        } else {
            format!("The engine of this run broke off: {message}.")
        };
        effects.push(Effect::Close { slot });
        effects.push(Effect::Announce(message.clone()));
        pane.engine = Engine::Failed(Problem { code: None, message, key: None });
        self.playing = false;
    }
}

impl Pane {
    fn take_status(&mut self, status: Status) {
        if status.rate.is_some() {
            self.rate = status.rate;
        }
        if status.activity == Activity::Running {
            self.stopped = None;
        }
        self.status = Some(status);
    }

    fn stands(&self) -> bool {
        self.status.as_ref().is_none_or(|status| status.activity != Activity::Running) || !self.is_open()
    }
}
