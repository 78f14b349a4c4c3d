//! The rings around marks: where the keyboard is, what is pointed at, and what was asked.

use switchyard_web::plate_logic::bounds::Edges;
use yew::{AttrValue, Html, Properties, component, html};

/// One ring.
#[derive(PartialEq, Properties)]
pub struct RingProperties {
    /// What it goes around.
    pub around: Edges,
    /// Which ring it is: `focus`, `hover` or `asked`.
    pub kind: AttrValue,
}

/// A ring, or two where it lies on colours: one in its own colour and one in that of the paper.
#[component]
pub fn Ring(properties: &RingProperties) -> Html {
    let [left, top, right, bottom] = properties.around;
    let rectangle = |away: f64, class: String| {
        let attribute = |value: f64| AttrValue::from(format!("{value:.1}"));
        html! {
            <rect {class} x={attribute(left - away)} y={attribute(top - away)}
                width={attribute(right - left + 2.0 * away)} height={attribute(bottom - top + 2.0 * away)} rx="3" />
        }
    };
    html! {
        <g key="ring" aria-hidden="true">
            { rectangle(3.0, format!("ring-ground ring-{}", properties.kind)) }
            { rectangle(3.0, format!("ring ring-{}", properties.kind)) }
        </g>
    }
}
