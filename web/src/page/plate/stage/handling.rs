//! What keys, clicks and the pointer do in a picture.

use switchyard::plate::Plate;
use switchyard_web::plate_logic::asking::{asked, under};
use switchyard_web::plate_logic::focus::{Move, group_of, moved};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, EventTarget, HtmlElement, SvgElement};
use yew::{Callback, FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};

use super::picture::Picture;
use super::{Hover, Keyboard};

impl Picture {
    fn go(&self, to: &str) {
        let moves = self.keyboard.moves + 1;
        self.keyboard.set(Keyboard { at: Some(to.to_owned()), inside: true, moves });
    }

    pub(super) fn on_key(&self) -> Callback<KeyboardEvent> {
        let picture = self.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            if picture.key(&event.key(), &event) {
                event.prevent_default();
            }
        })
    }

    /// What a key does; whether it did anything.
    fn key(&self, key: &str, event: &KeyboardEvent) -> bool {
        let Some(stop) = self.current() else { return false };
        let group = group_of(&self.scene, &stop.id).filter(|_| !self.stops.contains(&stop));
        match (key, group) {
            ("Enter" | " ", _) if stop.group => {
                if let Some(first) = self.inside(&stop.id).first() {
                    self.go(&first.id);
                }
            }
            ("Enter" | " ", _) => self.ask(Some(&stop.id), Some(stop.at)),
            ("Escape", Some(group)) => self.go(&group.id),
            ("Escape", None) => blur(event.target()),
            (key, group) => {
                let Some(by) = Move::of_key(key) else { return false };
                let inside = group.map(|group| self.inside(&group.id));
                let around = inside.as_deref().unwrap_or(&self.stops);
                if let Some(index) = moved(around, &stop.id, by) {
                    self.go(&around[index].id);
                }
            }
        }
        true
    }

    fn ask(&self, mark: Option<&str>, at: Option<[f64; 2]>) {
        if let Some(probe) = asked(&self.view, mark, at, self.scene.width) {
            self.on_probe.emit(probe);
        }
    }

    pub(super) fn on_click(&self) -> Callback<MouseEvent> {
        let picture = self.clone();
        Callback::from(move |event: MouseEvent| {
            let mark = picture.mark_under(event.target());
            if let Some(stop) =
                mark.as_ref().filter(|mark| picture.stops.iter().any(|stop| stop.id == **mark))
            {
                let moves = picture.keyboard.moves;
                picture.keyboard.set(Keyboard { at: Some(stop.clone()), inside: false, moves });
            }
            picture.ask(mark.as_deref(), picture.place(&event));
        })
    }

    pub(super) fn on_pointer(&self) -> Callback<PointerEvent> {
        let picture = self.clone();
        Callback::from(move |event: PointerEvent| {
            let mark = picture.mark_under(event.target());
            let name = mark.as_ref().and_then(|id| {
                picture.scene.all_marks().into_iter().find(|mark| mark.id == *id)?.name.clone()
            });
            let plane = || match &picture.view.plate {
                Plate::Field(field) => under(field, picture.place(&event)?, picture.scene.width),
                _ => None,
            };
            let text = name.or_else(plane);
            picture.hover.set(text.map(|text| Hover { mark, text }));
        })
    }

    pub(super) fn on_pointer_out(&self) -> Callback<PointerEvent> {
        let picture = self.clone();
        Callback::from(move |event: PointerEvent| {
            if !is_in_svg(event.related_target(), &picture.prefix) {
                picture.hover.set(None);
            }
        })
    }

    pub(super) fn on_focus(&self) -> Callback<FocusEvent> {
        let picture = self.clone();
        Callback::from(move |event: FocusEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            // A browser that does not know the word shows the ring always.
            let inside =
                target.as_ref().is_some_and(|target| target.matches(":focus-visible").unwrap_or(true));
            let at = picture.mark_under(event.target());
            if at.is_some() && (at != picture.keyboard.at || inside != picture.keyboard.inside) {
                picture.keyboard.set(Keyboard { at, inside, moves: picture.keyboard.moves });
            }
        })
    }

    pub(super) fn on_blur(&self) -> Callback<FocusEvent> {
        let picture = self.clone();
        Callback::from(move |event: FocusEvent| {
            if picture.keyboard.inside && !is_in_svg(event.related_target(), &picture.prefix) {
                picture.keyboard.set(Keyboard { inside: false, ..(*picture.keyboard).clone() });
            }
        })
    }

    /// The identifier of the named mark that an event happened at.
    fn mark_under(&self, target: Option<EventTarget>) -> Option<String> {
        let element = target?.dyn_into::<Element>().ok()?.closest("[id]").ok()??;
        let id = element.id();
        Some(id.strip_prefix(self.prefix.as_str())?.strip_prefix('-')?.to_owned())
    }

    /// The pixel of the picture that a pointer is at.
    fn place(&self, event: &MouseEvent) -> Option<[f64; 2]> {
        let element = event.target()?.dyn_into::<Element>().ok()?.closest("svg").ok()??;
        let shown = element.get_bounding_client_rect();
        let scale = self.scene.width / shown.width().max(1.0);
        let across = f64::from(event.client_x()) - shown.left();
        let down = f64::from(event.client_y()) - shown.top();
        Some([across * scale, down * scale])
    }
}

/// Whether an event's other end is in the same picture.
fn is_in_svg(target: Option<EventTarget>, prefix: &str) -> bool {
    let svg = target
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.closest("svg.plate").ok().flatten());
    svg.and_then(|svg| svg.get_attribute("aria-labelledby"))
        .is_some_and(|heading| heading == format!("{prefix}-heading"))
}

fn blur(target: Option<EventTarget>) {
    let Some(target) = target else { return };
    if let Some(element) = target.dyn_ref::<SvgElement>() {
        // An element without the focus keeps it not.
        let _ = element.blur();
    } else if let Some(element) = target.dyn_ref::<HtmlElement>() {
        // As above.
        let _ = element.blur();
    }
}
