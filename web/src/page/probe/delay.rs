//! The last of several changes, told once a moment has passed.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use yew::{Callback, hook, use_callback, use_mut_ref};

use crate::page::browser;

/// How long a change waits for a newer one, in milliseconds.
const MILLISECONDS: i32 = 100;

/// A timer that calls once, unless it is dropped before.
struct Delay {
    handle: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Delay {
    fn new(call: impl FnMut() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut()>::new(call);
        let function = closure.as_ref().unchecked_ref();
        let handle = browser::window()?
            .set_timeout_with_callback_and_timeout_and_arguments_0(function, MILLISECONDS)
            .ok()?;
        Some(Self { handle, _closure: closure })
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        if let Some(window) = browser::window() {
            window.clear_timeout_with_handle(self.handle);
        }
    }
}

/// Calls with the last value of each tenth of a second.
#[hook]
pub fn use_rate_limit<T: Clone + 'static>(call: &Callback<T>) -> Callback<T> {
    let newest = use_mut_ref(Callback::<T>::noop);
    newest.replace(call.clone());
    let waiting: Rc<RefCell<Option<T>>> = use_mut_ref(|| None);
    let timer: Rc<RefCell<Option<Delay>>> = use_mut_ref(|| None);
    use_callback((), move |value: T, ()| {
        let is_first = waiting.borrow_mut().replace(value).is_none();
        if is_first {
            let (waiting, newest) = (Rc::clone(&waiting), Rc::clone(&newest));
            let delay = Delay::new(move || {
                let (value, newest) = (waiting.borrow_mut().take(), newest.borrow().clone());
                if let Some(value) = value {
                    newest.emit(value);
                }
            });
            timer.replace(delay);
        }
    })
}
