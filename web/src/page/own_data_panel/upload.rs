//! A CSV file from this device: chosen or dropped, looked at, and then given to the run.

use switchyard_web::plate_logic::heading::{columns, problem, too_large};
use switchyard_web::protocol::OwnData;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlSelectElement};
use yew::{Callback, Event, Html, MouseEvent, Properties, component, html, use_state};

use crate::page::file_field::FileField;

/// What is needed, and who hears.
#[derive(PartialEq, Properties)]
pub struct UploadProperties {
    /// What the columns have to hold, in a sentence.
    pub columns_hint: String,
    /// Hears of rows to train on.
    pub on_data: Callback<Option<OwnData>>,
    /// Hears why not.
    pub on_refuse: Callback<String>,
}

/// A file that was read but is not in use yet.
#[derive(Clone, PartialEq)]
struct Chosen {
    name: String,
    text: String,
    columns: Vec<String>,
    class: Option<String>,
}

/// The field for the file, and what was found in it.
#[component]
pub fn Upload(properties: &UploadProperties) -> Html {
    let chosen = use_state(|| None::<Chosen>);
    let on_file = {
        let (chosen, on_refuse) = (chosen.setter(), properties.on_refuse.clone());
        Callback::from(move |file: File| {
            let (chosen, on_refuse) = (chosen.clone(), on_refuse.clone());
            spawn_local(async move {
                match read(&file).await {
                    Ok(found) => chosen.set(Some(found)),
                    Err(reason) => {
                        chosen.set(None);
                        on_refuse.emit(reason);
                    }
                }
            });
        })
    };
    html! {
        <fieldset class="fields own-file">
            <legend key="legend">{ "Or use a file" }</legend>
            <FileField key="drop" id="own-file" label="CSV file, at most 2 MB" accept=".csv,text/csv" help={properties.columns_hint.clone()} {on_file} />
            if let Some(found) = &*chosen { { ready(found, &chosen.setter(), &properties.on_data) } }
        </fieldset>
    }
}

async fn read(file: &File) -> Result<Chosen, String> {
    let name = file.name();
    if let Some(reason) = too_large(&name, file.size()) {
        return Err(reason);
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    let text = text.ok_or_else(|| {
        format!("`{name}` could not be read. Choose it again, or copy it to another place.")
    })?;
    match problem(&name, &text) {
        Some(reason) => Err(reason),
        None => Ok(Chosen { columns: columns(&text), name, text, class: None }),
    }
}

/// What was found, which column holds the class, and the button that uses it.
fn ready(
    found: &Chosen,
    set: &yew::UseStateSetter<Option<Chosen>>,
    on_data: &Callback<Option<OwnData>>,
) -> Html {
    let choose = {
        let (found, set) = (found.clone(), set.clone());
        Callback::from(move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let class = select.map(|select| select.value()).filter(|value| !value.is_empty());
            set.set(Some(Chosen { class, ..found.clone() }));
        })
    };
    let train = {
        let (found, on_data) = (found.clone(), on_data.clone());
        Callback::from(move |_: MouseEvent| {
            let Chosen { name, text, class, .. } = found.clone();
            on_data.emit(Some(OwnData::Csv { name, text, class }));
        })
    };
    let lines = found.text.lines().filter(|line| !line.trim().is_empty()).count();
    let rows = lines.saturating_sub(usize::from(!found.columns.is_empty()));
    let last = found
        .columns
        .last()
        .map_or_else(|| "the last column".to_owned(), |name| format!("the last column ({name})"));
    html! {
        <div key="found" class="own-found">
            <p role="status">{ format!("{}: {rows} rows. Nothing is trained on them yet.", found.name) }</p>
            if found.columns.is_empty() {
                <p class="field-help">{ "Its first line holds numbers, not names, so the last column is taken for the class." }</p>
            } else {
                <div class="field"><label for="own-class-column">{ "Column of the class" }</label>
                    <select id="own-class-column" class="select" onchange={choose}>
                        <option key="last" value="" selected={found.class.is_none()}>{ last }</option>
                        { for found.columns.iter().enumerate().map(|(index, name)| html! {
                            <option key={index} value={name.clone()} selected={found.class.as_ref() == Some(name)}>{ name }</option>
                        }) }
                    </select>
                </div>
            }
            <button type="button" class="button" onclick={train}>{ "Train on these rows" }</button>
        </div>
    }
}
