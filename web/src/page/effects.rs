//! Carrying out what the model asks for: workers, the address, files, and what is said aloud.

use switchyard_web::model::{Action, Effect};
use yew::Context;

use super::app::{App, Message};
use super::browser;
use super::worker::Engine;

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
            Effect::Open { slot, run, init } => {
                while self.engines.len() <= slot {
                    self.engines.push(None);
                }
                if self.engines[slot].is_none() {
                    match start(context, slot) {
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

fn start(context: &Context<App>, slot: usize) -> Result<Engine, String> {
    let heard = context
        .link()
        .callback(move |(run, report)| Message::Act(Action::Heard { slot, run, report: Box::new(report) }));
    let lost = context.link().callback(move |message| Message::Act(Action::Lost { slot, message }));
    Engine::start(heard, lost)
}
