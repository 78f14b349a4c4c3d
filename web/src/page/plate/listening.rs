//! Listeners that stop when they are dropped, and callbacks that stay the same while what they call changes.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;
use yew::{Callback, hook, use_callback, use_mut_ref};

/// Listens to an event of a target as long as it lives.
pub struct Listening {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut()>,
}

impl Listening {
    /// Calls at every event of this name.
    pub fn new(target: &EventTarget, name: &'static str, heard: impl FnMut() + 'static) -> Self {
        let closure = Closure::<dyn FnMut()>::new(heard);
        // A target takes any listener.
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // One that is not there any more is what is wanted.
        let _ =
            self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

/// A callback that is the same at every drawing and calls the newest one: children that hold it are not drawn again.
#[hook]
pub fn use_steady<T: 'static>(newest: &Callback<T>) -> Callback<T> {
    let held = use_mut_ref(Callback::<T>::noop);
    held.replace(newest.clone());
    use_callback((), move |argument: T, ()| {
        let newest = held.borrow().clone();
        newest.emit(argument);
    })
}
