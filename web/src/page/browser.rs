//! The few things the page asks of the browser: its address, its time, its storage, a random seed, a file to save.
//! Each returns nothing where the browser refuses, and the page goes on without.

use js_sys::{Array, Math};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, BlobPropertyBag, Document, HtmlAnchorElement, Url, Window};

/// The window.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// Moves the focus to an element.
pub fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that takes no focus is left alone.
        let _ = element.focus();
    }
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// The address from `#` on, as it is written.
pub fn fragment() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The address without its fragment.
pub fn page_address() -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    address.split('#').next().unwrap_or_default().to_owned()
}

/// Writes the address from `#` on, as a new entry of the history or in place of the present one. `depth` is how many
/// changes can be gone back over from there; it is kept with the entry, so that Back and Forward find it again.
/// Whether it was written.
pub fn write_fragment(fragment: &str, push: bool, depth: usize) -> bool {
    let Some(history) = window().and_then(|window| window.history().ok()) else { return false };
    if self::fragment() == fragment && history_depth() == Some(depth) {
        return false;
    }
    let (state, url) = (JsValue::from_f64(depth as f64), Some(fragment));
    // A browser may refuse hundreds of entries a minute; the page works on, with an older address.
    let written = if push {
        history.push_state_with_url(&state, "", url)
    } else {
        history.replace_state_with_url(&state, "", url)
    };
    written.is_ok()
}

/// How many changes can be gone back over from the present entry of the history; nothing for an entry that the page
/// did not write, such as a link that was typed into the address.
pub fn history_depth() -> Option<usize> {
    let state = window()?.history().ok()?.state().ok()?;
    state.as_f64().map(|depth| depth as usize)
}

/// Goes back by one entry of the history; whether the browser allows it.
pub fn back() -> bool {
    window().and_then(|window| window.history().ok()).is_some_and(|history| history.back().is_ok())
}

/// A seed that nobody chose.
pub fn random_seed() -> u32 {
    (Math::random() * 1_000_000.0) as u32
}

/// What an earlier visit stored under a name.
pub fn stored(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(&format!("switchyard.{name}")).ok()?
}

/// Stores a text for the next visit, where that is allowed.
pub fn store(name: &str, text: &str) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        // Private windows refuse; nothing depends on it.
        let _ = storage.set_item(&format!("switchyard.{name}"), text);
    }
}

/// Whether the page has just been loaded again because page and engine were of different builds.
pub fn reload_once() -> bool {
    let Some(window) = window() else { return false };
    let Some(storage) = window.session_storage().ok().flatten() else { return false };
    let key = format!("switchyard.reloaded.{}", switchyard::BUILD);
    if storage.get_item(&key).ok().flatten().is_some() {
        return false;
    }
    storage.set_item(&key, "1").is_ok() && window.location().reload().is_ok()
}

/// The content of a `<meta>` of the page.
pub fn meta(name: &str) -> Option<String> {
    document()?.query_selector(&format!("meta[name='{name}']")).ok()??.get_attribute("content")
}

/// Offers a text as a file.
pub fn save(name: &str, text: &str, media_type: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let anchor: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url).ok()
}

/// Puts a text on the clipboard; the returned future says whether that was allowed.
pub async fn copy(text: String) -> bool {
    let Some(window) = window() else { return false };
    let clipboard = window.navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok()
}

/// Fetches a text beside the page.
pub async fn fetch(path: &str) -> Option<String> {
    let window = window()?;
    let response = wasm_bindgen_futures::JsFuture::from(window.fetch_with_str(path)).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    wasm_bindgen_futures::JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Lets a newer version of the page take over, which loads the page again.
pub fn activate_update() {
    let Some(window) = window() else { return };
    let function = js_sys::Reflect::get(&window, &"switchyardActivateUpdate".into()).ok();
    if let Some(function) = function.and_then(|value| value.dyn_into::<js_sys::Function>().ok()) {
        // What it throws, the browser's console shows; the present version goes on.
        let _ = function.call0(&window);
    }
}
