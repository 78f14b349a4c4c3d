//! One run as the page sees it.

use std::collections::BTreeMap;
use std::rc::Rc;

use switchyard::experiment::{Answer, Place, ProbeKind, Verdict, VerdictWord, View};
use switchyard::plate::{Plate, VerdictPlate};

use super::Replay;
use super::moments::Moments;
use super::question::Questions;
use crate::protocol::{Activity, Failure, Note, Status};

/// One run: its worker's state, and everything it has shown.
#[derive(Debug, Clone)]
pub struct Pane {
    /// The run's number, on every message.
    pub run: u32,
    /// Its preset.
    pub preset: &'static str,
    /// What its worker is doing.
    pub engine: Engine,
    /// How far it is.
    pub status: Option<Status>,
    /// Training steps a second when it was last running.
    pub rate: Option<f64>,
    /// Its pictures, by name, the newest of each.
    pub views: BTreeMap<String, Rc<View>>,
    /// What it showed at earlier steps.
    pub moments: Moments,
    /// The newest value of every scalar, by name.
    pub scalars: BTreeMap<String, f64>,
    /// Verdicts, in order.
    pub verdicts: Vec<Verdict>,
    /// What the reader should know.
    pub warnings: Vec<String>,
    /// The answer to the last question.
    pub answer: Option<Rc<Answer>>,
    /// Where it last stood still, and its digest there.
    pub stopped: Option<(u64, String)>,
    /// What it says as a whole, once complete.
    pub conclusion: Option<(VerdictWord, String)>,
    /// What became of the link's promise.
    pub replay: Option<Replay>,
    /// How it can be asked.
    pub probes: Vec<ProbeKind>,
    /// Whether what is shown is a recording, until the worker is there.
    pub recorded: bool,
    pub(super) questions: Questions,
}

/// What a run's worker is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// It is being loaded, or opens the run.
    Loading,
    /// It holds the run.
    Open,
    /// It does not, or no longer.
    Failed(Problem),
}

/// Why a run is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing; nothing when the worker was lost.
    pub code: Option<Failure>,
    /// A sentence.
    pub message: String,
    /// The field it is about.
    pub key: Option<String>,
}

impl Pane {
    /// A run that is being opened. Pictures of the same preset stay until the new ones come, so that nothing jumps.
    pub(super) fn new(run: u32, preset: &'static str, before: Option<Pane>) -> Self {
        let before = before.filter(|before| before.preset == preset);
        let (views, recorded) = before.map(|before| (before.views, before.recorded)).unwrap_or_default();
        Self {
            run,
            preset,
            engine: Engine::Loading,
            status: None,
            rate: None,
            views,
            moments: Moments::default(),
            scalars: BTreeMap::new(),
            verdicts: Vec::new(),
            warnings: Vec::new(),
            answer: None,
            stopped: None,
            conclusion: None,
            replay: None,
            probes: Vec::new(),
            recorded,
            questions: Questions::default(),
        }
    }

    /// Whether the worker holds the run.
    pub fn is_open(&self) -> bool {
        self.engine == Engine::Open
    }

    /// Whether the run is at its end.
    pub fn is_complete(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.activity == Activity::Complete)
    }

    /// What is wrong, if anything.
    pub fn problem(&self) -> Option<&Problem> {
        match &self.engine {
            Engine::Failed(problem) => Some(problem),
            _ => None,
        }
    }

    /// The views of a place, in the order of their names; an answer's stand in the place of the run's own. Those of the
    /// moment that is looked at, if it is not the present.
    pub fn at(&self, place: Place) -> impl Iterator<Item = &Rc<View>> {
        let views = self.moments.views().unwrap_or(&self.views);
        views
            .values()
            .filter(move |view| view.place == place)
            .map(|view| self.view(&view.name).unwrap_or(view))
    }

    /// The view of a name, as it is shown.
    pub fn view(&self, name: &str) -> Option<&Rc<View>> {
        match self.moments.views() {
            Some(views) => views.get(name),
            None => self.questions.shown.get(name).or_else(|| self.views.get(name)),
        }
    }

    /// The step it is at.
    pub fn step(&self) -> u64 {
        self.status.as_ref().map_or(0, |status| status.step)
    }

    /// Takes new pictures in.
    pub(super) fn show(&mut self, views: Vec<View>) {
        for view in views {
            let known = self.views.get(&view.name);
            if known.is_none_or(|known| **known != view) {
                self.views.retain(|name, kept| !is_result(name) || !look_alike(&kept.plate, &view.plate));
                self.views.insert(view.name.clone(), Rc::new(view));
            }
        }
    }

    /// Takes in what is worth keeping.
    pub(super) fn note(&mut self, note: Note) {
        match note {
            Note::Warning(text) => self.warnings.push(text),
            Note::Verdict(verdict) => {
                self.keep_plate(Plate::Verdict(VerdictPlate { verdict: verdict.clone() }));
                self.verdicts.push(verdict);
            }
            Note::Plate(plate) => self.keep_plate(plate),
        }
    }

    /// A plate of the result stays on the sheet under a name of its own, unless a live view shows the same.
    fn keep_plate(&mut self, plate: Plate) {
        if self.views.values().any(|view| look_alike(&view.plate, &plate)) {
            return;
        }
        let free = |number: &usize| !self.views.contains_key(&result_name(*number));
        let Some(name) = (0..).find(free).map(result_name) else { return };
        self.views.insert(name.clone(), Rc::new(View::new(name, Place::More, plate)));
    }
}

fn result_name(number: usize) -> String {
    format!("result-{number:02}")
}

fn is_result(name: &str) -> bool {
    name.starts_with("result-")
}

/// Whether a reader would take two pictures for the same.
fn look_alike(a: &Plate, b: &Plate) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b) && a.title() == b.title()
}
