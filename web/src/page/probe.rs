//! stub
use switchyard::experiment::{Probe, ProbeKind};
use yew::{AttrValue, Callback, Html, Properties, component, html};
#[derive(Properties, PartialEq)]
pub struct ProbePanelProperties {
    pub kinds: Vec<ProbeKind>,
    pub scope: AttrValue,
    pub on_probe: Callback<Probe>,
    pub busy: bool,
}
#[component]
pub fn ProbePanel(_p: &ProbePanelProperties) -> Html {
    html! {}
}
