//! Between a browser's worker and its host: messages in, reports out, and a loop that lets messages in between two
//! slices of training.
//!
//! A message channel to itself is how the worker yields: a timer would wait four milliseconds each time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Function, Promise};
use switchyard::experiment::Registry;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

use crate::host::{Host, Rest};

/// Messages that have come and were not read yet, and who waits for one.
#[derive(Default)]
struct Inbox {
    messages: VecDeque<String>,
    waiting: Option<Function>,
}

/// Starts the worker's loop, with a host that knows these labs.
pub fn start(registry: Registry) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let inbox = Rc::new(RefCell::new(Inbox::default()));
    let heard = Rc::clone(&inbox);
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let mut inbox = heard.borrow_mut();
        // A message that is no text is of another build; the empty text is answered with that.
        inbox.messages.push_back(event.data().as_string().unwrap_or_default());
        if let Some(waiting) = inbox.waiting.take() {
            // Resolving a promise cannot fail.
            let _ = waiting.call0(&JsValue::NULL);
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    listener.forget();
    spawn_local(serve(scope, inbox, Host::new(registry)));
}

async fn serve(scope: DedicatedWorkerGlobalScope, inbox: Rc<RefCell<Inbox>>, mut host: Host) {
    let clock = {
        let performance = scope.performance();
        move || performance.as_ref().map_or(0.0, web_sys::Performance::now)
    };
    let Ok(turn) = Turn::new() else { return };
    loop {
        loop {
            let message = inbox.borrow_mut().messages.pop_front();
            let Some(message) = message else { break };
            host.receive(&message, clock()).await;
            send(&scope, &mut host);
        }
        let rest = host.slice(&clock).await;
        send(&scope, &mut host);
        match rest {
            Rest::Yield => turn.pass().await,
            Rest::Wait(milliseconds) => wait(&scope, &inbox, milliseconds).await,
        }
    }
}

fn send(scope: &DedicatedWorkerGlobalScope, host: &mut Host) {
    for report in host.drain() {
        // It fails only for values that cannot be copied, and a text can.
        let _ = scope.post_message(&JsValue::from_str(&report.to_text()));
    }
}

/// Waits for a message or for some time, whichever comes first.
async fn wait(scope: &DedicatedWorkerGlobalScope, inbox: &Rc<RefCell<Inbox>>, milliseconds: f64) {
    if !inbox.borrow().messages.is_empty() {
        return;
    }
    let mut timer = None;
    let promise = Promise::new(&mut |resolve, _reject| {
        let set =
            scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds.ceil() as i32);
        timer = set.ok();
        inbox.borrow_mut().waiting = Some(resolve);
    });
    // It is only ever resolved.
    let _ = JsFuture::from(promise).await;
    inbox.borrow_mut().waiting = None;
    if let Some(timer) = timer {
        scope.clear_timeout_with_handle(timer);
    }
}

/// Lets everything else have its turn.
struct Turn {
    from: MessagePort,
    to: MessagePort,
}

impl Turn {
    fn new() -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        Ok(Self { from: channel.port1(), to: channel.port2() })
    }

    async fn pass(&self) {
        let promise = Promise::new(&mut |resolve, _reject| self.to.set_onmessage(Some(&resolve)));
        if self.from.post_message(&JsValue::NULL).is_ok() {
            // It is only ever resolved.
            let _ = JsFuture::from(promise).await;
        }
    }
}
