//! What is said aloud: one polite live region, seldom enough that a screen reader can follow.

use std::collections::VecDeque;

use switchyard::experiment::Place;
use switchyard_web::model::{Model, Pane};
use yew::{Html, html};

use super::browser;

/// The shortest time between two announcements, in milliseconds.
const PAUSE: f64 = 1_500.0;
/// How often a run under way says where it is, in milliseconds.
const SUMMARY: f64 = 10_000.0;
/// More announcements than this are too old to be said.
const MOST_WAITING: usize = 3;

/// What is said, and what waits to be said.
#[derive(Debug, Default)]
pub struct Spoken {
    /// What the live region holds.
    pub text: String,
    waiting: VecDeque<String>,
    last: f64,
    last_summary: f64,
}

impl Spoken {
    /// Says a sentence, now or after a pause.
    pub fn say(&mut self, text: String) {
        if self.waiting.len() >= MOST_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(text);
        self.go_on();
    }

    /// Says what waits, and every ten seconds where the run is. Whether anything changed.
    pub fn tick(&mut self, model: &Model) -> bool {
        let now = browser::now();
        if model.playing && now - self.last_summary >= SUMMARY {
            self.last_summary = now;
            if let Some(pane) = model.pane() {
                self.say(summary(pane));
                return true;
            }
        }
        self.go_on()
    }

    fn go_on(&mut self) -> bool {
        let now = browser::now();
        if now - self.last < PAUSE {
            return false;
        }
        let Some(text) = self.waiting.pop_front() else { return false };
        self.last = now;
        self.text = text;
        true
    }

    /// The live region.
    pub fn view(&self) -> Html {
        html! { <p class="visually-hidden" role="status" aria-live="polite">{ &self.text }</p> }
    }
}

/// Where a run is, in a sentence or two.
pub fn summary(pane: &Pane) -> String {
    let mut text = format!("Step {}.", pane.step());
    for (name, words) in
        [("test_accuracy", "test accuracy"), ("test_loss", "test loss"), ("train_loss", "loss")]
    {
        if let Some(value) = pane.scalars.get(name) {
            text += &format!(" {words} {value:.3}.");
        }
    }
    for place in [Place::Yard, Place::Load] {
        if let Some(view) = pane.at(place).next() {
            text += &format!(" {}.", view.plate.title().trim_end_matches('.'));
        }
    }
    text
}
