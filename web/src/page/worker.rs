//! The page's end of a worker: starts it, passes messages on once it is loaded, and hears whether it still lives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Reflect};
use switchyard_web::protocol::{Command, Envelope, Failure, Report, SILENCE_SECONDS, VERSION};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, File, MessageEvent, Worker};
use yew::Callback;

use super::{browser, timing};

/// Which program a worker runs. Its loader's address stands in a `<meta>` of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// It trains.
    Engine,
    /// It trains transformers.
    Transformers,
    /// It reads a file of routes.
    Reader,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Engine => "switchyard-engine",
            Self::Transformers => "switchyard-transformers",
            Self::Reader => "switchyard-reader",
        }
    }

    /// For how many seconds it may say nothing: one sub-network's test sentences are translated in one piece.
    pub fn patience(self) -> f64 {
        let times = if self == Self::Transformers { 2.0 } else { 1.0 };
        times * f64::from(SILENCE_SECONDS)
    }

    /// Where its loader is; in a page that the build did not finish (during development), beside it.
    fn loader(self) -> String {
        browser::meta(self.name()).unwrap_or_else(|| format!("{}_loader.js", self.name()))
    }
}

/// The property of the window that holds an early worker.
const EARLY: &str = "switchyardEngine";

/// One worker. Dropping it ends it.
pub struct Engine {
    program: Program,
    worker: Worker,
    state: Rc<State>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

/// What the page and the worker's messages share.
struct State {
    /// Messages that wait until the worker is loaded; nothing once it is.
    waiting: RefCell<Option<Vec<JsValue>>>,
    sequence: Cell<u64>,
    /// The run of the last message.
    run: Cell<u32>,
    last_heard: Cell<f64>,
    /// Pictures of the last message that are still to be drawn.
    parts: Cell<usize>,
}

/// A worker that was started before this program was there (`static/early-engine.js`).
struct Early {
    /// Which program it runs, by name.
    program: String,
    worker: Worker,
    /// What it has said since.
    heard: Vec<String>,
    /// What the browser said when it broke, if it did.
    lost: Option<String>,
}

impl Early {
    /// The early worker, once.
    fn take() -> Option<Self> {
        let window = browser::window()?;
        let early = Reflect::get(&window, &EARLY.into()).ok().filter(JsValue::is_object)?;
        // A property of the window's own that a script wrote can be taken away.
        let _ = Reflect::delete_property(&window, &EARLY.into());
        let read = |name: &str| Reflect::get(&early, &name.into()).ok();
        let said = Array::from(&read("heard")?);
        Some(Self {
            program: read("program")?.as_string()?,
            worker: read("worker")?.dyn_into().ok()?,
            heard: said.iter().map(|text| text.as_string().unwrap_or_default()).collect(),
            lost: read("lost")?.as_string(),
        })
    }

    /// Ends it unused.
    fn end(&self) -> bool {
        self.worker.terminate();
        false
    }

    fn none(worker: &Worker) -> Self {
        Self { program: String::new(), worker: worker.clone(), heard: Vec::new(), lost: None }
    }
}

/// Passes a report on; its pictures one by one, each in a turn of its own, so that none keeps the reader waiting.
fn in_parts(state: &Rc<State>, heard: &Callback<(u32, Report)>, run: u32, report: Report) {
    let (step, views) = match report {
        Report::Views { step, views } if views.len() > 1 => (step, views),
        other => return heard.emit((run, other)),
    };
    state.parts.set(state.parts.get() + views.len());
    for view in views {
        let (state, heard) = (Rc::clone(state), heard.clone());
        timing::soon(move || {
            state.parts.set(state.parts.get() - 1);
            heard.emit((run, Report::Views { step, views: vec![view] }));
        });
    }
}

impl Engine {
    /// Starts a worker. `heard` gets every report with its run; `lost` what the browser says when it breaks.
    ///
    /// # Errors
    /// What the browser says when it starts no worker.
    pub fn start(
        program: Program,
        heard: Callback<(u32, Report)>,
        lost: Callback<String>,
    ) -> Result<Self, String> {
        // An early worker of another program is not left to wait.
        let early = Early::take().filter(|early| early.program == program.name() || early.end());
        let worker = match &early {
            Some(early) => early.worker.clone(),
            None => Worker::new(&program.loader()).map_err(|error| {
                error.as_string().unwrap_or_else(|| "no worker could be started".to_owned())
            })?,
        };
        let state = Rc::new(State {
            waiting: RefCell::new(Some(Vec::new())),
            sequence: Cell::new(0),
            run: Cell::new(0),
            last_heard: Cell::new(browser::now()),
            parts: Cell::new(0),
        });
        let hear = {
            let (state, worker) = (Rc::clone(&state), worker.clone());
            move |text: &str| {
                state.last_heard.set(browser::now());
                match Envelope::<Report>::from_text(text) {
                    Ok(Envelope { run, body, .. }) => match state.greet(&worker, &body) {
                        Ok(()) => in_parts(&state, &heard, run, body),
                        Err(problem) => heard.emit((state.awaited_run(), problem)),
                    },
                    Err(_) => heard.emit((state.awaited_run(), other_build("unknown"))),
                }
            }
        };
        let Early { heard: said, lost: already_lost, .. } = early.unwrap_or_else(|| Early::none(&worker));
        said.iter().for_each(|text| hear(text));
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hear(&event.data().as_string().unwrap_or_default());
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        if let Some(problem) = already_lost {
            lost.emit(problem);
        }
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            lost.emit(event.message());
        });
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { program, worker, state, _message: message, _error: error })
    }

    /// Which program it runs.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Sends a message, now or as soon as the worker is loaded. That pictures were drawn is said once, after the last.
    pub fn send(&self, run: u32, command: Command) {
        if command == Command::Acknowledge && self.state.parts.get() > 0 {
            return;
        }
        self.send_with(run, command, None);
    }

    /// Sends a message with a file beside it, in the same way.
    pub fn send_with(&self, run: u32, command: Command, file: Option<&File>) {
        let sequence = self.state.sequence.get();
        self.state.run.set(run);
        self.state.sequence.set(sequence + 1);
        let text = JsValue::from_str(&Envelope { run, sequence, body: command }.to_text());
        let message = file.map_or_else(|| text.clone(), |file| Array::of2(&text, file).into());
        match self.state.waiting.borrow_mut().as_mut() {
            Some(waiting) => waiting.push(message),
            None => post(&self.worker, &message),
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
        for message in self.waiting.borrow_mut().take().into_iter().flatten() {
            post(worker, &message);
        }
        Ok(())
    }

    /// The run of the last message that waits; what a failure before that is about.
    fn awaited_run(&self) -> u32 {
        if self.waiting.borrow().is_some() { self.run.get() } else { 0 }
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

fn post(worker: &Worker, message: &JsValue) {
    // It fails only for values that cannot be copied, and texts and files can.
    let _ = worker.post_message(message);
}
