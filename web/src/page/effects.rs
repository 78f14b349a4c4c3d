//! Carrying out what the model asks for: workers, the address, files, and what is said aloud.

use switchyard_web::model::{Action, Effect, FileAction};
use web_sys::File;
use yew::Context;

use super::app::{App, Message};
use super::worker::{Engine, Program};
use super::{browser, route_file, timing};

impl App {
    /// Applies an action and carries out what follows from it.
    pub fn act(&mut self, context: &Context<Self>, action: Action) {
        let effects = self.model.apply(action);
        for effect in effects {
            self.carry_out(context, effect);
        }
    }

    fn carry_out(&mut self, context: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Open { slot, run, transformers, init } => {
                let program = if transformers { Program::Transformers } else { Program::Engine };
                while self.engines.len() <= slot {
                    self.engines.push(None);
                }
                if self.engines[slot].as_ref().is_none_or(|engine| engine.program() != program) {
                    // The other one's worker ends first, so that two of them are never there.
                    self.engines[slot] = None;
                    match start(context, slot, program) {
                        Ok(engine) => self.engines[slot] = Some(engine),
                        Err(message) => {
                            context.link().send_message(Message::Act(Action::Lost { slot, message }));
                            return;
                        }
                    }
                }
                if let Some(engine) = &self.engines[slot] {
                    engine.send(run, init);
                }
            }
            Effect::Send { slot, run, command } => {
                if let Some(Some(engine)) = self.engines.get(slot) {
                    engine.send(run, command);
                }
            }
            Effect::ReadFile { run, command } => {
                self.reader = None;
                let Some(file) = &self.file else { return };
                match reader(context) {
                    Ok(engine) => {
                        engine.send_with(run, command, Some(file));
                        self.reader = Some(engine);
                    }
                    Err(message) => {
                        let lost = Action::File(FileAction::Lost(message));
                        context.link().send_message(Message::Act(lost));
                    }
                }
            }
            Effect::EndReader => self.reader = None,
            Effect::CloseFile => {
                (self.reader, self.file) = (None, None);
                timing::soon(|| browser::focus("yard"));
            }
            Effect::Close { slot } => {
                if let Some(engine) = self.engines.get_mut(slot) {
                    *engine = None;
                }
            }
            Effect::Address { fragment, push } => {
                let push = push && browser::fragment() != fragment;
                let depth = self.undoable + usize::from(push);
                if browser::write_fragment(&fragment, push, depth) {
                    self.undoable = depth;
                }
            }
            Effect::Announce(text) => self.spoken.say(text),
            Effect::Reload => {
                browser::reload_once();
            }
            Effect::Save { name, text } => {
                if browser::save(&name, &text, "application/x-ndjson").is_none() {
                    self.spoken.say("The browser did not save the file.".to_owned());
                }
            }
        }
    }
}

/// A worker that reads a file.
fn reader(context: &Context<App>) -> Result<Engine, String> {
    let act = |action| Message::Act(Action::File(action));
    let heard = context.link().callback(move |(run, report)| act(FileAction::Heard(run, Box::new(report))));
    let lost = context.link().callback(move |message| act(FileAction::Lost(message)));
    Engine::start(Program::Reader, heard, lost)
}

fn start(context: &Context<App>, slot: usize, program: Program) -> Result<Engine, String> {
    let heard = context
        .link()
        .callback(move |(run, report)| Message::Act(Action::Heard { slot, run, report: Box::new(report) }));
    let lost = context.link().callback(move |message| Message::Act(Action::Lost { slot, message }));
    Engine::start(program, heard, lost)
}

impl App {
    /// Opens a file of routes over the run, as an entry of the history, so that Back leads to the run again.
    pub fn open_file(&mut self, context: &Context<Self>, file: File) {
        let over = browser::fragment();
        let depth = self.undoable + 1;
        if self.model.file.is_none() && browser::write_fragment(&over, true, depth) {
            self.undoable = depth;
        }
        self.dialog = None;
        let (name, bytes) = (file.name(), file.size());
        self.file = Some(file);
        self.act(context, Action::File(FileAction::Open { name, bytes, over }));
        timing::soon(|| browser::focus(route_file::HEADING));
    }

    /// Puts the file away: by the browser's own Back where that leads to the run.
    pub fn back_to_run(&mut self, context: &Context<Self>) {
        if self.undoable == 0 || !browser::back() {
            self.act(context, Action::File(FileAction::Close));
        }
    }
}
