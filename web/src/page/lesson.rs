//! A lesson beside the run: one step at a time, with what it asks, what it offers to do and what the run should
//! reach. It changes nothing by itself: every change is a button that the reader presses.

use std::collections::BTreeMap;
use std::rc::Rc;

use switchyard_web::lesson::read::Index;
use switchyard_web::lesson::{Lesson, LessonFacts, RunRequest};
use web_sys::HtmlElement;
use yew::{
    Callback, Html, NodeRef, Properties, Reducible, component, hook, html, use_effect_with, use_mut_ref,
    use_node_ref, use_reducer,
};

use super::icons;

mod step;

/// What the panel shows and whom it tells.
#[derive(Properties, PartialEq)]
pub struct LessonPanelProps {
    /// The lesson.
    pub lesson: Rc<Lesson>,
    /// The reader's language, with the words on buttons.
    pub index: Rc<Index>,
    /// The step, counted from 0; one past the end shows the last.
    pub step: usize,
    /// What the run has come to.
    pub facts: Rc<LessonFacts>,
    /// Another step is wanted.
    pub on_step: Callback<usize>,
    /// What a step offers is wanted: fields to set, key and value as in a link, and what the run does then.
    pub on_do: Callback<Wish>,
    /// The lesson is to be closed.
    pub on_close: Callback<()>,
}

/// What a step's button asks for.
pub type Wish = (Vec<(String, String)>, Option<RunRequest>);

/// What the reader has done in a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Progress {
    /// The answer chosen.
    chosen: Option<usize>,
    /// Whether the explanation is shown.
    revealed: bool,
    /// Whether the goal has been reached once.
    reached: bool,
}

/// A step of a lesson, by the lesson's name.
type Place = (String, usize);

/// The reader's way through lessons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Way(BTreeMap<Place, Progress>);

/// Something that the reader or the run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// An answer was chosen.
    Choose(usize),
    /// The explanation was asked for.
    Reveal,
    /// The goal was reached.
    Reach,
}

impl Reducible for Way {
    type Action = (Place, Deed);

    fn reduce(self: Rc<Self>, (place, deed): Self::Action) -> Rc<Self> {
        let mut way = (*self).clone();
        let progress = way.0.entry(place).or_default();
        match deed {
            // Once the explanation is seen, an answer is no prediction any more.
            Deed::Choose(_) if progress.revealed => {}
            Deed::Choose(option) => progress.chosen = Some(option),
            Deed::Reveal => progress.revealed |= progress.chosen.is_some(),
            Deed::Reach => progress.reached = true,
        }
        Rc::new(way)
    }
}

/// A lesson, one step at a time.
#[component]
pub fn LessonPanel(props: &LessonPanelProps) -> Html {
    let way = use_reducer(Way::default);
    let heading = use_node_ref();
    let last = props.lesson.steps.len().saturating_sub(1);
    let number = props.step.min(last);
    let place = (props.lesson.name.clone(), number);
    use_focus_on_move(heading.clone(), place.clone());
    let step = props.lesson.steps.get(number);
    let progress = way.0.get(&place).copied().unwrap_or_default();
    let deed = {
        let (way, place) = (way.dispatcher(), place.clone());
        Callback::from(move |deed| way.dispatch((place.clone(), deed)))
    };
    let reached = step.and_then(|step| step.goal.as_ref()).is_some_and(|goal| goal.reached(&props.facts));
    {
        let deed = deed.clone();
        use_effect_with((place, reached), move |(_, reached)| {
            if *reached {
                deed.emit(Deed::Reach);
            }
        });
    }
    let Some(step) = step else {
        return Html::default();
    };
    let close = props.on_close.reform(|_| ());
    html! {
        <aside class="lesson" aria-labelledby="lesson-title" lang={props.lesson.language.clone()}>
            <header>
                <h2 id="lesson-title">{ &props.lesson.title }</h2>
                <button type="button" class="button button-quiet button-small button-icon" onclick={close}
                    aria-label={props.index.words.close.clone()} title={props.index.words.close.clone()}>
                    { icons::close() }
                </button>
            </header>
            if props.lesson.language != props.index.tag {
                <p class="field-help" lang={props.index.tag.clone()}>{ &props.index.words.not_translated }</p>
            }
            <p class="lesson-progress">
                { props.index.words.position(number + 1, last + 1) }
                { track(number, last) }
            </p>
            <h3 ref={heading} tabindex="-1">{ &step.heading }</h3>
            <div class="lesson-body" key={format!("{} {number}", props.lesson.name)}>
                { Html::from_html_unchecked(step.body.html().to_owned().into()) }
            </div>
            { step::tasks(props, step, progress, &deed) }
            { moves(props, number, last) }
        </aside>
    }
}

/// Moves the focus to the heading of a new step, so that it is read and the keyboard goes on from there; not when the
/// lesson opens.
#[hook]
fn use_focus_on_move(heading: NodeRef, place: Place) {
    let opened = use_mut_ref(|| false);
    use_effect_with(place, move |_| {
        if opened.replace(true)
            && let Some(element) = heading.cast::<HtmlElement>()
        {
            // Focus fails only when the element is gone, and then there is nothing to read.
            element.focus().ok();
        }
    });
}

/// The way through the lesson as a picture; the words beside it say the same.
fn track(number: usize, last: usize) -> Html {
    let stations = (0..=last).map(|station| {
        let class = match station {
            _ if station < number => "done",
            _ if station == number => "here",
            _ => "ahead",
        };
        html! { <>if station > 0 { <b/> }<i class={class}/></> }
    });
    html! { <span class="lesson-track" aria-hidden="true">{ for stations }</span> }
}

fn moves(props: &LessonPanelProps, number: usize, last: usize) -> Html {
    let to = |step: usize| props.on_step.reform(move |_| step);
    html! {
        <nav class="lesson-move" aria-label={props.index.words.steps.clone()}>
            <button key="back" type="button" class="button" disabled={number == 0} onclick={to(number.saturating_sub(1))}>
                { icons::back() }{ &props.index.words.back }
            </button>
            if number < last {
                <button key="next" type="button" class="button button-primary" onclick={to(number + 1)}>
                    { &props.index.words.next }{ icons::next() }
                </button>
            } else {
                <button key="finish" type="button" class="button button-primary" onclick={props.on_close.reform(|_| ())}>
                    { &props.index.words.finish }
                </button>
            }
        </nav>
    }
}
