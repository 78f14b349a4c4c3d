//! The answer to "why did this go there?".

use std::rc::Rc;

use switchyard::experiment::Answer;
use yew::{AttrValue, Callback, Html, Properties, component, html};

/// An answer, and who hears that it is not needed any more.
#[derive(PartialEq, Properties)]
pub struct AnswerProperties {
    /// The answer.
    pub answer: Rc<Answer>,
    /// What its identifiers begin with; unique on the page.
    pub scope: AttrValue,
    /// Closes it.
    pub on_close: Callback<()>,
}

/// The answer, beneath the picture it is about.
#[component]
pub fn AnswerView(properties: &AnswerProperties) -> Html {
    html! { <section class="readout"><h3>{ &properties.answer.sentence }</h3></section> }
}
