//! A file of routes on the sheet, in place of the runs: what it is, its pictures and tables, and how it is read.

use std::rc::Rc;

use switchyard_web::model::{Action, FileAction, FileState, RouteFile, Shown};
use web_sys::File;
use yew::{Callback, Context, Html, html};

use super::app::{App, Message, PageMessage};
use super::entry::Entry;
use super::file_field::FileField;
use super::icons;
use super::masthead::on_click;
use super::plate::PlateView;
use super::prose::prose;

/// Where the focus goes when a file was opened.
pub const HEADING: &str = "file-heading";

/// The field that opens a file; `id` is unique on the page.
pub fn field(id: &'static str, context: &Context<App>) -> Html {
    let on_file = context.link().callback(|file: File| Message::Page(PageMessage::File(file)));
    let help = "A trace, a routing log or a load table, of this or another model.".to_owned();
    html! {
        <FileField {id} label="JSON Lines or CSV, also .gz, at most 100 MB" accept=".jsonl,.ndjson,.json,.csv,.gz" {help} {on_file} />
    }
}

/// The sheet of an open file.
pub fn view(file: &RouteFile, context: &Context<App>) -> Html {
    let back = on_click(context, || Message::Page(PageMessage::BackToRun));
    html! {
        <main class="route-file" aria-labelledby={HEADING}>
            <button key="back" type="button" class="button" onclick={back}>{ icons::undo() }{ "Back to the run" }</button>
            <h2 key="heading" id={HEADING} tabindex="-1">{ format!("What {} shows", file.name) }</h2>
            { match &file.state {
                FileState::Reading => html! {
                    <p key="reading">{ format!("Reading {:.1} MB. The larger the file, the longer it takes; the page goes on working.", file.bytes / 1e6) }</p>
                },
                FileState::Refused(reason) => html! { <p key="refused" class="file-refused"><strong>{ "This file cannot be shown. " }</strong>{ prose(reason) }</p> },
                FileState::Shown(shown) => findings(shown, context),
            } }
            <section key="otherwise" class="file-reading" aria-labelledby="file-reading">
                <h3 id="file-reading">{ "How it is read" }</h3>
                { options(file, context) }
                <h3>{ "Another file" }</h3>
                { field("other-file", context) }
                <p class="field-help">{ prose("Parquet is for the command line: `switchyard inspect FILE` shows the same there, and `switchyard trace RUN` writes the routes of a run for this page.") }</p>
            </section>
        </main>
    }
}

fn findings(shown: &Rc<Shown>, context: &Context<App>) -> Html {
    let on_notice = context.link().callback(|text| Message::Page(PageMessage::Say(text)));
    let list = |key: &'static str, title: &'static str, sentences: &[String]| {
        if sentences.is_empty() {
            return Html::default();
        }
        html! { <section {key}><h3>{ title }</h3><ul>{ for sentences.iter().map(|text| html! { <li>{ prose(text) }</li> }) }</ul></section> }
    };
    html! {
        <>
            <dl key="facts" class="facts">{ for shown.facts.iter().map(|(name, value)| html! {
                <div key={name.clone()}><dt>{ name }</dt><dd>{ value }</dd></div>
            }) }</dl>
            { list("notes", "About this file", &shown.notes) }
            { list("missing", "Not known", &shown.missing) }
            <div key="plates" class="plates">{ for shown.views.iter().map(|view| html! {
                <PlateView key={view.name.clone()} view={Rc::clone(view)} scope={view.name.clone()} on_probe={Callback::noop()} on_notice={on_notice.clone()} />
            }) }</div>
        </>
    }
}

/// What the command's options are, as fields.
fn options(file: &RouteFile, context: &Context<App>) -> Html {
    let on_text = context.link().callback(|text| Message::Act(Action::File(FileAction::Experts(text))));
    let ties = file.leave_out_ties;
    let on_ties = on_click(context, move || Message::Act(Action::File(FileAction::LeaveOutTies(!ties))));
    html! {
        <>
            <div key="experts" class="field">
                <label for="file-experts">{ "Experts in each layer" }</label>
                <Entry id="file-experts" text={file.experts.clone()} mode="numeric" refused={file.refused.is_some()} described_by={"file-experts-help".to_owned()} {on_text} />
                { match &file.refused {
                    Some(reason) => html! { <p id="file-experts-help" class="field-error">{ prose(reason) }</p> },
                    None => html! { <p id="file-experts-help" class="field-help">{ prose("`--experts`: where the file does not say so.") }</p> },
                } }
            </div>
            <div key="ties" class="field">
                <label class="field-check"><input type="checkbox" checked={ties} aria-describedby="file-ties-help" onclick={on_ties} />{ "Leave out units with equal weights" }</label>
                <p id="file-ties-help" class="field-help">{ prose("`--leave-out-ties`: on all of several choices, as padding and warm-up passes have them.") }</p>
            </div>
        </>
    }
}
