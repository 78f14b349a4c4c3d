//! A file of routes that is open in place of the runs: how it is read, and what it shows.

use std::rc::Rc;

use switchyard::experiment::{Place, View};
use switchyard::plate::Plate;

use super::{Effect, Model};
use crate::protocol::{Command, Failure, Report};
use crate::trace_file::too_large;

/// A file of routes that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteFile {
    /// Its name on this device.
    pub name: String,
    /// Its size in bytes, as it lies there.
    pub bytes: f64,
    /// How many experts each layer has, as it was typed; empty where the file is to say so.
    pub experts: String,
    /// Why what was typed there is refused.
    pub refused: Option<String>,
    /// Whether units with equal weights are left out.
    pub leave_out_ties: bool,
    /// How far it is.
    pub state: FileState,
    /// The address it was opened over.
    over: String,
    /// What the worker's reports name.
    run: u32,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq)]
pub enum FileState {
    /// A worker reads it.
    Reading,
    /// It was read.
    Shown(Rc<Shown>),
    /// It cannot be shown, with the reason.
    Refused(String),
}

/// What a file shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What the file is.
    pub facts: Vec<(String, String)>,
    /// Its pictures and tables.
    pub views: Vec<Rc<View>>,
    /// What is not known, and why.
    pub missing: Vec<String>,
    /// What to know about the file.
    pub notes: Vec<String>,
}

/// What can happen to a file.
#[derive(Debug, Clone, PartialEq)]
pub enum FileAction {
    /// One was chosen, over the run at this address.
    Open {
        /// Its name.
        name: String,
        /// Its size.
        bytes: f64,
        /// The address of the page.
        over: String,
    },
    /// It is to be read with so many experts in each layer, as typed.
    Experts(String),
    /// It is to be read with or without units with equal weights.
    LeaveOutTies(bool),
    /// Its worker reports, about this reading.
    Heard(u32, Box<Report>),
    /// Its worker broke, with what the browser said.
    Lost(String),
    /// Back to the run.
    Close,
}

impl Model {
    /// Takes what happened to a file.
    pub(super) fn take_file(&mut self, action: FileAction, effects: &mut Vec<Effect>) {
        match action {
            FileAction::Open { name, bytes, over } => self.open_file(name, bytes, over, effects),
            FileAction::Experts(experts) => self.read_again(|file| file.experts = experts, effects),
            FileAction::LeaveOutTies(leave) => self.read_again(|file| file.leave_out_ties = leave, effects),
            FileAction::Heard(run, report) => self.hear_of_file(run, *report, effects),
            FileAction::Lost(message) => {
                let reason = format!(
                    "its reader broke off ({message}); the file may need more memory than this tab has. Keep fewer \
                     layers or steps, or use `switchyard inspect`"
                );
                self.refuse_file(&reason, effects);
            }
            FileAction::Close => self.close_file(effects),
        }
    }

    /// Puts the file away, if one is open.
    pub(super) fn close_file(&mut self, effects: &mut Vec<Effect>) {
        if self.file.take().is_some() {
            effects.push(Effect::CloseFile);
        }
    }

    /// Whether Back led from a file to the run that it was opened over, which is as it was.
    pub(super) fn comes_back_from_file(&mut self, fragment: &str, effects: &mut Vec<Effect>) -> bool {
        let stays = self.file.as_ref().is_some_and(|file| file.over == fragment);
        self.close_file(effects);
        stays
    }

    fn open_file(&mut self, name: String, bytes: f64, over: String, effects: &mut Vec<Effect>) {
        // The run's worker and the file's would share the processor, and nobody sees the run.
        if self.playing {
            self.pause(effects);
        }
        self.file = Some(RouteFile {
            name,
            bytes,
            experts: String::new(),
            refused: None,
            leave_out_ties: false,
            state: FileState::Reading,
            over,
            run: 0,
        });
        match too_large(bytes) {
            Some(reason) => self.refuse_file(&reason, effects),
            None => self.read_file(None, effects),
        }
    }

    /// Reads the file with an option changed, unless what is typed for the experts is no number.
    fn read_again(&mut self, change: impl FnOnce(&mut RouteFile), effects: &mut Vec<Effect>) {
        let Some(file) = &mut self.file else { return };
        change(file);
        let count = match file.experts.trim() {
            "" => Ok(None),
            text => text.parse().map(Some),
        };
        let reason = || format!("`{}` is no whole number; write one such as 64, or nothing.", file.experts);
        file.refused = count.is_err().then(reason);
        match count {
            Ok(count) if too_large(file.bytes).is_none() => self.read_file(count, effects),
            _ => {}
        }
    }

    fn read_file(&mut self, experts: Option<usize>, effects: &mut Vec<Effect>) {
        let run = self.next_run;
        self.next_run += 1;
        let Some(file) = &mut self.file else { return };
        (file.run, file.state) = (run, FileState::Reading);
        let (name, leave_out_ties) = (file.name.clone(), file.leave_out_ties);
        effects.push(Effect::Announce(format!("Reading {name}.")));
        effects.push(Effect::ReadFile { run, command: Command::Inspect { name, experts, leave_out_ties } });
    }

    fn hear_of_file(&mut self, run: u32, report: Report, effects: &mut Vec<Effect>) {
        let Some(file) = self.file.as_mut().filter(|file| file.run == run) else { return };
        match report {
            Report::Inspected { facts, plates, missing, notes } => {
                let shown = Shown { facts, views: views(plates), missing, notes };
                effects.push(Effect::Announce(format!(
                    "{} is read: {} pictures and tables.",
                    file.name,
                    shown.views.len()
                )));
                file.state = FileState::Shown(Rc::new(shown));
            }
            Report::Failed { code, message, .. } => {
                if code == Failure::Build {
                    effects.push(Effect::Reload);
                }
                effects.push(Effect::Announce(message.clone()));
                file.state = FileState::Refused(message);
            }
            // What a worker says about a run.
            _ => return,
        }
        effects.push(Effect::EndReader);
    }

    fn refuse_file(&mut self, reason: &str, effects: &mut Vec<Effect>) {
        let Some(file) = &mut self.file else { return };
        let message = format!("`{}`: {reason}.", file.name);
        effects.push(Effect::EndReader);
        effects.push(Effect::Announce(message.clone()));
        file.state = FileState::Refused(message);
    }
}

/// Plates as views, each with a name of its own.
fn views(plates: Vec<Plate>) -> Vec<Rc<View>> {
    let view = |(number, plate)| Rc::new(View::new(format!("file-{number}"), Place::More, plate));
    plates.into_iter().enumerate().map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use switchyard::experiment::Registry;

    const LINK: &str = "#v=1&run=mos-tiny&seed=7";

    fn act(model: &mut Model, action: FileAction) -> Vec<Effect> {
        model.apply(Action::File(action))
    }

    fn opened(bytes: f64) -> (Model, Vec<Effect>) {
        let mut model = Model::new(Registry::standard());
        model.apply(Action::Navigate(LINK.to_owned()));
        let open = FileAction::Open { name: "routes.csv".to_owned(), bytes, over: LINK.to_owned() };
        let effects = act(&mut model, open);
        (model, effects)
    }

    fn readings(effects: &[Effect]) -> Vec<(u32, Option<usize>, bool)> {
        let reading = |effect: &Effect| match effect {
            Effect::ReadFile { run, command: Command::Inspect { experts, leave_out_ties, .. } } => {
                Some((*run, *experts, *leave_out_ties))
            }
            _ => None,
        };
        effects.iter().filter_map(reading).collect()
    }

    fn state(model: &Model) -> &FileState {
        &model.file.as_ref().expect("it is open").state
    }

    fn findings() -> Box<Report> {
        Box::new(Report::Inspected {
            facts: Vec::new(),
            plates: Vec::new(),
            missing: Vec::new(),
            notes: Vec::new(),
        })
    }

    #[test]
    fn a_file_is_read_beside_the_run_which_pauses_and_stays() {
        let (mut model, effects) = opened(3_000.0);
        let [(run, None, false)] = readings(&effects)[..] else { panic!("{effects:?}") };
        assert!(!model.playing && *state(&model) == FileState::Reading);
        let panes = model.panes.len();
        let effects = act(&mut model, FileAction::Heard(run, findings()));
        assert!(effects.contains(&Effect::EndReader) && matches!(state(&model), FileState::Shown(_)));
        let effects = model.apply(Action::Navigate(LINK.to_owned()));
        assert_eq!(effects, [Effect::CloseFile], "Back puts the file away and leaves the run alone");
        assert!(model.file.is_none() && model.panes.len() == panes);
    }

    #[test]
    fn another_address_and_another_preset_put_the_file_away() {
        let (mut model, _) = opened(3_000.0);
        let effects = model.apply(Action::Navigate("#v=1&run=moe-rings".to_owned()));
        assert!(effects.contains(&Effect::CloseFile) && model.checked.preset().name == "moe-rings");
        let (mut model, _) = opened(3_000.0);
        assert!(model.apply(Action::Choose("moe-rings".to_owned())).contains(&Effect::CloseFile));
        assert!(model.file.is_none());
    }

    #[test]
    fn a_file_that_is_too_large_starts_no_reader() {
        let (model, effects) = opened(4e8);
        assert!(readings(&effects).is_empty());
        let FileState::Refused(message) = state(&model) else { panic!("{:?}", state(&model)) };
        assert!(message.starts_with("`routes.csv`: it is 400 MB large"), "{message}");
    }

    #[test]
    fn it_is_read_again_with_other_options_and_older_readings_are_left_unread() {
        let (mut model, effects) = opened(3_000.0);
        let first = readings(&effects)[0].0;
        let effects = act(&mut model, FileAction::Experts("many".to_owned()));
        assert!(readings(&effects).is_empty());
        assert!(model.file.as_ref().is_some_and(|file| file.refused.is_some() && file.experts == "many"));
        act(&mut model, FileAction::Experts(" 64".to_owned()));
        let effects = act(&mut model, FileAction::LeaveOutTies(true));
        let [(second, Some(64), true)] = readings(&effects)[..] else { panic!("{effects:?}") };
        assert!(act(&mut model, FileAction::Heard(first, findings())).is_empty());
        let failed = Report::Failed { code: Failure::Data, message: "line 3".to_owned(), key: None };
        act(&mut model, FileAction::Heard(second, Box::new(failed)));
        assert_eq!(*state(&model), FileState::Refused("line 3".to_owned()));
    }

    #[test]
    fn a_reader_that_breaks_says_what_to_do() {
        let (mut model, _) = opened(3_000.0);
        let effects = act(&mut model, FileAction::Lost("out of memory".to_owned()));
        assert!(effects.contains(&Effect::EndReader));
        assert!(matches!(state(&model), FileState::Refused(message) if message.contains("out of memory")));
    }
}
