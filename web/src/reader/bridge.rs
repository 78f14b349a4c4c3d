//! Between the browser's worker and what reads: a message and its file in, one report out.

use js_sys::Array;
use switchyard_web::protocol::{Envelope, Report};
use switchyard_web::reading::{answer, greeting};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::file;

/// Says that the worker is loaded, and listens.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answering = scope.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let scope = answering.clone();
        spawn_local(async move {
            // A list of a text and a file; what is neither is of another build, and is answered with that.
            let parts = Array::from(&event.data());
            let text = parts.get(0).as_string().unwrap_or_default();
            let bytes = match parts.get(1).dyn_into::<Blob>() {
                Ok(file) => file::read(&file).await,
                Err(_) => Err("it did not arrive. Reload the page and choose it again".to_owned()),
            };
            send(&scope, &answer(&text, bytes));
        });
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    listener.forget();
    send(&scope, &greeting());
}

fn send(scope: &DedicatedWorkerGlobalScope, report: &Envelope<Report>) {
    // It fails only for values that cannot be copied, and a text can.
    let _ = scope.post_message(&JsValue::from_str(&report.to_text()));
}
