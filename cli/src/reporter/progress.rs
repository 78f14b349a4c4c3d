//! How far a run is: a bar on a terminal, a plain line with the metrics every few seconds anywhere else.

use std::io::Write as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use switchyard::experiment::Event;
use switchyard::plate::number::significant;

use crate::watch::{Board, Moment};

/// How often a plain line is written.
const EVERY: Duration = Duration::from_secs(3);
/// How often a speed is taken, in seconds.
const PACE: f64 = 0.5;

/// How far a run is.
#[derive(Debug)]
pub struct Status {
    started: Instant,
    board: Board,
    /// When a speed was taken last.
    paced: f64,
    /// The last number measured: task, name, value.
    latest: Option<(String, String, f64)>,
}

impl Status {
    /// The state at the start.
    pub fn new() -> Self {
        Self { started: Instant::now(), board: Board::new(), paced: 0.0, latest: None }
    }

    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        self.board.seconds = self.elapsed();
        self.board.event(event);
        if let Event::Scalar { task, name, value, .. } = event {
            self.latest = Some((task.clone(), name.clone(), *value));
        }
    }

    /// A task went on.
    pub fn step(&mut self, task: &str, step: u64) {
        self.board.stage.step(task, step);
        let now = self.elapsed();
        if now - self.paced >= PACE {
            self.paced = now;
            self.board.moment(&self.moment());
        }
    }

    /// A task goes on where it was saved.
    pub fn goes_on(&mut self, task: &str, step: u64) {
        self.board.seconds = self.elapsed();
        self.board.goes_on(task, step);
    }

    /// A task is done.
    pub fn finished(&mut self, task: &str) {
        self.board.stage.finished(task);
    }

    /// Seconds since the start.
    pub fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// How far the tasks under way are now.
    pub fn moment(&self) -> Moment {
        let steps = self.board.stage.running.iter().map(|(task, (step, _))| (task.clone(), *step));
        Moment { seconds: self.elapsed(), steps: steps.collect() }
    }

    /// One line: stage, tasks, time left, words a second, the last number, and its task with its step.
    pub fn line(&self) -> String {
        let stage = &self.board.stage;
        let mut parts = vec![format!("{} {}/{} tasks", stage.name, stage.done, stage.tasks)];
        if stage.done_in_all > stage.done {
            parts.push(format!("{} done in all", stage.done_in_all));
        }
        if let Some(seconds) = stage.remaining(self.elapsed()) {
            parts.push(format!("ETA {} for this stage", duration(seconds)));
        }
        if let Some(speed) = self.board.words_per_second() {
            parts.push(format!("{} words/s", significant(speed, 3)));
        }
        if let Some((_, name, value)) = &self.latest {
            parts.push(format!("{name} {value:.4}"));
        }
        let measured = self.latest.as_ref().map(|(task, ..)| task);
        let shown =
            measured.filter(|task| stage.running.contains_key(*task)).or_else(|| stage.running.keys().next());
        if let Some((task, (step, steps))) = shown.and_then(|task| stage.running.get_key_value(task)) {
            let measuring = if *steps > 0 && step == steps { ", measuring" } else { "" };
            parts.push(format!("{task} step {step}/{steps}{measuring}"));
        }
        parts.join(" · ")
    }
}

/// A duration as people say it.
pub fn duration(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), (seconds % 60.0).floor())
    }
}

/// Where progress is shown.
pub enum Progress {
    /// Nowhere.
    Silent,
    /// A bar that is drawn again and again.
    Bar(ProgressBar),
    /// Plain lines, and when the last one was written.
    Lines(Option<Instant>),
}

impl Progress {
    /// No progress.
    pub fn silent() -> Self {
        Self::Silent
    }

    /// A bar on a terminal.
    pub fn bar() -> Self {
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(8));
        let template = ProgressStyle::with_template("{elapsed:>4} {bar:20} {wide_msg}");
        bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self::Bar(bar)
    }

    /// Plain lines.
    pub fn lines() -> Self {
        Self::Lines(None)
    }

    /// Shows how far the run is, if it is time.
    pub fn show(&mut self, status: &Status) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                bar.set_position((status.board.stage.fraction().unwrap_or(0.0) * 1000.0) as u64);
                bar.set_message(status.line());
            }
            Self::Lines(last) => {
                if last.is_none_or(|last| last.elapsed() >= EVERY) {
                    *last = Some(Instant::now());
                    // A closed standard error must not end a run.
                    let _ = writeln!(std::io::stderr(), "[{:>6.1} s] {}", status.elapsed(), status.line());
                }
            }
        }
    }

    /// Writes one line beside the progress.
    pub fn note(&mut self, text: &str) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => bar.suspend(|| {
                let _ = writeln!(std::io::stderr(), "{text}");
            }),
            Self::Lines(_) => {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
        }
    }

    /// Takes the bar away.
    pub fn clear(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_holds_task_step_metric_tasks_and_time_left() {
        let mut status = Status::new();
        status.event(&Event::Stage { name: "supernets".into(), tasks: 2 });
        status.event(&Event::TaskStarted { task: "sandwich/seed-1".into(), steps: 100 });
        status.step("sandwich/seed-1", 50);
        status.event(&Event::Scalar {
            task: "sandwich/seed-1".into(),
            step: 50,
            name: "train_loss".into(),
            value: 0.5,
        });
        let line = status.line();
        for part in ["supernets 0/2 tasks", "sandwich/seed-1 step 50/100", "train_loss 0.5000", "ETA"] {
            assert!(line.contains(part), "`{part}` is missing in `{line}`");
        }
        assert_eq!(status.moment().steps, [("sandwich/seed-1".to_owned(), 50)].into());
        status.step("sandwich/seed-1", 100);
        assert!(status.line().contains("step 100/100, measuring"), "{}", status.line());
        status.finished("sandwich/seed-1");
        assert!(status.line().starts_with("supernets 1/2 tasks"), "{}", status.line());
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(3.21), "3.2 s");
        assert_eq!(duration(75.4), "75 s");
        assert_eq!(duration(125.0), "2 min 05 s");
    }
}
