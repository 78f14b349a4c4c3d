//! stub
use std::rc::Rc;
use switchyard_web::protocol::OwnData;
use yew::{Callback, Html, Properties, component, html};
#[derive(Properties, PartialEq)]
pub struct OwnDataPanelProperties {
    pub classes: usize,
    pub current: Option<Rc<OwnData>>,
    pub on_data: Callback<Option<OwnData>>,
    pub on_refuse: Callback<String>,
}
#[component]
pub fn OwnDataPanel(_p: &OwnDataPanelProperties) -> Html {
    html! {}
}
