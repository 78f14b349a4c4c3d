//! The browser's events and timers as messages to the page.

use wasm_bindgen::prelude::*;
use yew::{Callback, Context};

use super::app::{App, Message};
use super::browser;

/// Listens to an event as long as it lives.
pub struct Listener {
    target: web_sys::EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut()>,
}

impl Listener {
    /// Calls back at every event of this name.
    pub fn new(target: &web_sys::EventTarget, name: &'static str, heard: Callback<()>) -> Self {
        let closure = Closure::<dyn FnMut()>::new(move || heard.emit(()));
        // A target takes any listener.
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        // One that is not there any more is what is wanted.
        let _ = self.target.remove_event_listener_with_callback(self.name, function);
    }
}

/// Sends a message once, after so many milliseconds.
pub fn later(context: &Context<App>, milliseconds: i32, message: Message) {
    let link = context.link().clone();
    let closure = Closure::once_into_js(move || link.send_message(message));
    if let Some(window) = browser::window() {
        // A window that sets no timers shows no recording, and nothing else is lost.
        let _ = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), milliseconds);
    }
}

/// Sends a message again and again, as long as the page lives.
pub fn every(context: &Context<App>, milliseconds: i32, message: fn() -> Message) {
    let link = context.link().clone();
    let closure = Closure::<dyn FnMut()>::new(move || link.send_message(message()));
    if let Some(window) = browser::window() {
        // As above.
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(
            closure.as_ref().unchecked_ref(),
            milliseconds,
        );
    }
    closure.forget();
}

/// Does something in a turn of its own, as soon as everything that waits has had its turn.
pub fn soon(deed: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(deed);
    if let Some(window) = browser::window() {
        // As above.
        let _ = window.set_timeout_with_callback(closure.unchecked_ref());
    }
}
