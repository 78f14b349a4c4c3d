//! A field for a file of this device: it is chosen, or dropped on it.

use wasm_bindgen::JsCast as _;
use web_sys::{File, FileList, HtmlInputElement};
use yew::{Callback, DragEvent, Event, Html, Properties, component, html, use_state_eq};

/// What is wanted, and who gets it.
#[derive(PartialEq, Properties)]
pub struct FileFieldProperties {
    /// Its identifier, unique on the page.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The endings of the files that are offered.
    pub accept: &'static str,
    /// What the file has to hold, in a sentence.
    pub help: String,
    /// Gets the file.
    pub on_file: Callback<File>,
}

/// The field.
#[component]
pub fn FileField(properties: &FileFieldProperties) -> Html {
    let FileFieldProperties { id, label, accept, help, on_file } = properties;
    let over = use_state_eq(|| false);
    let take = {
        let on_file = on_file.clone();
        move |files: Option<FileList>| {
            if let Some(file) = files.and_then(|files| files.get(0)) {
                on_file.emit(file);
            }
        }
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(input) = input {
                take(input.files());
                // The same file can be chosen again after it was changed.
                input.set_value("");
            }
        })
    };
    let drag = |inside: bool| {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(inside);
        })
    };
    let ondrop = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            take(event.data_transfer().and_then(|data| data.files()));
        })
    };
    let help_id = format!("{id}-help");
    html! {
        <div key="drop" class={if *over { "drop-zone over" } else { "drop-zone" }} ondragenter={drag(true)} ondragover={drag(true)} ondragleave={drag(false)} {ondrop}>
            <label for={*id}>{ *label }</label>
            <input key="file" id={*id} type="file" accept={*accept} aria-describedby={help_id.clone()} {onchange} />
            <p id={help_id} class="field-help">{ help }{ " Choose it, or drop it here. It stays in this tab." }</p>
        </div>
    }
}
