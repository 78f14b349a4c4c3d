//! Sentences that hold names of fields and values in backticks.

use yew::{Html, html};

/// The text, with whatever stands in backticks as code; a text whose backticks do not pair stays as it is.
pub fn prose(text: &str) -> Html {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { { text } };
    }
    let part = |(place, part): (usize, &&str)| {
        if place % 2 == 1 {
            html! { <code>{ *part }</code> }
        } else {
            html! { { *part } }
        }
    };
    html! { <>{ for parts.iter().enumerate().map(part) }</> }
}
