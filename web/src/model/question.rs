//! Questions to a run and their answers. Only the newest question counts; one about an architecture is asked again as
//! the run goes on, so that its pictures, in the place of the run's own, go on too.

use std::collections::BTreeMap;
use std::rc::Rc;

use switchyard::experiment::{Answer, Probe, View};

use super::Pane;
use crate::protocol::Command;

/// What was asked of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Questions {
    /// How many there were: the last one's number.
    count: u32,
    /// The last one.
    last: Option<Probe>,
    /// Whether its answer is still to come.
    open: bool,
    /// Whether it was asked again by the page itself, whose answers are not said aloud.
    again: bool,
    /// The answer's pictures that stand in the place of the run's own, by name.
    pub(super) shown: BTreeMap<String, Rc<View>>,
}

impl Pane {
    /// A question of the reader.
    pub(super) fn ask(&mut self, probe: Probe) -> Command {
        self.questions.again = false;
        self.questions.last = Some(probe.clone());
        self.question(probe)
    }

    /// The last question once more, if it is one that stays open and its answer is shown.
    pub(super) fn ask_again(&mut self) -> Option<Command> {
        if self.questions.open || self.answer.is_none() {
            return None;
        }
        let probe = self.questions.last.clone().filter(|probe| matches!(probe, Probe::Choices { .. }))?;
        self.questions.again = true;
        Some(self.question(probe))
    }

    fn question(&mut self, probe: Probe) -> Command {
        self.questions.count += 1;
        self.questions.open = true;
        Command::Probe { id: self.questions.count, probe }
    }

    /// Takes an answer in; gives what is to be said aloud.
    pub(super) fn take_answer(&mut self, id: u32, answer: Result<Answer, String>) -> Option<String> {
        if id != self.questions.count {
            return None;
        }
        self.questions.open = false;
        let aloud = !self.questions.again;
        match answer {
            Ok(mut answer) => {
                let (shown, beneath) =
                    answer.views.into_iter().partition(|view: &View| self.views.contains_key(&view.name));
                answer.views = beneath;
                let by_name = |view: View| (view.name.clone(), Rc::new(view));
                self.questions.shown = Vec::into_iter(shown).map(by_name).collect();
                let sentence = answer.sentence.clone();
                self.answer = Some(Rc::new(answer));
                aloud.then_some(sentence)
            }
            Err(reason) => {
                if !aloud {
                    self.close_answer();
                }
                aloud.then_some(reason)
            }
        }
    }

    /// Shows the run's own pictures again.
    pub(super) fn close_answer(&mut self) {
        self.answer = None;
        self.questions.last = None;
        self.questions.shown.clear();
    }
}
