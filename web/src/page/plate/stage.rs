//! The picture itself: cells on canvases, marks above them, rings above those, and beneath it the line that reads
//! out what is pointed at or focused. It has one place in the order of the Tab key; the arrows move inside.

mod handling;
mod picture;

use std::rc::Rc;

use switchyard::experiment::{Probe, View};
use switchyard::plate::Plate;
use switchyard_web::plate_logic::asking::can_be_asked;
use switchyard_web::plate_logic::difference::Difference;
use switchyard_web::plate_logic::focus::stops;
use wasm_bindgen::JsCast as _;
use web_sys::SvgElement;
use yew::{
    AttrValue, Callback, Html, Properties, UseStateHandle, classes, component, html, use_effect_with,
    use_memo, use_node_ref, use_state, use_state_eq,
};

use super::observing::{use_dark, use_width};
use super::shared::Shared;
use crate::page::browser;
use picture::Picture;

/// What is shown, and who hears questions.
#[derive(PartialEq, Properties)]
pub struct StageProperties {
    /// The picture with its units.
    pub view: Shared<View>,
    /// What the identifiers begin with.
    pub prefix: AttrValue,
    /// The mark that the answer shown elsewhere is about.
    pub asked: Option<String>,
    /// Whether it is the picture that matters most; it says how it can be used.
    pub prominent: bool,
    /// In what it differs from another run's picture.
    pub difference: Shared<Option<Difference>>,
    /// Asks a question. The same callback at every drawing.
    pub on_probe: Callback<Probe>,
}

/// What the pointer is over.
#[derive(Clone, PartialEq)]
struct Hover {
    mark: Option<String>,
    text: String,
}

/// Where the keyboard is.
#[derive(Clone, PartialEq, Default)]
struct Keyboard {
    /// The mark it is at, once it has been moved.
    at: Option<String>,
    /// Whether the focus is in the picture and to be seen.
    inside: bool,
    /// Counts the moves that the focus has to follow.
    moves: u32,
}

/// The picture and its read-out.
#[component]
pub fn Stage(properties: &StageProperties) -> Html {
    let frame = use_node_ref();
    let (width, dark) = (use_width(&frame), use_dark());
    let hover = use_state_eq(|| None::<Hover>);
    let keyboard = use_state(Keyboard::default);
    let drawn = use_memo((properties.view.clone(), width), |(view, width)| {
        width.map(|width| {
            let scene = view.plate.scene_at(width);
            let stops = stops(&scene, view.units.as_ref());
            (Shared(Rc::new(scene)), Shared(Rc::new(stops)))
        })
    });
    use_focus_follows(&keyboard, &properties.prefix);
    let picture = drawn.as_ref().as_ref().map(|(scene, stops)| {
        let place = Picture {
            view: properties.view.clone(),
            scene: scene.clone(),
            stops: stops.clone(),
            prefix: properties.prefix.clone(),
            keyboard: keyboard.clone(),
            hover: hover.clone(),
            on_probe: properties.on_probe.clone(),
        };
        place.html(properties, dark)
    });
    let focused = || {
        let (scene, _) = drawn.as_ref().as_ref()?;
        let at = keyboard.at.as_ref().filter(|_| keyboard.inside)?;
        scene.all_marks().into_iter().find(|mark| mark.id == *at)?.name.clone()
    };
    let said = hover.as_ref().map(|hover| hover.text.clone()).or_else(focused);
    let hint = if properties.prominent { hint(&properties.view) } else { "" };
    html! {
        <>
            <div key="stage" class="plate-stage" ref={frame}>{ picture }</div>
            if let Some(difference) = properties.difference.as_ref() {
                <p key="difference" class="plate-difference">{ &difference.sentence }</p>
            }
            <p key="readout" class={classes!("plate-readout", said.is_none().then_some("plate-hint"))}>{ said.unwrap_or_else(|| hint.to_owned()) }</p>
        </>
    }
}

/// How the picture can be used.
fn hint(view: &View) -> &'static str {
    match (&view.plate, can_be_asked(view)) {
        (Plate::Field(_), _) => {
            "Point at the plane to read it, click to ask why. With the keyboard: Tab, the arrows, Enter."
        }
        (_, true) => {
            "Point at a mark to read it, click to ask why. With the keyboard: Tab, the arrows, Enter."
        }
        (_, false) => "Point at a mark to read it. With the keyboard: Tab, then the arrows.",
    }
}

/// Moves the browser's focus after each move of the keyboard's place.
#[yew::hook]
fn use_focus_follows(keyboard: &UseStateHandle<Keyboard>, prefix: &AttrValue) {
    let target = keyboard.at.as_ref().map(|at| format!("{prefix}-{at}"));
    use_effect_with((keyboard.moves, target), |(moves, target)| {
        let target = target.as_ref().filter(|_| *moves > 0);
        let element = target.and_then(|target| browser::document()?.get_element_by_id(target));
        if let Some(element) = element.and_then(|element| element.dyn_into::<SvgElement>().ok()) {
            // The mark has a tabindex, so it takes the focus.
            let _ = element.focus();
        }
    });
}
