//! What a picture has to know of the page around it: how wide it may be, and whether the page is dark.

use wasm_bindgen::prelude::*;
use web_sys::{Element, MutationObserver, MutationObserverInit, ResizeObserver};
use yew::{NodeRef, UseStateHandle, hook, use_effect_with, use_state};

use super::listening::Listening;
use crate::page::browser;

/// The narrowest and the widest picture, in pixels.
const WIDTHS: [f64; 2] = [240.0, 1100.0];
/// What the page asks the system.
const DARK: &str = "(prefers-color-scheme: dark)";

/// The width of an element in whole pixels, as far as pictures go along; nothing until it is known.
#[hook]
pub fn use_width(element: &NodeRef) -> Option<f64> {
    let width = use_state(|| None);
    let known = width.clone();
    use_effect_with(element.clone(), move |element| {
        let watched = element.cast::<Element>().and_then(|element| watch_width(element, known));
        move || drop(watched)
    });
    *width
}

/// Keeps a width up to date for as long as the returned value lives.
fn watch_width(element: Element, known: UseStateHandle<Option<f64>>) -> Option<WidthWatch> {
    let measured = element.clone();
    let last = std::cell::Cell::new(None);
    let measure = move || {
        let width = f64::from(measured.client_width());
        // An element that is not shown has no width, and keeps the one it had.
        let width = (width > 0.0).then(|| width.clamp(WIDTHS[0], WIDTHS[1]));
        if width.is_some() && width != last.get() {
            last.set(width);
            known.set(width);
        }
    };
    measure();
    let closure = Closure::<dyn FnMut()>::new(measure);
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(&element);
    Some(WidthWatch { observer, _closure: closure })
}

struct WidthWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for WidthWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Whether the page is shown dark: as its root says, else as the system says. Paper is never dark.
#[hook]
pub fn use_dark() -> bool {
    let dark = use_state(is_dark);
    let known = dark.clone();
    use_effect_with((), move |()| {
        let watched = watch_theme(known);
        move || drop(watched)
    });
    *dark
}

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    let root = browser::document().and_then(|document| document.document_element());
    match root.and_then(|root| root.get_attribute("data-theme")).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => browser::window()
            .and_then(|window| window.match_media(DARK).ok().flatten())
            .is_some_and(|query| query.matches()),
    }
}

struct ThemeWatch {
    observer: MutationObserver,
    _closure: Closure<dyn FnMut()>,
    _listening: Vec<Listening>,
}

impl Drop for ThemeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn watch_theme(known: UseStateHandle<bool>) -> Option<ThemeWatch> {
    let window = browser::window()?;
    let root = browser::document()?.document_element()?;
    let update = {
        let (known, last) = (known.clone(), std::rc::Rc::new(std::cell::Cell::new(is_dark())));
        move |dark: bool| {
            if last.replace(dark) != dark {
                known.set(dark);
            }
        }
    };
    let mut listening = Vec::new();
    if let Some(query) = window.match_media(DARK).ok().flatten() {
        let update = update.clone();
        listening.push(Listening::new(&query, "change", move || update(is_dark())));
    }
    let (printing, printed) = (update.clone(), update.clone());
    listening.push(Listening::new(&window, "beforeprint", move || printing(false)));
    listening.push(Listening::new(&window, "afterprint", move || printed(is_dark())));
    let closure = Closure::<dyn FnMut()>::new(move || update(is_dark()));
    let observer = MutationObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    let options = MutationObserverInit::new();
    options.set_attributes(true);
    options.set_attribute_filter(&js_sys::Array::of1(&"data-theme".into()));
    // The root of a document can always be observed.
    let _ = observer.observe_with_options(&root, &options);
    Some(ThemeWatch { observer, _closure: closure, _listening: listening })
}
