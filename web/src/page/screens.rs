//! What the page says when something is not as it should be: a sentence, and what to do.

use switchyard_web::model::{Action, BadLink, Problem};
use switchyard_web::protocol::Failure;
use yew::{Context, Html, html};

use super::app::{App, Message, PageMessage};
use super::masthead::on_click;
use super::prose::prose;
use super::{browser, icons};

/// A link that could not be opened. Nothing of it is used.
pub fn bad_link(bad: &BadLink, context: &Context<App>) -> Html {
    let open = on_click(context, || {
        browser::write_fragment("#", true, 1);
        Message::Act(Action::Navigate(String::new()))
    });
    html! {
        <main class="screen">
            <h2>{ "This link cannot be opened" }</h2>
            <p>{ prose(&sentence(&bad.reason)) }</p>
            <p>{ "Nothing of it was used, so that you do not see another run than the one that was meant. Correct the address, ask whoever gave it to you, or begin anew." }</p>
            <p><code class="link-text">{ &bad.fragment }</code></p>
            <div class="group"><button type="button" class="button button-primary" onclick={open}>{ "Open the first lesson" }</button></div>
        </main>
    }
}

/// Whatever is wrong with the runs on the sheet, and whether a newer page is ready.
pub fn notices(app: &App, context: &Context<App>) -> Html {
    html! {
        <>
            if app.update {
                <div class="notice" role="alert">
                    <p>{ "A new version of Switchyard is ready. Loading it starts this run again from its link." }</p>
                    <button type="button" class="button button-small" onclick={on_click(context, || Message::Page(PageMessage::Update))}>{ "Load it" }</button>
                </div>
            }
            { long(app, context) }
            { for app.model.panes.iter().enumerate().filter_map(|(slot, pane)| {
                pane.problem().map(|problem| notice(slot, problem, app.model.is_comparing(), context))
            }) }
            if let Some(Err(problem)) = &app.library { <div class="notice" role="alert"><p>{ problem }</p></div> }
            if let Some(Ok(library)) = &app.library {
                { for library.problems.iter().map(|problem| html! { <div class="notice" role="alert"><p>{ problem }</p></div> }) }
            }
        </>
    }
}

/// A preset that takes long in a tab: how long elsewhere, and which one is meant for here.
fn long(app: &App, context: &Context<App>) -> Html {
    let Some((preset, watched)) = app.model.better_watched() else { return Html::default() };
    let open = on_click(context, || Message::Act(Action::Choose(watched.to_owned())));
    html! {
        <div class="notice" key="long">
            <p>{ prose(&format!(
                "`{}` takes {} by the command line on two cores, and several times as long in a tab: `{}`. To watch, `{watched}` is the same in small.",
                preset.name, preset.duration, app.model.command()
            )) }</p>
            <button type="button" class="button button-small" onclick={open}>{ format!("Open {watched}") }</button>
        </div>
    }
}

fn notice(slot: usize, problem: &Problem, comparing: bool, context: &Context<App>) -> Html {
    let run = match (comparing, slot) {
        (false, _) => "",
        (true, 0) => "Run A: ",
        (true, _) => "Run B: ",
    };
    let advice = match problem.code {
        None => "Nothing is lost: the same link gives the same run again, as far as it had come.",
        Some(Failure::Build) => {
            "The page and its engine are of different versions. Load the page again; if that does not help, empty this site's data in the browser."
        }
        Some(Failure::Refused | Failure::Data) => "Change it, and the run starts.",
        Some(Failure::Training) => "The run stands where it was. Change a field, or start again.",
        Some(Failure::Message) => "Load the page again.",
    };
    let reload = on_click(context, || {
        if let Some(window) = browser::window() {
            // A page that cannot be loaded again stays as it is.
            let _ = window.location().reload();
        }
        Message::LookAfter
    });
    let again = on_click(context, || Message::Act(Action::Restart));
    html! {
        <div class="notice" role="alert" key={slot}>
            <p><strong>{ run }{ prose(&sentence(&problem.message)) }</strong>{ " " }{ advice }</p>
            { match problem.code {
                Some(Failure::Build | Failure::Message) => html! {
                    <button type="button" class="button button-small" onclick={reload}>{ "Load the page again" }</button>
                },
                Some(Failure::Refused | Failure::Data) => Html::default(),
                _ => html! {
                    <button type="button" class="button button-small" onclick={again}>{ icons::reset() }{ "Start again from the link" }</button>
                },
            } }
        </div>
    }
}

/// A message with a capital letter and a full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
