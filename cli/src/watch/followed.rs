//! A run directory that another process writes, or has written: read again and again, never changed.

use std::io;
use std::path::Path;
use std::time::Duration;

use switchyard::experiment::{Checked, Event, Registry};
use switchyard::plate::report;

use super::board::Board;
use super::content::{content, curves};
use super::line::{Aside, Line};
use super::tail::Tail;
use crate::directory::RunDirectory;
use crate::error::Result;
use crate::record;
use crate::supplied::Description;

/// A run under way that has said nothing for this long may be gone.
const SILENCE: Duration = Duration::from_secs(60);

/// A run that is followed.
pub struct Followed {
    directory: RunDirectory,
    checked: Checked,
    data: Option<Description>,
    tail: Tail,
    known: Known,
}

/// What is known of the run so far.
struct Known {
    board: Board,
    /// What a report shows: pictures, warnings, verdicts.
    events: Vec<Event>,
    damaged: usize,
    standing: Standing,
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// No process has written anything yet.
    Waiting,
    /// A process writes.
    Running,
    /// A process wrote, and has not for so many minutes.
    Silent(u64),
    /// It ended early; the sentence says why.
    Stopped(String),
    /// It is complete.
    Complete,
    /// Its files cannot be read; the sentence says why.
    Unreadable(String),
}

impl Known {
    fn nothing() -> Self {
        Self { board: Board::new(), events: Vec::new(), damaged: 0, standing: Standing::Waiting }
    }

    fn take_in(&mut self, line: Line) {
        match line {
            Line::Aside(Aside::Live { .. }) => self.standing = Standing::Running,
            Line::Aside(Aside::GoesOn { task, step, .. }) => self.board.goes_on(&task, step),
            Line::Aside(Aside::Caution { text }) => self.board.warnings.push(text),
            Line::Aside(Aside::Saved { .. }) => {}
            Line::Aside(Aside::Moment(moment)) => self.board.moment(&moment),
            Line::Aside(Aside::Interrupted { error } | Aside::Failed { error }) => {
                self.standing = Standing::Stopped(error);
            }
            Line::Event(event) => {
                self.board.event(&event);
                let is_shown = matches!(
                    *event,
                    Event::Plate { .. }
                        | Event::Warning { .. }
                        | Event::Verdict { .. }
                        | Event::Finished { .. }
                );
                if is_shown {
                    self.events.push(*event);
                }
            }
        }
    }
}

impl Followed {
    /// Opens a run directory to follow it.
    ///
    /// # Errors
    /// When it is no run directory, or what it says about its experiment cannot be used.
    pub fn open(path: &Path) -> Result<Self> {
        let directory = RunDirectory::look(path)?;
        let checked = directory.checked(&Registry::standard())?;
        let data = directory.data()?.map(|data| data.description);
        let tail = Tail::new(directory.live());
        let mut followed = Self { directory, checked, data, tail, known: Known::nothing() };
        // What cannot be read now cannot be followed.
        followed.record(Vec::new())?;
        if followed.directory.is_complete() {
            followed.known.events = record::read_events(&followed.directory.events())?;
            followed.known.standing = Standing::Complete;
        }
        Ok(followed)
    }

    /// The run as a person names it.
    pub fn name(&self) -> String {
        self.directory.path().display().to_string()
    }

    /// What the page shows now, as HTML.
    pub fn content(&mut self) -> String {
        self.read_on();
        let Known { board, events, damaged, standing } = &self.known;
        let live = *standing != Standing::Complete;
        let mut shown = if live { curves(board) } else { Vec::new() };
        shown.extend(events.iter().cloned());
        let name = self.name();
        match self.record(shown) {
            Ok(record) => content(&name, board, &record, (standing, *damaged)),
            Err(error) => {
                let record = report::Record::default();
                content(&name, board, &record, (&Standing::Unreadable(error.to_string()), *damaged))
            }
        }
    }

    fn read_on(&mut self) {
        if self.known.standing == Standing::Complete {
            return;
        }
        // The record appears whole, after everything else.
        if self.directory.is_complete() {
            match record::read_events(&self.directory.events()) {
                Ok(events) => {
                    (self.known.events, self.known.standing) = (events, Standing::Complete);
                }
                Err(error) => self.known.standing = Standing::Unreadable(error.to_string()),
            }
            return;
        }
        match self.tail.news() {
            Ok(news) => {
                if news.anew {
                    self.known = Known::nothing();
                }
                self.known.damaged += news.damaged;
                news.lines.into_iter().for_each(|line| self.known.take_in(line));
                self.listen();
            }
            Err(error) => self.known.standing = Standing::Unreadable(error.to_string()),
        }
    }

    /// Tells a process that writes from one that has been silent for long.
    fn listen(&mut self) {
        if !matches!(self.known.standing, Standing::Running | Standing::Silent(_)) {
            return;
        }
        let silence = self.silence().unwrap_or_default();
        self.known.standing = match silence {
            silence if silence < SILENCE => Standing::Running,
            silence => Standing::Silent(silence.as_secs() / 60),
        };
    }

    fn silence(&self) -> io::Result<Duration> {
        let changed = self.directory.live().metadata()?.modified()?;
        // A clock that was set back is no silence.
        Ok(changed.elapsed().unwrap_or_default())
    }

    fn record(&self, events: Vec<Event>) -> Result<report::Record> {
        record::record(&self.directory, &self.checked, self.data.as_ref(), events)
    }
}
