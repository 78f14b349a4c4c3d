//! A text field that lets a person type. What is typed stays as long as what the page wants there stays the same:
//! a field that were drawn again with every picture of a run would put its old text back under the person's hands.

use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::{Callback, Event, Html, Properties, component, html};

/// What is in the field, and who hears when it is left or Enter is pressed.
#[derive(Properties)]
pub struct EntryProperties {
    /// Its identifier, unique on the page.
    pub id: String,
    /// The text that the page wants there.
    pub text: String,
    /// Whether it holds a number, and of which kind: the `inputmode`.
    pub mode: &'static str,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub locked: bool,
    /// Whether its text was refused.
    #[prop_or_default]
    pub refused: bool,
    /// What describes it.
    #[prop_or_default]
    pub described_by: Option<String>,
    /// Hears the text. It does the same at every drawing, so it is not compared.
    #[prop_or_default]
    pub on_text: Callback<String>,
}

impl PartialEq for EntryProperties {
    fn eq(&self, other: &Self) -> bool {
        let Self { id, text, mode, locked, refused, described_by, on_text: _ } = self;
        (id, text, mode, locked, refused, described_by)
            == (&other.id, &other.text, &other.mode, &other.locked, &other.refused, &other.described_by)
    }
}

/// The field.
#[component]
pub fn Entry(properties: &EntryProperties) -> Html {
    let EntryProperties { id, text, mode, locked, refused, described_by, on_text } = properties;
    let onchange = on_text.reform(|event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    });
    let class = if *mode == "text" { "input" } else { "input input-number" };
    html! {
        <input id={id.clone()} {class} inputmode={*mode} autocomplete="off" spellcheck="false" value={text.clone()} disabled={*locked}
            aria-invalid={refused.then_some("true")} aria-describedby={described_by.clone()} {onchange} />
    }
}
