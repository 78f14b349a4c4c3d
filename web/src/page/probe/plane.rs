//! A place of the plane by its two numbers.

use switchyard::experiment::Probe;
use switchyard::plate::number::brief;
use switchyard_web::plate_logic::number_entry::{step, stepped, typed, written};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::{
    AttrValue, Callback, Html, InputEvent, MouseEvent, Properties, SubmitEvent, component, html, use_state,
    use_state_eq,
};

/// Which plane.
#[derive(PartialEq, Properties)]
pub struct PlaneProperties {
    /// What the coordinates are called.
    pub names: [String; 2],
    /// The ends of the first.
    pub x: [f64; 2],
    /// The ends of the second.
    pub y: [f64; 2],
    /// What identifiers begin with.
    pub scope: AttrValue,
    /// What the heading begins with for who cannot see beside which run it stands.
    pub run: &'static str,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
    /// Whether an answer is awaited.
    pub busy: bool,
}

/// Two numbers and a button.
#[component]
pub fn Plane(properties: &PlaneProperties) -> Html {
    let ranges = [properties.x, properties.y];
    let texts = use_state(|| ranges.map(|range| written((range[0] + range[1]) / 2.0, step(range))));
    let refused = use_state_eq(|| None::<String>);
    let onsubmit = {
        let (texts, refused, names) = (texts.clone(), refused.clone(), properties.names.clone());
        let on_probe = properties.on_probe.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let read = |axis: usize| typed(&names[axis], &texts[axis], ranges[axis]);
            match (read(0), read(1)) {
                (Ok(x), Ok(y)) => {
                    refused.set(None);
                    on_probe.emit(Probe::Input { features: vec![x as f32, y as f32] });
                }
                (Err(reason), _) | (_, Err(reason)) => refused.set(Some(reason)),
            }
        })
    };
    let scope = &properties.scope;
    let error = AttrValue::from(format!("{scope}-error"));
    let entry = |axis: usize| {
        let texts = texts.clone();
        let text = texts[axis].clone();
        let on_text = Callback::from(move |text: String| {
            let mut changed = (*texts).clone();
            changed[axis] = text;
            texts.set(changed);
        });
        html! {
            <Coordinate key={axis} id={format!("{scope}-{axis}")} name={properties.names[axis].clone()} range={ranges[axis]}
                {text} error={refused.as_ref().map(|_| error.clone())} {on_text} />
        }
    };
    html! {
        <form class="probe" {onsubmit} aria-labelledby={format!("{scope}-title")}>
            <h3 key="title" id={format!("{scope}-title")}>
                <span class="visually-hidden">{ properties.run }</span>{ "Where does this point go?" }
            </h3>
            <div key="entries" class="probe-row">
                { entry(0) }
                { entry(1) }
                <button key="ask" type="submit" class="button" disabled={properties.busy}>{ "Ask" }</button>
            </div>
            <p key="error" class={refused.as_ref().map(|_| "field-error")} id={error.clone()} role="status">{ (*refused).clone() }</p>
        </form>
    }
}

/// One number.
#[derive(PartialEq, Properties)]
struct CoordinateProperties {
    id: AttrValue,
    name: String,
    range: [f64; 2],
    text: String,
    /// Where the reason stands, when the numbers were refused.
    error: Option<AttrValue>,
    on_text: Callback<String>,
}

/// A number to type, with a button down and a button up.
#[component]
fn Coordinate(properties: &CoordinateProperties) -> Html {
    let CoordinateProperties { id, name, range, text, error, on_text } = properties;
    let oninput = on_text.reform(|event: InputEvent| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    });
    let stepper = |up: bool| {
        let next = stepped(text, *range, up);
        let onclick = on_text.reform(move |_: MouseEvent| next.clone());
        let (sign, word) = if up { ("+", "more") } else { ("−", "less") };
        html! { <button key={word} type="button" class="button button-icon" aria-label={format!("{name}: {word}")} {onclick}>{ sign }</button> }
    };
    html! {
        <div class="field">
            <label key="name" for={id.clone()}>{ name }{ " " }<span class="unit">{ format!("{} to {}", brief(range[0]), brief(range[1])) }</span></label>
            <div key="entry" class="field-control field-steps">
                { stepper(false) }
                <input key="number" id={id.clone()} class="input input-number" inputmode="decimal" autocomplete="off" value={text.clone()} {oninput}
                    aria-invalid={error.as_ref().map(|_| "true")} aria-describedby={error.clone()} />
                { stepper(true) }
            </div>
        </div>
    }
}
