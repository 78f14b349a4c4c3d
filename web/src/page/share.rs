//! Giving a run away: its link, its command, a frame for another page. Own data stay behind, and the page says so.

use switchyard_web::model::{Action, Model, Sharing};
use wasm_bindgen_futures::spawn_local;
use yew::{Context, Html, html};

use super::app::{App, Message, PageMessage};
use super::{browser, icons};

/// What is asked for, and what became of it.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What the link shall hold.
    pub sharing: Sharing,
    /// What was copied last.
    pub copied: Option<&'static str>,
}

/// A change of what is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Another content.
    Sharing(Sharing),
    /// The link, command or frame of this name is to be copied.
    Copy(&'static str),
    /// It was, or not.
    Copied(&'static str, bool),
}

impl State {
    /// Takes a change in.
    pub fn take(&mut self, context: &Context<App>, model: &Model, change: Change) {
        match change {
            Change::Sharing(sharing) => {
                self.sharing = sharing;
                self.copied = None;
            }
            Change::Copy(what) => {
                let text = texts(model, self.sharing).into_iter().find(|(name, _)| *name == what);
                let Some((_, Ok(text))) = text else { return };
                let link = context.link().clone();
                spawn_local(async move {
                    let done = browser::copy(text).await;
                    link.send_message(Message::Page(PageMessage::Share(Change::Copied(what, done))));
                });
            }
            Change::Copied(what, done) => {
                self.copied = done.then_some(what);
                let text = if done {
                    format!("The {what} is copied.")
                } else {
                    format!("The browser does not let the page copy. Select the {what} and copy it.")
                };
                context.link().send_message(Message::Page(PageMessage::Say(text)));
            }
        }
    }
}

/// What can be given away, by name.
fn texts(model: &Model, sharing: Sharing) -> Vec<(&'static str, Result<String, String>)> {
    let link = model.shared_link(sharing).map(|fragment| format!("{}{fragment}", browser::page_address()));
    let frame = model.shared_link(Sharing { embed: true, ..sharing }).map(|fragment| {
        let address = format!("{}{fragment}", browser::page_address()).replace('&', "&amp;");
        format!(
            "<iframe src=\"{address}\" title=\"Switchyard: {}\" width=\"720\" height=\"640\"></iframe>",
            model.checked.preset().name
        )
    });
    vec![("link", link), ("command", Ok(model.command())), ("frame", frame)]
}

/// The dialog's content.
pub fn view(app: &App, context: &Context<App>) -> Html {
    let sharing = app.sharing.sharing;
    let change = |next: fn(Sharing, bool) -> Sharing| {
        context.link().callback(move |event: yew::Event| {
            let checked = event.target_dyn_into_input().is_some_and(|input| input.checked());
            Message::Page(PageMessage::Share(Change::Sharing(next(sharing, checked))))
        })
    };
    let still = app.model.pane().is_some_and(|pane| pane.stopped.is_some());
    let pause = context.link().callback(|_| Message::Act(Action::Pause));
    html! {
        <>
            <fieldset class="field">
                <legend>{ "The link holds" }</legend>
                <label class="field-check"><input type="checkbox" checked={true} disabled={true} />{ "everything that differs from the preset, and the seed" }</label>
                <label class="field-check"><input type="checkbox" checked={sharing.step} onchange={change(|sharing, step| Sharing { step, digest: sharing.digest && step, ..sharing })} />{ "this step: whoever opens it sees the run go to here and pause" }</label>
                <label class="field-check"><input type="checkbox" checked={sharing.digest} disabled={!still} onchange={change(|sharing, digest| Sharing { digest, step: sharing.step || digest, ..sharing })} />{ "the digest of this result: whoever opens it sees whether the replay is exact" }</label>
                if !still {
                    <p class="field-help">{ "Only a run that stands still has a digest. " }<button type="button" class="button button-small" onclick={pause}>{ icons::pause() }{ "Pause" }</button></p>
                }
                <label class="field-check"><input type="checkbox" checked={sharing.lesson} onchange={change(|sharing, lesson| Sharing { lesson, ..sharing })} />{ "the lesson and its step" }</label>
            </fieldset>
            if app.model.own_data.is_some() {
                <p class="notice">{ "Your own data are not in the link: they stay in this tab. Give the file away beside it." }</p>
            }
            { for texts(&app.model, sharing).into_iter().map(|(name, text)| line(app, context, name, text)) }
        </>
    }
}

fn line(app: &App, context: &Context<App>, name: &'static str, text: Result<String, String>) -> Html {
    let onclick = context.link().callback(move |_| Message::Page(PageMessage::Share(Change::Copy(name))));
    let (label, copy) = match name {
        "link" => ("Link", "Copy link"),
        "command" => ("Command line", "Copy as command"),
        _ => ("Frame for another page", "Copy frame"),
    };
    let id = format!("share-{name}");
    html! {
        <div class="field" key={name}>
            <label for={id.clone()}>{ label }</label>
            { match text {
                Ok(text) => html! {
                    <div class="field-control">
                        <input {id} class="input" readonly={true} value={text} />
                        <button type="button" class="button" {onclick}>{ if app.sharing.copied == Some(name) { "Copied" } else { copy } }</button>
                    </div>
                },
                Err(problem) => html! { <p class="field-error" {id}>{ problem }</p> },
            } }
        </div>
    }
}

/// The input that an event is about.
trait InputOf {
    fn target_dyn_into_input(&self) -> Option<web_sys::HtmlInputElement>;
}

impl InputOf for yew::Event {
    fn target_dyn_into_input(&self) -> Option<web_sys::HtmlInputElement> {
        use wasm_bindgen::JsCast as _;
        self.target().and_then(|target| target.dyn_into().ok())
    }
}
