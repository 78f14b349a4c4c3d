//! The page's end of a worker: starts it, passes messages on once it is loaded, and hears whether it still lives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use switchyard_web::protocol::{Command, Envelope, Failure, Report, VERSION};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use super::browser;

/// Where the worker's script is when the page was not finished by the build (during development).
const UNFINISHED: &str = "switchyard-engine_loader.js";

/// One worker. Dropping it ends it.
pub struct Engine {
    worker: Worker,
    state: Rc<State>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

/// What the page and the worker's messages share.
struct State {
    /// Messages that wait until the worker is loaded; nothing once it is.
    waiting: RefCell<Option<Vec<String>>>,
    sequence: Cell<u64>,
    last_heard: Cell<f64>,
}

impl Engine {
    /// Starts a worker. `heard` gets every report with its run; `lost` what the browser says when it breaks.
    ///
    /// # Errors
    /// What the browser says when it starts no worker.
    pub fn start(heard: Callback<(u32, Report)>, lost: Callback<String>) -> Result<Self, String> {
        let script = browser::meta("switchyard-engine").unwrap_or_else(|| UNFINISHED.to_owned());
        let worker = Worker::new(&script)
            .map_err(|error| error.as_string().unwrap_or_else(|| "no worker could be started".to_owned()))?;
        let state = Rc::new(State {
            waiting: RefCell::new(Some(Vec::new())),
            sequence: Cell::new(0),
            last_heard: Cell::new(browser::now()),
        });
        let message = {
            let (state, worker) = (Rc::clone(&state), worker.clone());
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                state.last_heard.set(browser::now());
                let text = event.data().as_string().unwrap_or_default();
                match Envelope::<Report>::from_text(&text) {
                    Ok(Envelope { run, body, .. }) => match state.greet(&worker, &body) {
                        Ok(()) => heard.emit((run, body)),
                        Err(problem) => heard.emit((state.awaited_run(), problem)),
                    },
                    Err(_) => heard.emit((state.awaited_run(), other_build("unknown"))),
                }
            })
        };
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            lost.emit(event.message());
        });
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { worker, state, _message: message, _error: error })
    }

    /// Sends a message, now or as soon as the worker is loaded.
    pub fn send(&self, run: u32, command: Command) {
        let sequence = self.state.sequence.get();
        self.state.sequence.set(sequence + 1);
        let text = Envelope { run, sequence, body: command }.to_text();
        match self.state.waiting.borrow_mut().as_mut() {
            Some(waiting) => waiting.push(text),
            None => post(&self.worker, &text),
        }
    }

    /// For how many milliseconds a loaded worker has said nothing.
    pub fn silent_for(&self) -> f64 {
        // Loading may take long on a slow line; only a loaded worker can fall silent.
        let loaded = self.state.waiting.borrow().is_none();
        if loaded { browser::now() - self.state.last_heard.get() } else { 0.0 }
    }

    /// Forgives the silence so far: the browser stopped all timers of a hidden page.
    pub fn forgive(&self) {
        self.state.last_heard.set(browser::now());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl State {
    /// Reads the worker's greeting: of the same build, it gets what waits for it.
    fn greet(&self, worker: &Worker, report: &Report) -> Result<(), Report> {
        let Report::Loaded { protocol, build } = report else { return Ok(()) };
        if *protocol != VERSION || build != switchyard::BUILD {
            return Err(other_build(build));
        }
        for text in self.waiting.borrow_mut().take().into_iter().flatten() {
            post(worker, &text);
        }
        Ok(())
    }

    /// The run that the first waiting message opens; what a failure before that is about.
    fn awaited_run(&self) -> u32 {
        let waiting = self.waiting.borrow();
        let last = waiting.as_ref().and_then(|waiting| waiting.last());
        last.and_then(|text| Envelope::<Command>::from_text(text).ok()).map_or(0, |envelope| envelope.run)
    }
}

fn other_build(build: &str) -> Report {
    Report::Failed {
        code: Failure::Build,
        message: format!(
            "The page is of build {} and its engine of build {build}. Load the page again.",
            switchyard::BUILD
        ),
        key: None,
    }
}

fn post(worker: &Worker, text: &str) {
    // It fails only for values that cannot be copied, and a text can.
    let _ = worker.post_message(&JsValue::from_str(text));
}
