//! Data of one's own: points set in a plane, a CSV file, or a text. They stay in this tab.

mod own_text;
mod points;
mod upload;

use std::rc::Rc;

use switchyard::data::OwnKind;
use switchyard_web::protocol::OwnData;
use yew::{Callback, Html, MouseEvent, Properties, component, html};

use own_text::OwnText;
use points::Points;
use upload::Upload;

/// What the run trains on now, and who hears of other rows.
#[derive(PartialEq, Properties)]
pub struct OwnDataPanelProperties {
    /// What the lab takes.
    pub kind: OwnKind,
    /// What the columns of a file have to hold, in a sentence.
    #[prop_or("A CSV file with numbers in every column but one, which holds the class.".to_owned())]
    pub columns_hint: String,
    /// How many classes points can have.
    pub classes: usize,
    /// The rows in use.
    pub current: Option<Rc<OwnData>>,
    /// Hears of rows to train on; nothing for the preset's own.
    pub on_data: Callback<Option<OwnData>>,
    /// Hears why rows are not taken.
    pub on_refuse: Callback<String>,
}

/// Both ways, and the way back.
#[component]
pub fn OwnDataPanel(properties: &OwnDataPanelProperties) -> Html {
    let in_use = match properties.current.as_deref() {
        Some(OwnData::Points { points, .. }) => {
            Some(format!("The run trains on {} points of yours.", points.len()))
        }
        Some(OwnData::Csv { name, .. }) => Some(format!("The run trains on your file {name}.")),
        Some(OwnData::Text { name, text }) => {
            Some(format!("The run trains on {name}, {} characters.", text.chars().count()))
        }
        None => None,
    };
    let back = properties.on_data.reform(|_: MouseEvent| None);
    html! {
        <div class="own-data">
            <p key="promise" class="field-help">{ "Your data stay in this tab. They are sent nowhere, and a link does not hold them." }</p>
            if let Some(in_use) = in_use {
                <p key="in-use" class="own-data-use">{ in_use }{ " " }<button type="button" class="button button-small" onclick={back}>{ "Back to the preset’s data" }</button></p>
            }
            if properties.kind == OwnKind::Text {
                <OwnText key="text" on_data={properties.on_data.clone()} on_refuse={properties.on_refuse.clone()} />
            } else {
                <Points key="points" classes={properties.classes} current={properties.current.clone()} on_data={properties.on_data.clone()} on_refuse={properties.on_refuse.clone()} />
                <Upload key="upload" columns_hint={properties.columns_hint.clone()} on_data={properties.on_data.clone()} on_refuse={properties.on_refuse.clone()} />
            }
        </div>
    }
}
