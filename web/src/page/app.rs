//! The page's root: holds the model, the workers and what is said; draws the sheet.

use std::rc::Rc;

use switchyard::experiment::Registry;
use switchyard_web::lesson::{Lesson, LessonFacts};
use switchyard_web::model::{Action, Model};
use switchyard_web::protocol::{Envelope, Report};
use web_sys::File;
use yew::{Component, Context, Html, html};

use super::fetching::{self, Library};
use super::status::Spoken;
use super::theme::Theme;
use super::timing::{self, Listener};
use super::worker::Engine;
use super::{browser, share, sheet};

/// How often the page looks after its workers and its announcements, in milliseconds.
const LOOK_AFTER: i32 = 500;

/// The page.
pub struct App {
    pub(super) model: Model,
    pub(super) engines: Vec<Option<Engine>>,
    pub(super) spoken: Spoken,
    pub(super) theme: Theme,
    pub(super) dialog: Option<Dialog>,
    /// The file of routes that is open, and the worker that reads it.
    pub(super) file: Option<File>,
    pub(super) reader: Option<Engine>,
    /// The lessons, once fetched, or why there are none.
    pub(super) library: Option<Result<Rc<Library>, String>>,
    /// Whether a newer version of the page waits.
    pub(super) update: bool,
    /// Questions and answers about the link that is given away.
    pub(super) sharing: share::State,
    /// How many changes can be gone back over.
    pub(super) undoable: usize,
    _listeners: Vec<Listener>,
}

/// A dialog that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// Presets and lessons.
    Menu,
    /// The link, the command, the frame.
    Share,
    /// How to use the page.
    Help,
}

/// What reaches the page.
pub enum Message {
    /// Something for the model.
    Act(Action),
    /// The address changed by itself: Back, Forward, or typed.
    Address,
    /// Time has passed.
    LookAfter,
    /// The page was hidden or shown.
    Visibility,
    /// Something was asked or said that only the page knows of.
    Page(PageMessage),
}

/// What only the page knows of.
pub enum PageMessage {
    /// Another theme.
    Theme(Theme),
    /// A dialog, or none.
    Dialog(Option<Dialog>),
    /// The lessons arrived, or did not.
    Library(Result<Rc<Library>, String>),
    /// A lesson was chosen, with its preset.
    OpenLesson(String, String),
    /// Reports of the recorded run, the next one first.
    Recorded(Vec<Envelope<Report>>),
    /// A newer version of the page is ready.
    UpdateReady,
    /// Load the newer version.
    Update,
    /// What the link shall hold.
    Share(share::Change),
    /// A file of routes was chosen.
    File(File),
    /// Back from the file to the run.
    BackToRun,
    /// Say where the run is.
    Describe,
    /// Say a sentence.
    Say(String),
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let theme = Theme::stored();
        theme.apply();
        let mut app = Self {
            model: Model::new(Registry::standard()),
            engines: Vec::new(),
            spoken: Spoken::default(),
            theme,
            dialog: None,
            file: None,
            reader: None,
            library: None,
            update: false,
            sharing: share::State::default(),
            undoable: browser::history_depth().unwrap_or(0),
            _listeners: listen(context),
        };
        app.keep_depth();
        app.act(context, Action::Navigate(browser::fragment()));
        fetching::lessons(context);
        if app.model.first_visit {
            fetching::recording(context, app.model.checked.preset().name);
        }
        app
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Act(action) => {
                self.act(context, action);
                true
            }
            Message::Address => {
                // A link that was typed is one more change.
                self.undoable = browser::history_depth().unwrap_or(self.undoable + 1);
                self.keep_depth();
                self.act(context, Action::Navigate(browser::fragment()));
                true
            }
            Message::LookAfter => self.look_after(context),
            Message::Visibility => {
                self.engines.iter().flatten().for_each(Engine::forgive);
                false
            }
            Message::Page(message) => self.take(context, message),
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        html! { <>{ sheet::view(self, context) }{ self.spoken.view() }</> }
    }
}

impl App {
    /// Notes in the present entry of the history how many changes can be gone back over, so that Back finds it again.
    fn keep_depth(&self) {
        browser::write_fragment(&browser::fragment(), false, self.undoable);
    }

    /// Ends workers that have fallen silent, and says what waits to be said.
    fn look_after(&mut self, context: &Context<Self>) -> bool {
        let silent: Vec<usize> = (0..self.engines.len())
            .filter(|slot| {
                self.engines[*slot]
                    .as_ref()
                    .is_some_and(|engine| engine.silent_for() > engine.program().patience() * 1_000.0)
            })
            .collect();
        for slot in &silent {
            self.act(context, Action::Lost { slot: *slot, message: String::new() });
        }
        self.spoken.tick(&self.model) || !silent.is_empty()
    }

    fn take(&mut self, context: &Context<Self>, message: PageMessage) -> bool {
        match message {
            PageMessage::Theme(theme) => {
                self.theme = theme;
                theme.apply();
            }
            PageMessage::Dialog(dialog) => {
                self.dialog = dialog;
                self.sharing = share::State::default();
            }
            PageMessage::Library(library) => self.library = Some(library),
            PageMessage::OpenLesson(name, preset) => {
                if self.model.checked.preset().name != preset {
                    self.act(context, Action::Choose(preset));
                }
                self.act(context, Action::Lesson(Some((name, 1))));
            }
            PageMessage::Recorded(reports) => return self.play_recorded(context, reports),
            PageMessage::UpdateReady => self.update = true,
            PageMessage::Update => browser::activate_update(),
            PageMessage::Share(change) => self.sharing.take(context, &self.model, change),
            PageMessage::File(file) => self.open_file(context, file),
            PageMessage::BackToRun => self.back_to_run(context),
            PageMessage::Describe => {
                if let Some(pane) = self.model.pane() {
                    self.spoken.say(super::status::summary(pane));
                }
            }
            PageMessage::Say(text) => self.spoken.say(text),
        }
        true
    }

    /// The lesson that is open, and its step, counted from 0; an empty name is the first one of the preset.
    pub(super) fn lesson(&self) -> Option<(Rc<Lesson>, usize)> {
        let name = self.model.presentation.lesson.as_deref()?;
        let library = self.library.as_ref()?.as_ref().ok()?;
        let preset = self.model.checked.preset().name;
        let fits = |lesson: &&Rc<Lesson>| {
            if name.is_empty() { lesson.preset == preset } else { lesson.name == name }
        };
        let lesson = library.lessons.iter().find(fits)?;
        let step = self.model.presentation.step.unwrap_or(1).clamp(1, lesson.steps.len().max(1));
        Some((Rc::clone(lesson), step - 1))
    }

    /// What the lesson needs to know of the run.
    pub(super) fn lesson_facts(&self) -> LessonFacts {
        let pane = self.model.pane();
        let values = self.model.checked.values();
        LessonFacts {
            step: pane.map_or(0, |pane| pane.step()),
            scalars: pane.map(|pane| pane.scalars.clone()).unwrap_or_default(),
            fields: values.map(|(field, value)| (field.key.to_owned(), value.to_string())).collect(),
        }
    }

    /// Shows the next part of the recording, as long as the worker is not there.
    fn play_recorded(&mut self, context: &Context<Self>, mut reports: Vec<Envelope<Report>>) -> bool {
        if reports.is_empty() || self.model.pane().is_none_or(|pane| pane.is_open()) {
            return false;
        }
        let views = |report: &Envelope<Report>| matches!(report.body, Report::Views { .. });
        let end = reports.iter().position(views).map_or(reports.len(), |at| at + 1);
        let rest = reports.split_off(end);
        reports.into_iter().for_each(|report| self.model.show_recorded(report.body));
        timing::later(context, 120, Message::Page(PageMessage::Recorded(rest)));
        true
    }
}

fn listen(context: &Context<App>) -> Vec<Listener> {
    let mut listeners = Vec::new();
    if let Some(window) = browser::window() {
        let changed = context.link().callback(|()| Message::Address);
        // Every change of the fragment that the page did not make itself comes as this event.
        listeners.push(Listener::new(&window, "popstate", changed));
        let ready = context.link().callback(|()| Message::Page(PageMessage::UpdateReady));
        listeners.push(Listener::new(&window, "switchyard-update-ready", ready));
    }
    if let Some(document) = browser::document() {
        let visibility = context.link().callback(|()| Message::Visibility);
        listeners.push(Listener::new(&document, "visibilitychange", visibility));
    }
    timing::every(context, LOOK_AFTER, || Message::LookAfter);
    listeners
}
