//! The run's controls: play, step, reset, speed, run to a step, undo, compare, export.

use switchyard_web::model::{Action, STEADY};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::{Context, Html, SubmitEvent, html};

use super::app::{App, Message};
use super::entry::Entry;
use super::masthead::on_click;
use super::{browser, icons};

/// The paces to choose from: name, what it means, and the most steps a second.
const PACES: [(&str, &str, Option<f64>); 3] = [
    ("slow", "2 steps a second, to see each one", Some(2.0)),
    ("steady", "60 steps a second, to watch", Some(STEADY)),
    ("full", "as fast as this device can", None),
];

/// The toolbar. `named` are the controls that a lesson shows; nothing for all of them.
pub fn view(app: &App, context: &Context<App>, named: Option<&[String]>) -> Html {
    let presentation = &app.model.presentation;
    // A frame inside another page is too small for two runs, and its address is not the reader's.
    let framed = |name: &str| presentation.embed && ["undo", "compare"].contains(&name);
    let shows = |name: &str| {
        !presentation.hidden.contains(name)
            && !framed(name)
            && named.is_none_or(|named| named.iter().any(|known| known == name))
    };
    html! {
        <section class="controls" aria-label="Run">
            <div class="group">{ run_button(app, context) }{ step_and_reset(app, context) }</div>
            if shows("speed") || shows("run-to") {
                <div class="group">
                    if shows("speed") { { pace(app, context) } }
                    if shows("run-to") { { run_to(app, context) } }
                </div>
            }
            <div class="group group-end">
                if shows("undo") { { undo_button(app, context) } }
                if shows("compare") {
                    { compare_button(app, context) }
                }
                if shows("export") {
                    { wide_button("Save the run", icons::export(), None, on_click(context, || Message::Act(Action::Export(0)))) }
                }
                { all_button(app, context) }
            </div>
        </section>
    }
}

fn run_button(app: &App, context: &Context<App>) -> Html {
    let (playing, complete) =
        (app.model.playing, !app.model.can_play() && app.model.pane().is_some_and(|pane| pane.is_complete()));
    let action = if playing { Action::Pause } else { Action::Play };
    let onclick = context.link().callback(move |_| Message::Act(action.clone()));
    html! {
        <button type="button" class="button button-primary button-run" disabled={complete && !playing} {onclick}>
            if playing { { icons::pause() }{ "Pause" } } else { { icons::play() }{ "Run" } }
        </button>
    }
}

fn step_and_reset(app: &App, context: &Context<App>) -> Html {
    let still = app.model.pane().is_some_and(|pane| pane.is_open() && !pane.is_complete());
    let step = context.link().callback(|_| Message::Act(Action::Step));
    let reset = context.link().callback(|_| Message::Act(Action::Reset));
    html! {
        <>
            <button type="button" class="button" disabled={!still} onclick={step} aria-label="Step" title="One training step">
                { icons::step() }<span class="wide-only">{ "Step" }</span>
            </button>
            <button type="button" class="button" onclick={reset} aria-label="Reset to start" title="Back to the same start, with the same seed">
                { icons::reset() }<span class="wide-only">{ "Reset to start" }</span>
            </button>
        </>
    }
}

fn pace(app: &App, context: &Context<App>) -> Html {
    html! {
        <fieldset class="field">
            <legend class="visually-hidden">{ "Speed" }</legend>
            <div class="segmented">
                { for PACES.iter().map(|(name, meaning, pace)| {
                    let pace = *pace;
                    let onchange = context.link().callback(move |_| Message::Act(Action::Pace(pace)));
                    html! {
                        <label key={*name} title={*meaning}>
                            <input type="radio" name="speed" value={*name} checked={app.model.pace == pace} {onchange} />{ *name }
                        </label>
                    }
                }) }
            </div>
        </fieldset>
    }
}

fn run_to(app: &App, context: &Context<App>) -> Html {
    let onsubmit = context.link().callback(|event: SubmitEvent| {
        event.prevent_default();
        let typed = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok())
            .and_then(|form| form.query_selector("input").ok().flatten())
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
            .map(|input| input.value())
            .unwrap_or_default();
        let digits: String =
            typed.chars().filter(|letter| !letter.is_whitespace() && *letter != ',').collect();
        match digits.parse::<u64>() {
            Ok(step) => Message::Act(Action::RunTo(step)),
            Err(_) => Message::Page(super::app::PageMessage::Say(format!(
                "`{typed}` is not a step; write a whole number such as 500."
            ))),
        }
    });
    let value = app.model.until.map(|step| step.to_string()).unwrap_or_default();
    html! {
        <form class="field-inline" {onsubmit}>
            <label for="run-to">{ "Run to step" }</label>
            <Entry id="run-to" text={value} mode="numeric" />
            <button type="submit" class="button button-icon" aria-label="Run to this step" title="Run to this step">{ icons::play() }</button>
        </form>
    }
}

/// Back by one change, as the browser's own Back: only as far as this page's changes go.
fn undo_button(app: &App, context: &Context<App>) -> Html {
    let onclick = on_click(context, || {
        // It was asked for only where there is something to go back to.
        browser::back();
        Message::LookAfter
    });
    html! {
        <button type="button" class="button button-quiet" aria-label="Undo" title="Undo the last change" disabled={app.undoable == 0} {onclick}>
            { icons::undo() }<span class="wide-only">{ "Undo" }</span>
        </button>
    }
}

fn compare_button(app: &App, context: &Context<App>) -> Html {
    let comparing = app.model.is_comparing();
    let onclick = on_click(context, move || Message::Act(Action::Compare(!comparing)));
    wide_button("Compare", icons::compare(), Some(comparing), onclick)
}

fn all_button(app: &App, context: &Context<App>) -> Html {
    if app.lesson().is_none() {
        return Html::default();
    }
    let all = app.model.presentation.all;
    let name = if all { "Show fewer controls" } else { "Show all controls" };
    wide_button(name, icons::controls(), None, on_click(context, move || Message::Act(Action::ShowAll(!all))))
}

fn wide_button(
    name: &'static str,
    icon: Html,
    pressed: Option<bool>,
    onclick: yew::Callback<yew::MouseEvent>,
) -> Html {
    html! {
        <button type="button" class="button button-quiet" aria-label={name} title={name} aria-pressed={pressed.map(|pressed| pressed.to_string())} {onclick}>
            { icon }<span class="wide-only">{ name }</span>
        </button>
    }
}
