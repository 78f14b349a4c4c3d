//! What is known of a run so far: stage, tasks with their speeds and measures, warnings, the last routing table.
//! It is fed with events and moments, has no clock and draws nothing.

use std::collections::{BTreeMap, VecDeque};

use switchyard::experiment::{Event, VerdictWord};
use switchyard::plate::{Plate, Table};

use super::{Moment, Stage};

/// A speed is taken over the last so many seconds.
const WINDOW: f64 = 30.0;
/// The name under which a task on texts reports the words that it has read so far.
const WORDS: &str = "words";
/// A picture with more rows than this (a field of regions, a flow of tokens) is no table for a dashboard.
const LONGEST_TABLE: usize = 40;
/// What the title of a picture says when it is about routing or mixing.
const ABOUT_ROUTING: [&str; 6] = ["rout", "mix", "expert", "slot", "load", "balance"];

/// What is known of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The stage under way.
    pub stage: Stage,
    /// Seconds since the process began.
    pub seconds: f64,
    /// Every warning, in order.
    pub warnings: Vec<String>,
    /// The newest table about routing or mixing.
    pub routing: Option<Table>,
    /// What the run says as a whole, once it is complete.
    pub conclusion: Option<(VerdictWord, String)>,
    rows: Vec<Row>,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// How many tasks began before it.
    pub place: usize,
    /// Steps done.
    pub step: u64,
    /// Steps in all; 0 when they are not counted.
    pub steps: u64,
    /// One line of what came out, once it is done.
    pub summary: Option<String>,
    /// What it measured: name to steps and values.
    pub measures: BTreeMap<String, Vec<(u64, f64)>>,
    /// When it was how far: seconds and steps, each step once.
    pace: VecDeque<(f64, u64)>,
}

impl Board {
    /// Before anything happened.
    pub fn new() -> Self {
        Self {
            stage: Stage::starting(),
            seconds: 0.0,
            warnings: Vec::new(),
            routing: None,
            conclusion: None,
            rows: Vec::new(),
        }
    }

    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        self.stage.event(event, self.seconds);
        match event {
            Event::TaskStarted { task, steps } => {
                self.rows.push(Row::new(task, *steps, (self.rows.len(), self.seconds)));
            }
            Event::Scalar { task, step, name, value } => {
                if let Some(row) = self.row_mut(task) {
                    row.step = row.step.max(*step);
                    row.measures.entry(name.clone()).or_default().push((*step, *value));
                }
            }
            Event::TaskFinished { task, summary } => {
                if let Some(row) = self.row_mut(task) {
                    row.summary = Some(summary.clone());
                }
            }
            Event::Plate { plate } if is_about_routing(plate) => {
                self.routing = Some(plate.table())
                    .filter(|table| table.rows.len() <= LONGEST_TABLE)
                    .or(self.routing.take());
            }
            Event::Warning { text } => self.warnings.push(text.clone()),
            Event::Finished { verdict, sentence, .. } => self.conclusion = Some((*verdict, sentence.clone())),
            _ => {}
        }
    }

    /// Takes in how far the tasks are.
    pub fn moment(&mut self, moment: &Moment) {
        self.seconds = moment.seconds;
        for (task, step) in &moment.steps {
            self.stage.step(task, *step);
            if let Some(row) = self.row_mut(task) {
                row.went_on(moment.seconds, *step);
            }
        }
    }

    /// A task goes on where it was saved: what was done before took none of this process's time.
    pub fn goes_on(&mut self, task: &str, step: u64) {
        self.stage.goes_on(task, step);
        let seconds = self.seconds;
        if let Some(row) = self.row_mut(task) {
            (row.step, row.pace) = (step, VecDeque::from([(seconds, step)]));
        }
    }

    /// The tasks: those under way in the order in which they began, then the others, the newest first.
    pub fn rows(&self) -> Vec<&Row> {
        let under_way = self.rows.iter().filter(|row| row.is_under_way());
        under_way.chain(self.rows.iter().rev().filter(|row| !row.is_under_way())).collect()
    }

    /// Steps a second of all tasks under way.
    pub fn speed(&self) -> Option<f64> {
        sum(self.rows.iter().filter_map(Row::speed))
    }

    /// Words a second of all tasks under way that report them.
    pub fn words_per_second(&self) -> Option<f64> {
        sum(self.rows.iter().filter_map(Row::words_per_second))
    }

    fn row_mut(&mut self, task: &str) -> Option<&mut Row> {
        // A task is usually among the last that began.
        self.rows.iter_mut().rev().find(|row| row.name == task)
    }
}

impl Row {
    fn new(name: &str, steps: u64, (place, seconds): (usize, f64)) -> Self {
        Self {
            name: name.to_owned(),
            place,
            step: 0,
            steps,
            summary: None,
            measures: BTreeMap::new(),
            pace: VecDeque::from([(seconds, 0)]),
        }
    }

    fn went_on(&mut self, seconds: f64, step: u64) {
        self.step = self.step.max(step);
        if self.pace.back().is_some_and(|(_, last)| *last >= step) {
            return;
        }
        self.pace.push_back((seconds, step));
        while self.pace.len() > 2 && self.pace.front().is_some_and(|(first, _)| seconds - first > WINDOW) {
            self.pace.pop_front();
        }
    }

    /// Whether it has not come to its end.
    pub fn is_under_way(&self) -> bool {
        self.summary.is_none()
    }

    /// The part that is done, when steps are counted.
    pub fn fraction(&self) -> Option<f64> {
        (self.steps > 0).then(|| (self.step as f64 / self.steps as f64).min(1.0))
    }

    /// Steps a second while it is under way.
    pub fn speed(&self) -> Option<f64> {
        let (first, last) = (self.pace.front()?, self.pace.back()?);
        let seconds = last.0 - first.0;
        (self.is_under_way() && seconds > 0.0).then(|| (last.1 - first.1) as f64 / seconds)
    }

    /// Words a second, if it reports words: the words of a step so far, times the speed.
    pub fn words_per_second(&self) -> Option<f64> {
        let (step, words) = self.measures.get(WORDS)?.last()?;
        Some(self.speed()? * words / (*step).max(1) as f64)
    }

    /// Seconds until it is done, at this speed.
    pub fn remaining(&self) -> Option<f64> {
        let speed = self.speed().filter(|speed| *speed > 0.0)?;
        (self.steps >= self.step && self.steps > 0).then(|| (self.steps - self.step) as f64 / speed)
    }

    /// What can be drawn as a curve: losses first, then the others by name.
    pub fn curves(&self) -> Vec<&str> {
        let names = || self.measures.keys().map(String::as_str).filter(|name| *name != WORDS);
        let losses = names().filter(|name| is_loss(name));
        let (training, others): (Vec<_>, Vec<_>) = losses.partition(|name| name.starts_with("train"));
        training.into_iter().chain(others).chain(names().filter(|name| !is_loss(name))).collect()
    }

    /// The last value of a measure.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.measures.get(name)?.last().map(|(_, value)| *value)
    }
}

/// Whether a measure is a loss.
pub fn is_loss(name: &str) -> bool {
    name.contains("loss")
}

fn is_about_routing(plate: &Plate) -> bool {
    let title = plate.title().to_lowercase();
    !matches!(plate, Plate::Verdict(_)) && ABOUT_ROUTING.iter().any(|word| title.contains(word))
}

/// The sum of what there is.
fn sum(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    numbers.fold(None, |sum, number| Some(sum.unwrap_or(0.0) + number))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn scalar(task: &str, step: u64, name: &str, value: f64) -> Event {
        Event::Scalar { task: task.into(), step, name: name.into(), value }
    }

    fn moment(seconds: f64, steps: &[(&str, u64)]) -> Moment {
        let steps = steps.iter().map(|(task, step)| ((*task).to_owned(), *step)).collect();
        Moment { seconds, steps }
    }

    /// A run with one task done and two under way.
    pub fn midway() -> Board {
        let mut board = Board::new();
        board.event(&Event::Stage { name: "supernets".into(), tasks: 4 });
        for (task, steps) in
            [("sandwich/seed-0", 100), ("sandwich/seed-1", 1000), ("layer-wise/seed-0", 1000)]
        {
            board.event(&Event::TaskStarted { task: task.into(), steps });
        }
        let summary = "best 0.412".to_owned();
        board.event(&Event::TaskFinished { task: "sandwich/seed-0".into(), summary });
        for step in (20..=400).step_by(20) {
            let loss = 2.0 / (1.0 + step as f64 / 50.0) + 0.1 * ((step / 20) % 3) as f64;
            board.event(&scalar("sandwich/seed-1", step, "words", step as f64 * 64.0));
            board.event(&scalar("sandwich/seed-1", step, "train_loss", loss));
            board.event(&scalar("sandwich/seed-1", step, "router_entropy", 1.5));
            board.moment(&moment(
                step as f64 / 40.0,
                &[("sandwich/seed-1", step), ("layer-wise/seed-0", step / 4)],
            ));
        }
        board.event(&Event::Warning { text: "The largest sub-network is not the best one.".into() });
        board.event(&Event::Plate { plate: Plate::Table(routing()) });
        board
    }

    fn routing() -> Table {
        use switchyard::plate::{Cell, Column};
        let row = |expert: &str, share: f64| vec![Cell::text(expert), Cell::number(share)];
        Table {
            title: "Expert 1 takes most of the load".into(),
            caption: String::new(),
            columns: vec![Column::text("Expert"), Column::number("Load", "%")],
            rows: vec![row("0", 25.0), row("1", 61.0), row("2", 14.0)],
        }
    }

    #[test]
    fn speeds_and_times_follow_from_the_moments() {
        let board = midway();
        let rows = board.rows();
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["sandwich/seed-1", "layer-wise/seed-0", "sandwich/seed-0"]);
        assert_eq!(
            (rows[0].speed(), rows[0].fraction(), rows[0].remaining()),
            (Some(40.0), Some(0.4), Some(15.0))
        );
        assert_eq!(rows[0].words_per_second(), Some(40.0 * 64.0));
        assert_eq!((rows[1].speed(), rows[1].words_per_second()), (Some(10.0), None));
        assert_eq!((rows[2].speed(), rows[2].remaining()), (None, None), "it is done");
        assert_eq!((board.speed(), board.words_per_second()), (Some(50.0), Some(2560.0)));
        assert_eq!((board.stage.done, board.stage.fraction()), (1, Some((1.0 + 0.4 + 0.1) / 4.0)));
        assert_eq!(rows[0].curves(), ["train_loss", "router_entropy"]);
        assert_eq!(board.routing.as_ref().map(|table| table.rows.len()), Some(3));
    }

    #[test]
    fn an_old_speed_is_forgotten_and_a_pause_is_part_of_the_speed() {
        let mut board = Board::new();
        board.event(&Event::TaskStarted { task: "a".into(), steps: 0 });
        for (seconds, step) in [(10.0, 1000), (20.0, 1100), (40.0, 1200), (45.0, 1200)] {
            board.moment(&moment(seconds, &[("a", step), ("unknown", 3)]));
        }
        let row = board.rows()[0].clone();
        assert_eq!(row.speed(), Some(200.0 / 30.0));
        assert_eq!((row.fraction(), row.remaining()), (None, None), "its steps are not counted");
    }

    #[test]
    fn a_task_that_goes_on_half_way_has_the_speed_and_the_time_left_of_this_process() {
        let mut board = Board::new();
        board.event(&Event::Stage { name: "supernets".into(), tasks: 1 });
        board.event(&Event::TaskStarted { task: "a".into(), steps: 1000 });
        board.event(&scalar("a", 500, "words", 500.0 * 64.0));
        board.goes_on("a", 500);
        board.moment(&moment(10.0, &[("a", 750)]));
        let row = board.rows()[0].clone();
        assert_eq!((row.speed(), row.remaining()), (Some(25.0), Some(10.0)));
        assert_eq!(row.words_per_second(), Some(1600.0));
        assert_eq!((board.stage.fraction(), board.stage.remaining(10.0)), (Some(0.75), Some(10.0)));
    }

    #[test]
    fn what_is_no_routing_is_not_shown_as_such() {
        let mut board = Board::new();
        let table = Table { title: "Every question".into(), ..Table::default() };
        board.event(&Event::Plate { plate: Plate::Table(table) });
        assert_eq!(board.routing, None);
    }
}
