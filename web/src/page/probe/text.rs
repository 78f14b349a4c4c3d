//! A text to type: where does each character go, and what comes next?

use switchyard::experiment::Probe;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlTextAreaElement;
use yew::{
    AttrValue, Callback, Html, InputEvent, Properties, SubmitEvent, component, html, use_state, use_state_eq,
};

/// What stands there at first: a beginning in the language of the playground's text.
const BEGINNING: &str = "the ";

/// Which text.
#[derive(PartialEq, Properties)]
pub struct TextEntryProperties {
    /// How many characters are read at once.
    pub longest: usize,
    /// What identifiers begin with.
    pub scope: AttrValue,
    /// What the heading begins with for who cannot see beside which run it stands.
    pub run: &'static str,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
    /// Whether an answer is awaited.
    pub busy: bool,
}

/// A few lines and a button.
#[component]
pub fn TextEntry(properties: &TextEntryProperties) -> Html {
    let text = use_state(|| BEGINNING.to_owned());
    let refused = use_state_eq(|| false);
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            let area = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            text.set(area.map(|area| area.value()).unwrap_or_default());
        })
    };
    let onsubmit = {
        let (text, refused, on_probe) = (text.clone(), refused.clone(), properties.on_probe.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            refused.set(text.is_empty());
            if !text.is_empty() {
                on_probe.emit(Probe::Text { text: (*text).clone() });
            }
        })
    };
    let TextEntryProperties { longest, scope, run, busy, .. } = properties;
    let (area, error) = (format!("{scope}-text"), format!("{scope}-error"));
    html! {
        <form class="probe" {onsubmit} aria-labelledby={format!("{scope}-title")}>
            <h3 id={format!("{scope}-title")}>
                <span class="visually-hidden">{ *run }</span>{ "Where do these characters go?" }
            </h3>
            <div class="field">
                <label for={area.clone()}>{ "Text" }{ " " }<span class="unit">{ format!("the last {longest} characters are read") }</span></label>
                <textarea id={area} class="input input-text" rows="2" spellcheck="false" autocomplete="off" value={(*text).clone()} {oninput}
                    aria-invalid={refused.then_some("true")} aria-describedby={error.clone()} />
            </div>
            <button type="submit" class="button" disabled={*busy}>{ "Ask" }</button>
            <p class={refused.then_some("field-error")} id={error} role="status">{ if *refused { "Type a text first." } else { "" } }</p>
        </form>
    }
}
