//! A text of one's own: pasted, or from a file, and then given to the run.

use switchyard_web::plate_logic::heading::too_large;
use switchyard_web::protocol::OwnData;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlInputElement, HtmlTextAreaElement};
use yew::{Callback, Event, Html, InputEvent, Properties, SubmitEvent, component, html, use_state};

/// Who hears.
#[derive(PartialEq, Properties)]
pub struct OwnTextProperties {
    /// Hears of a text to train on.
    pub on_data: Callback<Option<OwnData>>,
    /// Hears why not.
    pub on_refuse: Callback<String>,
}

/// What was pasted or read, and what it is called.
#[derive(Clone, PartialEq)]
struct Found {
    name: String,
    text: String,
}

/// A field for the text, one for a file, and the button that uses it.
#[component]
pub fn OwnText(properties: &OwnTextProperties) -> Html {
    let found = use_state(|| Found { name: PASTED.to_owned(), text: String::new() });
    let oninput = {
        let found = found.setter();
        Callback::from(move |event: InputEvent| {
            let area = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            let text = area.map(|area| area.value()).unwrap_or_default();
            found.set(Found { name: PASTED.to_owned(), text });
        })
    };
    let onchange = {
        let (found, on_refuse) = (found.setter(), properties.on_refuse.clone());
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                let (found, on_refuse) = (found.clone(), on_refuse.clone());
                spawn_local(async move {
                    match read(&file).await {
                        Ok(read) => found.set(read),
                        Err(reason) => on_refuse.emit(reason),
                    }
                });
            }
            // The same file can be chosen again after it was changed.
            input.set_value("");
        })
    };
    let onsubmit = {
        let (found, on_data, on_refuse) =
            (found.clone(), properties.on_data.clone(), properties.on_refuse.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Found { name, text } = (*found).clone();
            match too_large(&name, text.len() as f64) {
                Some(reason) => on_refuse.emit(reason),
                None if text.is_empty() => on_refuse.emit("Paste a text or choose a file first.".to_owned()),
                None => on_data.emit(Some(OwnData::Text { name, text })),
            }
        })
    };
    let count = found.text.chars().count();
    html! {
        <form class="own-found" {onsubmit}>
            <div class="field">
                <label for="own-text">{ "Text" }{ " " }<span class="unit">{ format!("{count} characters") }</span></label>
                <textarea id="own-text" class="input input-text" rows="4" spellcheck="false" autocomplete="off" value={found.text.clone()} {oninput} aria-describedby="own-text-help" />
                <p id="own-text-help" class="field-help">{ "Paste a text here, or choose a file. A part of it is held out; some thousand characters are enough to watch. It stays in this tab." }</p>
            </div>
            <div class="field">
                <label for="own-text-file">{ "Text file in UTF-8, at most 2 MB" }</label>
                <input id="own-text-file" type="file" accept=".txt,.md,text/*" {onchange} />
            </div>
            <button type="submit" class="button">{ "Train on this text" }</button>
        </form>
    }
}

/// What a pasted text is called.
const PASTED: &str = "pasted text";

async fn read(file: &File) -> Result<Found, String> {
    let name = file.name();
    if let Some(reason) = too_large(&name, file.size()) {
        return Err(reason);
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    let text = text.ok_or_else(|| {
        format!("`{name}` could not be read. Choose it again, or copy it to another place.")
    })?;
    Ok(Found { name, text })
}
