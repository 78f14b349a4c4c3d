//! The sheet: masthead, controls, state, and the columns of what goes in, where it goes and what comes out.

use std::rc::Rc;

use switchyard::experiment::{Place, Probe, ProbeKind, VerdictWord, View};
use switchyard::order;
use switchyard::plate::number::significant;
use switchyard_web::model::{Action, Engine, Pane};
use yew::{Callback, Context, Html, classes, html};

use super::app::{App, Message, PageMessage};
use super::lesson::LessonPanel;
use super::plate::{AnswerView, PlateView};
use super::probe::ProbePanel;
use super::prose::prose;
use super::{compare, controls, dialogs, fields, masthead, moments, own_data, route_file, screens};

/// The whole sheet.
pub fn view(app: &App, context: &Context<App>) -> Html {
    let presentation = &app.model.presentation;
    if let Some(bad) = &app.model.bad_link {
        return html! {
            <div class="sheet">{ masthead::view(app, context) }{ screens::bad_link(bad, context) }{ dialogs::view(app, context) }</div>
        };
    }
    if let Some(file) = &app.model.file {
        return html! {
            <div class="sheet">{ masthead::view(app, context) }{ route_file::view(file, context) }{ dialogs::view(app, context) }</div>
        };
    }
    let lesson = app.lesson();
    let step = lesson.as_ref().and_then(|(lesson, step)| lesson.steps.get(*step));
    let named = step.filter(|_| !presentation.all).and_then(|step| step.controls.as_deref());
    html! {
        <div class={classes!("sheet", presentation.embed.then_some("embed"))}>
            if !presentation.embed {
                <a class="button skip-link" href="#yard" onclick={skip(context)}>{ "Skip to the picture" }</a>
                { masthead::view(app, context) }
            }
            if !presentation.bare { { controls::view(app, context, named) } }
            { screens::notices(app, context) }
            { state(app) }
            if app.model.is_comparing() {
                { compare::view(app, context) }
            } else {
                <main class="columns">
                    if presentation.embed { <h1 class="visually-hidden">{ format!("Switchyard: {}", app.model.checked.preset().name) }</h1> }
                    { lesson_panel(app, context) }
                    if let Some(pane) = app.model.pane() {
                        { yard(context, Shown::alone(pane), step.and_then(|step| step.look_at.as_deref())) }
                        if !presentation.bare && !presentation.embed { { input(app, context, pane, named) } }
                        { output(context, Shown::alone(pane)) }
                        { more(context, Shown::alone(pane), step.filter(|_| !presentation.all).and_then(|step| step.views.as_deref())) }
                    }
                </main>
            }
            if !presentation.embed { { foot(app) } }
            { dialogs::view(app, context) }
        </div>
    }
}

/// The skip link moves the focus and leaves the address alone.
fn skip(context: &Context<App>) -> Callback<yew::MouseEvent> {
    context.link().callback(|event: yew::MouseEvent| {
        event.prevent_default();
        super::browser::focus("yard");
        Message::LookAfter
    })
}

/// How the run is, in words: its own summary, what became of a promise, whether it is a recording.
fn state(app: &App) -> Html {
    let Some(pane) = app.model.pane() else { return Html::default() };
    let words = match (&pane.engine, &pane.conclusion) {
        (Engine::Loading, _) if pane.recorded => {
            "A recording of the first seconds, until the engine has arrived.".to_owned()
        }
        (Engine::Loading, _) => "The engine is being loaded.".to_owned(),
        (_, Some((_, sentence))) => sentence.clone(),
        (Engine::Open, None) if pane.at(Place::Load).chain(pane.at(Place::Yard)).next().is_none() => {
            waiting(pane)
        }
        (Engine::Open, None) => {
            let said = pane.at(Place::Load).chain(pane.at(Place::Yard)).next();
            said.map(|view| view.plate.title().into_owned()).unwrap_or_default()
        }
        (Engine::Failed(_), None) => String::new(),
    };
    let (tone, word) = match &pane.conclusion {
        Some((VerdictWord::Supported, _)) => ("good", "Supported. "),
        Some((VerdictWord::Contradicted, _)) => ("bad", "Contradicted. "),
        Some((VerdictWord::NotSupported, _)) => ("warn", "Not supported. "),
        Some((VerdictWord::Inconclusive, _)) => ("warn", "Inconclusive. "),
        None => ("", ""),
    };
    html! {
        <section class="status" aria-label="State of the run">
            <p class="status-line"><span class={classes!("word", tone)}>{ word }</span>{ prose(&words) }</p>
            if let Some(replay) = pane.replay {
                <span class={classes!("badge", format!("badge-{}", replay.name()))} title={replay.meaning()}>{ replay.words() }</span>
            }
        </section>
    }
}

fn lesson_panel(app: &App, context: &Context<App>) -> Html {
    let Some((lesson, step)) = app.lesson() else { return Html::default() };
    let Some(Ok(library)) = &app.library else { return Html::default() };
    let name = lesson.name.clone();
    let on_step = context
        .link()
        .callback(move |step: usize| Message::Act(Action::Lesson(Some((name.clone(), step + 1)))));
    let on_do = context.link().callback(|(sets, run)| {
        Message::Act(Action::Perform { sets, run, seed: super::browser::random_seed() })
    });
    let on_close = context.link().callback(|()| Message::Act(Action::Lesson(None)));
    html! {
        <LessonPanel index={Rc::clone(&library.index)} {lesson} {step} facts={Rc::new(app.lesson_facts())} {on_step} {on_do} {on_close} />
    }
}

fn ask(context: &Context<App>, slot: usize) -> Callback<Probe> {
    context.link().callback(move |probe| Message::Act(Action::Ask(slot, probe)))
}

fn say(context: &Context<App>) -> Callback<String> {
    context.link().callback(|text| Message::Page(PageMessage::Say(text)))
}

/// A run that is shown, and where.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The run.
    pub pane: &'a Pane,
    /// The run beside it.
    pub other: Option<&'a Pane>,
    /// What its identifiers begin with: `a`, or `b` for the second run.
    pub scope: &'static str,
}

impl<'a> Shown<'a> {
    /// A run that is shown alone.
    fn alone(pane: &'a Pane) -> Self {
        Self { pane, other: None, scope: "a" }
    }

    pub fn slot(self) -> usize {
        usize::from(self.scope == "b")
    }

    fn figure(self, context: &Context<App>, view: &Rc<View>, prominent: bool) -> Html {
        let compare = self.other.and_then(|other| other.view(&view.name));
        html! {
            <PlateView key={view.name.clone()} view={Rc::clone(view)} compare={compare.cloned()} {prominent} scope={format!("{}-{}", self.scope, view.name)} on_probe={ask(context, self.slot())} on_notice={say(context)} />
        }
    }
}

/// Where it goes: the largest picture, the load beneath it, and what was asked.
pub fn yard(context: &Context<App>, shown: Shown<'_>, look_at: Option<&str>) -> Html {
    let Shown { pane, scope, .. } = shown;
    let slot = shown.slot();
    let kinds = pane.probes.clone();
    // Sliders stand beneath the picture that they move.
    let sliders = kinds.iter().any(|kind| matches!(kind, ProbeKind::Choices { .. }));
    let asking = if pane.is_open() && !kinds.is_empty() {
        html! { <ProbePanel key="probe" {kinds} run={run_name(scope)} scope={format!("{scope}-probe")} on_probe={ask(context, slot)} busy={false} /> }
    } else {
        Html::default()
    };
    let mut views: Vec<&Rc<View>> = pane.at(Place::Yard).collect();
    order::sort_by_key(&mut views, |view| look_at != Some(view.name.as_str()));
    let id = if scope == "a" { "yard".to_owned() } else { format!("yard-{scope}") };
    html! {
        <section class="column-yard" aria-labelledby={format!("{scope}-where")} {id} tabindex="-1">
            { station(scope, "where", "Where it goes") }
            { moments::view(context, shown) }
            { for views.iter().take(1).map(|view| shown.figure(context, view, true)) }
            if sliders { { asking.clone() } }
            { for views.iter().skip(1).map(|view| shown.figure(context, view, false)) }
            { for pane.at(Place::Load).map(|view| shown.figure(context, view, false)) }
            if pane.views.is_empty() {
                <figure class="plate-figure"><h3>{ "Nothing to show yet" }</h3>
                    <div class="plate-empty"><p>{ waiting(pane) }</p></div>
                </figure>
            }
            if !sliders { { asking } }
            if let Some(answer) = &pane.answer {
                <AnswerView key="answer" answer={Rc::clone(answer)} scope={format!("{scope}-answer")} on_close={context.link().callback(move |()| Message::Act(Action::CloseAnswer(slot)))} />
            }
        </section>
    }
}

/// Why there is no picture yet.
fn waiting(pane: &Pane) -> String {
    let status = pane.status.as_ref().filter(|_| pane.is_open());
    match status.and_then(|status| status.task.as_ref().map(|task| (task, status.tasks))) {
        Some((task, [done, known])) => format!(
            "Task {} of {known} is under way ({task}). It shows no picture; a later task does.",
            done + 1
        ),
        None => "The first picture comes with the engine.".to_owned(),
    }
}

/// A column's heading; of the second run, with the run's name for who cannot see the columns.
fn station(scope: &'static str, id: &str, text: &str) -> Html {
    html! {
        <h2 class="station" id={format!("{scope}-{id}")}>
            <span class="visually-hidden">{ run_name(scope) }</span>{ text }
        </h2>
    }
}

/// What headings of the second run begin with for who cannot see the columns.
fn run_name(scope: &str) -> &'static str {
    if scope == "b" { "Run B: " } else { "" }
}

fn input(app: &App, context: &Context<App>, pane: &Pane, named: Option<&[String]>) -> Html {
    html! {
        <section class="column-input" aria-labelledby="a-input">
            { station("a", "input", "What goes in") }
            { fields::view(app, context, named) }
            { for pane.at(Place::Input).map(|view| Shown::alone(pane).figure(context, view, false)) }
            if named.is_none_or(|named| named.iter().any(|name| name == "data")) { { own_data::section(app, context) } }
        </section>
    }
}

/// What comes out: curves, the newest numbers, the verdicts.
pub fn output(context: &Context<App>, shown: Shown<'_>) -> Html {
    let Shown { pane, scope, .. } = shown;
    html! {
        <section class="column-output" aria-labelledby={format!("{scope}-output")}>
            { station(scope, "output", "What comes out") }
            { for pane.at(Place::Output).map(|view| shown.figure(context, view, false)) }
            if !pane.scalars.is_empty() {
                <dl class="facts">
                    { for pane.scalars.iter().map(|(name, value)| html! {
                        <div key={name.clone()}><dt>{ name.replace('_', " ") }</dt><dd>{ significant(*value, 3) }</dd></div>
                    }) }
                </dl>
            }
            if !pane.warnings.is_empty() {
                <h3>{ "Before you believe it" }</h3>
                <ul>{ for pane.warnings.iter().map(|text| html! { <li>{ prose(text) }</li> }) }</ul>
            }
        </section>
    }
}

/// Everything else there is to see.
pub fn more(context: &Context<App>, shown: Shown<'_>, named: Option<&[String]>) -> Html {
    let Shown { pane, scope, .. } = shown;
    let wanted = |view: &&Rc<View>| named.is_none_or(|named| named.contains(&view.name));
    let views: Vec<&Rc<View>> = pane.at(Place::More).filter(wanted).collect();
    if views.is_empty() {
        return Html::default();
    }
    html! {
        <section class="more-plates" aria-labelledby={format!("{scope}-more")}>
            { station(scope, "more", "More pictures") }
            <div class="plates">{ for views.into_iter().map(|view| shown.figure(context, view, false)) }</div>
        </section>
    }
}

fn foot(app: &App) -> Html {
    let digest = app.model.pane().and_then(|pane| pane.stopped.as_ref());
    html! {
        <footer class="foot">
            <span>{ format!("{}, seed {}", app.model.checked.preset().name, app.model.checked.seed()) }</span>
            <span>{ format!("build {}", &switchyard::BUILD[..8]) }</span>
            if let Some((step, digest)) = digest {
                <span>{ format!("digest {} at step {step}", &digest[..16.min(digest.len())]) }</span>
            }
            <span>{ app.model.checked.lab().paper().reference }</span>
        </footer>
    }
}
