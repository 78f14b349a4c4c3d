//! Output for people who watch: a dashboard that fills the terminal while a run goes on. Before and after it, this
//! is the output for people: notes on standard error, the result as text on standard output.

mod chart;
mod draw;
mod view;

use std::time::{Duration, Instant};

use switchyard::experiment::Event;

use super::human::Human;
use super::{Answer, Reporter, Status, Style};
use crate::error::{Error, Result};
use crate::interrupt::Stop;
use crate::terminal::Screen;
use crate::watch::Aside;
use view::View;

/// The least time between two pictures.
const EVERY: Duration = Duration::from_millis(100);

/// Draws for people.
pub struct Dashboard {
    human: Human,
    style: Style,
    view: View,
    screen: Option<Screen>,
    drawn: Option<Instant>,
    /// What was noted while the terminal was drawn on.
    notes: Vec<String>,
}

impl Dashboard {
    /// A dashboard; `human` writes what comes before and after it.
    pub fn new(human: Human, style: Style) -> Self {
        let view = View::new(String::new(), Stop::default());
        Self { human, style, view, screen: None, drawn: None, notes: Vec::new() }
    }

    fn is_up(&self) -> bool {
        self.screen.as_ref().is_some_and(Screen::is_ours)
    }

    /// Gives the terminal back and writes what was noted meanwhile.
    fn leave(&mut self) {
        self.screen = None;
        for note in std::mem::take(&mut self.notes) {
            self.human.note(&note);
        }
    }

    fn draw(&mut self) {
        let keys = self.screen.as_ref().map(Screen::keys).unwrap_or_default();
        for key in &keys {
            self.view.key(*key);
        }
        let is_time = self.drawn.is_none_or(|drawn| drawn.elapsed() >= EVERY);
        if !is_time && keys.is_empty() {
            return;
        }
        self.drawn = Some(Instant::now());
        let (view, style) = (&self.view, self.style);
        let drawn = self.screen.as_mut().map(|screen| screen.draw(|frame| draw::draw(frame, view, style)));
        if let Some(Err(error)) = drawn {
            self.notes.push(format!("note: the terminal cannot be drawn on any more: {error}"));
            self.leave();
        }
    }
}

impl Reporter for Dashboard {
    fn begin(&mut self, title: &str, stop: &Stop) -> Result<()> {
        self.view = View::new(title.to_owned(), stop.clone());
        let screen = Screen::take(stop).map_err(|error| Error::Usage {
            problem: format!(
                "`--tui` cannot use this terminal: {error}. The run directory is there: go on without `--tui` by \
                 `switchyard resume`"
            ),
        })?;
        self.screen = Some(screen);
        self.draw();
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<()> {
        self.view.board.event(event);
        if self.is_up() { Ok(()) } else { self.human.event(event) }
    }

    fn aside(&mut self, aside: &Aside) -> Result<()> {
        if let Aside::GoesOn { task, step, .. } = aside {
            self.view.board.goes_on(task, *step);
        }
        if let Some(text) = aside.text() {
            self.note(&text);
        }
        Ok(())
    }

    fn progress(&mut self, status: &Status) {
        self.view.board.moment(&status.moment());
        if self.is_up() {
            self.draw();
        } else {
            self.leave();
            self.human.progress(status);
        }
    }

    fn note(&mut self, text: &str) {
        if self.is_up() {
            self.view.note = Some(text.to_owned());
            self.notes.push(text.to_owned());
        } else {
            self.human.note(text);
        }
    }

    fn answer(&mut self, answer: &dyn Answer) -> Result<()> {
        self.leave();
        self.human.answer(answer)
    }

    fn failure(&mut self, error: &Error) {
        self.leave();
        self.human.failure(error);
    }
}
