//! A slot's marker beside its name in running text, and a bar as long as a share.

use switchyard::plate::palette::marker;
use switchyard::plate::scene::Paint;
use switchyard::plate::svg::{look, outline};
use yew::Html;
use yew::html;

use super::marks::element;

/// The marker of a slot: hue and shape as in the pictures. Its number or name stands beside it.
pub fn slot_mark(slot: usize) -> Html {
    let (tag, mut attributes) = outline(&marker(slot, [6.0, 6.0], 5.0));
    attributes.extend(look(Paint::Slot(slot), ""));
    html! { <svg key="mark" class="plate slot-mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{ Html::from(element(tag, attributes)) }</svg> }
}

/// A bar in a slot's colour over a track, as long as a share from 0 to 1. The number stands beside it.
pub fn share_bar(slot: usize, share: f64) -> Html {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let class =
        look(Paint::Slot(slot), "").into_iter().find(|(name, _)| *name == "class").map(|(_, class)| class);
    html! {
        <svg key="bar" class="plate share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" width="64" height="8" aria-hidden="true">
            <rect class="panel" x="0" y="0" width="100" height="8" />
            <rect class={class} x="0" y="0" width={format!("{:.1}", share * 100.0)} height="8" />
        </svg>
    }
}
