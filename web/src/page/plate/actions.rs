//! What can be done with a picture: show its table, save it as a file.

use std::rc::Rc;

use switchyard::experiment::View;
use yew::{AttrValue, Callback, Html, MouseEvent, Properties, component, html};

use super::exporting;
use super::shared::Shared;

/// Of which picture.
#[derive(PartialEq, Properties)]
pub struct ActionsProperties {
    /// The picture.
    pub view: Shared<View>,
    /// Whether its table is shown; nothing when the picture is a table.
    pub open: Option<bool>,
    /// The table's identifier.
    pub table_id: AttrValue,
    /// Shows or hides the table.
    pub on_table: Callback<()>,
    /// Hears what was saved.
    pub on_notice: Callback<String>,
}

/// A row of buttons.
#[component]
pub fn Actions(properties: &ActionsProperties) -> Html {
    let title = properties.view.plate.title().into_owned();
    let saves = |save: fn(&View) -> Option<String>| {
        let (view, on_notice) = (properties.view.clone(), properties.on_notice.clone());
        Callback::from(move |_: MouseEvent| on_notice.emit(told(save(&view))))
    };
    let png = {
        let (view, on_notice) = (Rc::clone(&properties.view.0), properties.on_notice.clone());
        Callback::from(move |_: MouseEvent| {
            let (view, on_notice) = (Rc::clone(&view), on_notice.clone());
            wasm_bindgen_futures::spawn_local(async move {
                on_notice.emit(told(exporting::png(&view.plate).await));
            });
        })
    };
    let on_table = properties.on_table.reform(|_: MouseEvent| ());
    let button = |word: &'static str, onclick: Callback<MouseEvent>| {
        html! {
            <button key={word} type="button" class="button button-quiet button-small" aria-label={format!("{word}: {title}")} title={format!("Save as {word}")} {onclick}>{ word }</button>
        }
    };
    html! {
        <div class="plate-actions" role="group" aria-label={format!("{title}: data and files")}>
            if let Some(open) = properties.open {
                <button key="table" type="button" class="button button-quiet button-small" aria-label={format!("Table: {title}")}
                    aria-expanded={if open { "true" } else { "false" }} aria-controls={open.then(|| properties.table_id.clone())} onclick={on_table}>{ "Table" }</button>
            }
            { button("SVG", saves(|view| exporting::svg(&view.plate))) }
            { button("PNG", png) }
            { button("CSV", saves(|view| exporting::csv(&view.plate))) }
        </div>
    }
}

fn told(saved: Option<String>) -> String {
    match saved {
        Some(name) => format!("Saved {name}."),
        None => "The browser did not save the file. Try another format, or take a screenshot.".to_owned(),
    }
}
