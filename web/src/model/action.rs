//! What can happen to the page, and what it then wants done.

use switchyard::experiment::{Experiment, Probe};

use super::{FileAction, Model, Pane};
use crate::lesson::{From, Go, RunRequest};
use crate::protocol::{Command, OwnData, Report};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The address is this fragment: at the start, or by Back and Forward.
    Navigate(String),
    /// A field was changed; `settled` when the control was let go.
    Set {
        /// The field's key, or `seed`.
        key: String,
        /// What was typed or chosen.
        text: String,
        /// Whether the control was let go.
        settled: bool,
    },
    /// Several fields at once, as a lesson offers.
    SetMany(Vec<(String, String)>),
    /// What a lesson offers was asked for: fields to set, and what the run does then.
    Perform {
        /// Fields to set, key and text.
        sets: Vec<(String, String)>,
        /// What the run does; it goes on as it was when nothing is said.
        run: Option<RunRequest>,
        /// A seed that nobody chose, for a new start.
        seed: u32,
    },
    /// A field of the second run was changed.
    SetVersus {
        /// The field's key, or `seed`.
        key: String,
        /// What was typed or chosen.
        text: String,
    },
    /// Another preset was chosen.
    Choose(String),
    /// A second run was asked for, or put away.
    Compare(bool),
    /// Run.
    Play,
    /// Pause.
    Pause,
    /// One step.
    Step,
    /// Back to the same start.
    Reset,
    /// Run to a step, then pause.
    RunTo(u64),
    /// Another pace, in steps a second.
    Pace(Option<f64>),
    /// A question, to the run of a slot.
    Ask(usize, Probe),
    /// A moment of the run of a slot is to be looked at, by its place; nothing for the present.
    Look(usize, Option<usize>),
    /// The answer was read.
    CloseAnswer(usize),
    /// Rows were drawn or uploaded, or taken away.
    Own(Option<OwnData>),
    /// Something about a file of routes.
    File(FileAction),
    /// Another lesson and step, or none.
    Lesson(Option<(String, usize)>),
    /// Every control is to be shown, or only a few.
    ShowAll(bool),
    /// A worker reports.
    Heard {
        /// The slot of its run.
        slot: usize,
        /// The run it speaks of; 0 before there is one.
        run: u32,
        /// What it says.
        report: Box<Report>,
    },
    /// A worker has fallen silent or broken.
    Lost {
        /// The slot of its run.
        slot: usize,
        /// What the browser said, if anything.
        message: String,
    },
    /// Start again from the link after a loss or a failure.
    Restart,
    /// What was seen is to be saved as JSON Lines.
    Export(usize),
}

/// Something that the page is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a run in the slot's worker; start a worker when there is none.
    Open {
        /// The slot.
        slot: usize,
        /// The run.
        run: u32,
        /// Whether its worker is the one that trains transformers.
        transformers: bool,
        /// The first message.
        init: Command,
    },
    /// Pass a message on.
    Send {
        /// The slot.
        slot: usize,
        /// The run.
        run: u32,
        /// The message.
        command: Command,
    },
    /// Have the file that was chosen read by a worker of its own, in place of one that reads already.
    ReadFile {
        /// What its reports name.
        run: u32,
        /// The message that goes with the file.
        command: Command,
    },
    /// End the worker that reads a file.
    EndReader,
    /// Forget the file, and end its worker.
    CloseFile,
    /// End the slot's worker.
    Close {
        /// The slot.
        slot: usize,
    },
    /// Write the address: a new entry of the history, or the present one.
    Address {
        /// From `#` on.
        fragment: String,
        /// Whether Back shall lead to what was before.
        push: bool,
    },
    /// Say something to who cannot see it.
    Announce(String),
    /// Page and worker are of different builds: load the page again, once.
    Reload,
    /// Offer a text as a file.
    Save {
        /// The file's name.
        name: String,
        /// The text.
        text: String,
    },
}

impl Model {
    /// Takes an action in, and says what is to be done.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        let mut effects = Vec::new();
        let to_do = &mut effects;
        match action {
            Action::Navigate(fragment) => self.navigate(&fragment, to_do),
            Action::Set { key, text, settled } => self.set(&key, &text, settled, to_do),
            Action::SetMany(sets) => self.set_many(&sets, to_do),
            Action::Perform { sets, run, seed } => self.perform(sets, run, seed, to_do),
            Action::SetVersus { key, text } => self.set_versus(&key, &text, to_do),
            Action::Choose(preset) => self.choose(&preset, to_do),
            Action::Compare(wanted) => self.compare(wanted, to_do),
            Action::Play => self.play(None, to_do),
            Action::RunTo(step) => self.play(Some(step), to_do),
            Action::Pause => self.pause(to_do),
            Action::Step => {
                self.playing = false;
                self.tell_all(&Command::Step { count: 1 }, to_do);
            }
            Action::Reset => {
                self.playing = false;
                self.until = None;
                self.reopen(to_do);
                to_do.push(Effect::Announce("Back at the same start.".to_owned()));
            }
            Action::Pace(pace) => {
                (self.pace, self.welcoming) = (pace, false);
                if self.playing {
                    self.go(to_do);
                }
            }
            Action::Ask(slot, probe) => self.ask(slot, probe, to_do),
            Action::Look(slot, place) => {
                if let Some(pane) = self.panes.get_mut(slot) {
                    pane.moments.look(place);
                }
            }
            Action::CloseAnswer(slot) => {
                if let Some(pane) = self.panes.get_mut(slot) {
                    pane.close_answer();
                }
            }
            Action::Own(data) => self.own(data, to_do),
            Action::File(action) => self.take_file(action, to_do),
            Action::Lesson(lesson) => self.show_lesson(lesson, to_do),
            Action::ShowAll(all) => {
                self.presentation.all = all;
                self.write_address(false, to_do);
            }
            Action::Heard { slot, run, report } => self.hear(slot, run, *report, to_do),
            Action::Lost { slot, message } => self.lose(slot, &message, to_do),
            Action::Restart => self.restart(to_do),
            Action::Export(slot) => {
                if let Some(Pane { run, .. }) = self.panes.get(slot) {
                    to_do.push(Effect::Send { slot, run: *run, command: Command::Export });
                }
            }
        }
        effects
    }

    /// Does what a lesson's button says.
    fn perform(
        &mut self,
        mut sets: Vec<(String, String)>,
        run: Option<RunRequest>,
        seed: u32,
        effects: &mut Vec<Effect>,
    ) {
        self.end_welcome();
        let start = self.pane().map_or(0, Pane::step);
        let from = run.map_or(From::Here, |run| run.from);
        if from == From::NewSeed {
            sets.push(("seed".to_owned(), seed.to_string()));
        }
        let before = self.next_run;
        if !sets.is_empty() {
            self.set_many(&sets, effects);
        }
        if from == From::Start && self.next_run == before {
            self.reopen(effects);
        }
        let reopened = self.next_run != before;
        let Some(run) = run else { return };
        let here = if reopened { 0 } else { start };
        (self.playing, self.until) = match run.go {
            Go::Stay => (false, None),
            Go::On => (true, None),
            Go::Until(step) => (true, Some(step)),
            Go::Steps(count) => (true, Some(here + count)),
        };
        // A run that was opened anew goes off by itself as soon as its worker is ready.
        match (reopened, self.playing) {
            (true, _) => {}
            (false, true) => self.go(effects),
            (false, false) => self.tell_all(&Command::Pause, effects),
        }
    }

    fn play(&mut self, until: Option<u64>, effects: &mut Vec<Effect>) {
        self.playing = true;
        self.until = until;
        self.go(effects);
    }

    pub(super) fn pause(&mut self, effects: &mut Vec<Effect>) {
        self.playing = false;
        self.until = None;
        self.tell_all(&Command::Pause, effects);
    }

    /// Sends the runs off: one as it likes, two in step.
    pub(super) fn go(&mut self, effects: &mut Vec<Effect>) {
        if self.is_comparing() {
            self.advance_in_step(effects);
        } else {
            self.tell_all(&Command::Run { until: self.until, pace: self.pace }, effects);
        }
    }

    fn ask(&mut self, slot: usize, probe: Probe, effects: &mut Vec<Effect>) {
        let Some(pane) = self.panes.get_mut(slot).filter(|pane| pane.is_open()) else { return };
        // It is the present network that answers.
        pane.moments.look(None);
        let command = pane.ask(probe);
        effects.push(Effect::Send { slot, run: pane.run, command });
    }

    fn own(&mut self, data: Option<OwnData>, effects: &mut Vec<Effect>) {
        let source = match &data {
            Some(_) => Some("own".to_owned()),
            None => {
                let preset = self.registry.check(&Experiment::new(self.checked.preset().name));
                preset.ok().and_then(|preset| preset.value("data.source").map(ToString::to_string))
            }
        };
        (self.playing, self.until) = (data.is_some(), None);
        self.own_data = data.map(std::rc::Rc::new);
        let chosen = self.checked.value("data.source").map(ToString::to_string);
        match source {
            Some(source) if chosen.as_ref() != Some(&source) => {
                self.set("data.source", &source, true, effects);
            }
            _ => self.reopen(effects),
        }
    }

    /// Starts again in new workers, and goes as far as the runs had come or were to go.
    fn restart(&mut self, effects: &mut Vec<Effect>) {
        let stood = self.panes.iter().map(Pane::step).max();
        self.until = self.until.or(stood).filter(|step| *step > 0);
        self.playing = self.until.is_some();
        for slot in 0..self.panes.len() {
            effects.push(Effect::Close { slot });
        }
        self.panes.clear();
        self.reopen(effects);
    }
}
