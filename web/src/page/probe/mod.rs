//! Asking where something goes, without having to hit it in a picture: a place by its numbers, a drawing, an
//! architecture by sliders. Everything here works with the keyboard, and nothing needs dragging.

mod choices;
mod delay;
mod drawing;
mod plane;
mod text;

use switchyard::experiment::{Probe, ProbeKind};
use switchyard::plate::svg::identifier;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use choices::Choices;
use drawing::DrawingPad;
use plane::Plane;
use text::TextEntry;

pub use drawing::Stamp;

/// How the run can be asked.
#[derive(PartialEq, Properties)]
pub struct ProbePanelProperties {
    /// The ways.
    pub kinds: Vec<ProbeKind>,
    /// What its identifiers begin with; unique on the page.
    pub scope: AttrValue,
    /// What its headings begin with for who cannot see beside which run they stand; empty for a run alone.
    #[prop_or_default]
    pub run: &'static str,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
    /// Whether the answer to the last question is still awaited.
    #[prop_or_default]
    pub busy: bool,
    /// Pictures to begin a drawing with; where there are none, ten digits are offered.
    #[prop_or_default]
    pub stamps: Vec<Stamp>,
}

/// One form for each way of asking.
#[component]
pub fn ProbePanel(properties: &ProbePanelProperties) -> Html {
    let scope = identifier(&properties.scope);
    let (busy, run) = (properties.busy, properties.run);
    let form = |(index, kind): (usize, &ProbeKind)| {
        let scope = AttrValue::from(format!("{scope}-{index}"));
        let on_probe = properties.on_probe.clone();
        match kind.clone() {
            // A form whose question is another one is another form: it begins anew.
            ProbeKind::Plane { names, x, y } => {
                let key = format!("plane-{names:?}-{x:?}-{y:?}");
                html! { <Plane {key} {names} {x} {y} {scope} {run} {on_probe} {busy} /> }
            }
            ProbeKind::Drawing { width, height } => {
                let stamps = properties.stamps.clone();
                html! { <DrawingPad key={format!("drawing-{width}-{height}")} {width} {height} {stamps} {scope} {run} {on_probe} {busy} /> }
            }
            ProbeKind::Text { longest } => {
                html! { <TextEntry key={format!("text-{longest}")} {longest} {scope} {run} {on_probe} {busy} /> }
            }
            ProbeKind::Choices { choices } => {
                let keys: Vec<String> = choices
                    .iter()
                    .map(|choice| format!("{}:{}", choice.key, choice.options.join(",")))
                    .collect();
                html! { <Choices key={format!("choices-{}", keys.join(";"))} {choices} {scope} {run} {on_probe} /> }
            }
        }
    };
    html! { <div class="probes">{ for properties.kinds.iter().enumerate().map(form) }</div> }
}
