//! What the dashboard shows: the board, and what the reader chose to see of it. Plain data; it draws nothing.

use crate::interrupt::Stop;
use crate::terminal::Key;
use crate::watch::{Board, Row};

/// What is shown.
pub struct View {
    /// The run, in a few words.
    pub title: String,
    /// What is known of it.
    pub board: Board,
    /// The last note.
    pub note: Option<String>,
    stop: Stop,
    /// The task that the reader chose; without one, the first that is under way.
    task: Option<String>,
    /// The measure that the reader chose; without one, the first loss.
    measure: Option<String>,
}

impl View {
    /// Nothing known and nothing chosen.
    pub fn new(title: String, stop: Stop) -> Self {
        Self { title, board: Board::new(), note: None, stop, task: None, measure: None }
    }

    /// Whether the run was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// The task that is shown, and its place among the rows.
    pub fn task<'a>(&self, rows: &[&'a Row]) -> Option<(usize, &'a Row)> {
        let chosen = rows.iter().position(|row| Some(&row.name) == self.task.as_ref()).unwrap_or(0);
        rows.get(chosen).map(|row| (chosen, *row))
    }

    /// The measure of a task that is drawn.
    pub fn measure<'a>(&self, row: &'a Row) -> Option<&'a str> {
        let curves = row.curves();
        let chosen = curves.iter().find(|name| Some(**name) == self.measure.as_deref());
        chosen.or(curves.first()).copied()
    }

    /// The reader pressed a key.
    pub fn key(&mut self, key: Key) {
        let rows = self.board.rows();
        let Some((place, row)) = self.task(&rows) else { return };
        match key {
            Key::NextTask => self.task = neighbour(&rows, place, 1).map(|row| row.name.clone()),
            Key::PreviousTask => self.task = neighbour(&rows, place, -1).map(|row| row.name.clone()),
            Key::NextMeasure | Key::PreviousMeasure => {
                let by = if key == Key::NextMeasure { 1 } else { -1 };
                let curves = row.curves();
                let place = curves.iter().position(|name| Some(*name) == self.measure(row)).unwrap_or(0);
                self.measure = neighbour(&curves, place, by).map(|name| (*name).to_owned());
            }
            Key::Resized | Key::Stop | Key::Interrupt => {}
        }
    }
}

/// The element `by` places on, round and round.
fn neighbour<T>(all: &[T], place: usize, by: isize) -> Option<&T> {
    let count = isize::try_from(all.len()).ok().filter(|count| *count > 0)?;
    let place = (isize::try_from(place).ok()? + by).rem_euclid(count);
    all.get(place.unsigned_abs())
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]
    use switchyard::experiment::Event;

    use super::*;
    use crate::watch::midway;

    /// A view of a run in its middle.
    pub fn view() -> View {
        let mut view = View::new("mos-digits · seed 7 · runs/mos-digits-7-1".to_owned(), Stop::default());
        view.board = midway();
        view
    }

    fn shown(view: &View) -> (String, String) {
        let rows = view.board.rows();
        let (_, row) = view.task(&rows).unwrap();
        (row.name.clone(), view.measure(row).unwrap_or_default().to_owned())
    }

    #[test]
    fn keys_go_round_through_tasks_and_measures() {
        let mut view = view();
        assert_eq!(shown(&view), ("sandwich/seed-1".into(), "train_loss".into()));
        view.key(Key::NextMeasure);
        assert_eq!(shown(&view).1, "router_entropy");
        view.key(Key::NextMeasure);
        assert_eq!(shown(&view).1, "train_loss");
        view.key(Key::PreviousMeasure);
        view.key(Key::PreviousTask);
        assert_eq!(shown(&view), ("sandwich/seed-0".into(), String::new()), "it measured nothing");
        view.key(Key::NextMeasure);
        view.key(Key::NextTask);
        assert_eq!(shown(&view), ("sandwich/seed-1".into(), "train_loss".into()));
    }

    #[test]
    fn a_chosen_task_stays_chosen_when_it_is_done() {
        let mut view = view();
        view.key(Key::NextTask);
        assert_eq!(shown(&view).0, "layer-wise/seed-0");
        view.board.event(&Event::TaskFinished { task: "layer-wise/seed-0".into(), summary: "done".into() });
        assert_eq!(shown(&view).0, "layer-wise/seed-0");
        let mut empty = View::new(String::new(), Stop::default());
        empty.key(Key::NextTask);
        assert!(empty.task(&empty.board.rows()).is_none());
    }
}
