//! An architecture by sliders, one for each choice. The run is asked as they move.

use std::collections::BTreeMap;

use switchyard::experiment::{Choice, Probe};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::{AttrValue, Callback, Html, InputEvent, MouseEvent, Properties, component, html, use_state};

use super::delay::use_rate_limit;

/// Which sliders.
#[derive(PartialEq, Properties)]
pub struct ChoicesProperties {
    /// The choices.
    pub choices: Vec<Choice>,
    /// What identifiers begin with.
    pub scope: AttrValue,
    /// What the heading begins with for who cannot see beside which run it stands.
    pub run: &'static str,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
}

/// The sliders.
#[component]
pub fn Choices(properties: &ChoicesProperties) -> Html {
    let choices = &properties.choices;
    let places = use_state(|| choices.iter().map(|choice| choice.start).collect::<Vec<usize>>());
    let ask = use_rate_limit(&properties.on_probe);
    let asked = |places: &[usize]| {
        let option = |(choice, place): (&Choice, &usize)| {
            Some((choice.key.clone(), choice.options.get(*place)?.clone()))
        };
        Probe::Choices { options: choices.iter().zip(places).filter_map(option).collect::<BTreeMap<_, _>>() }
    };
    let slider = |(index, choice): (usize, &Choice)| {
        let last = choice.options.len().saturating_sub(1);
        let place = places.get(index).copied().unwrap_or(choice.start).min(last);
        let id = format!("{}-{index}", properties.scope);
        let at = |place: usize| {
            let mut moved = (*places).clone();
            moved[index] = place;
            let (probe, places, ask) = (asked(&moved), places.clone(), ask.clone());
            move || {
                places.set(moved.clone());
                ask.emit(probe.clone());
            }
        };
        let steps: Vec<_> = (0..choice.options.len()).map(at).collect();
        let (less, more) = (steps.get(place.wrapping_sub(1)).cloned(), steps.get(place + 1).cloned());
        let oninput = Callback::from(move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let place = input.and_then(|input| input.value().parse::<usize>().ok());
            if let Some(step) = place.and_then(|place| steps.get(place)) {
                step();
            }
        });
        let shown = choice.options.get(place).cloned().unwrap_or_default();
        html! {
            <div class="field" key={choice.key.clone()}>
                <label for={id.clone()}>{ &choice.label }</label>
                <div class="field-control field-steps">
                    { stepper(&choice.label, "−", "less", less) }
                    <input key="slider" {id} class="slider" type="range" min="0" max={last.to_string()} step="1" value={place.to_string()} aria-valuetext={shown.clone()} {oninput} />
                    { stepper(&choice.label, "+", "more", more) }
                    <output key="value" class="field-value" for={format!("{}-{index}", properties.scope)}>{ shown }</output>
                </div>
            </div>
        }
    };
    html! {
        <section class="probe" aria-labelledby={format!("{}-title", properties.scope)}>
            <h3 id={format!("{}-title", properties.scope)}>
                <span class="visually-hidden">{ properties.run }</span>{ "Which sub-network?" }
            </h3>
            <div class="fields">{ for choices.iter().enumerate().map(slider) }</div>
        </section>
    }
}

/// A button that moves a slider by one place, as long as there is one. It is never disabled, because the focus of
/// the person who presses it would be lost.
fn stepper(label: &str, sign: &'static str, word: &'static str, step: Option<impl Fn() + 'static>) -> Html {
    let at_end = step.is_none();
    let onclick = Callback::from(move |_: MouseEvent| {
        if let Some(step) = &step {
            step();
        }
    });
    html! {
        <button key={word} type="button" class="button button-icon" aria-label={format!("{label}: {word}")} aria-disabled={at_end.then_some("true")} {onclick}>{ sign }</button>
    }
}
