//! How far a run is: a bar on a terminal, a plain line with the metrics every few seconds anywhere else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use switchyard::experiment::Event;

/// How often a plain line is written.
const EVERY: Duration = Duration::from_secs(3);

/// How far a run is.
#[derive(Debug)]
pub struct Status {
    started: Instant,
    stage: String,
    stage_started: Instant,
    stage_tasks: usize,
    stage_done: usize,
    done: usize,
    /// Tasks under way: steps done, steps in all.
    running: BTreeMap<String, (u64, u64)>,
    /// The last number measured: task, name, value.
    latest: Option<(String, String, f64)>,
}

impl Status {
    /// The state at the start.
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            stage: "starting".to_owned(),
            stage_started: now,
            stage_tasks: 0,
            stage_done: 0,
            done: 0,
            running: BTreeMap::new(),
            latest: None,
        }
    }

    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Stage { name, tasks } => {
                self.stage = name.clone();
                self.stage_started = Instant::now();
                self.stage_tasks = *tasks;
                self.stage_done = 0;
            }
            Event::TaskStarted { task, steps } => {
                self.running.insert(task.clone(), (0, *steps));
            }
            Event::Scalar { task, name, value, .. } => {
                self.latest = Some((task.clone(), name.clone(), *value));
            }
            _ => {}
        }
    }

    /// A task went on.
    pub fn step(&mut self, task: &str, step: u64) {
        if let Some(entry) = self.running.get_mut(task) {
            entry.0 = step;
        }
    }

    /// A task is done.
    pub fn finished(&mut self, task: &str) {
        self.running.remove(task);
        self.stage_done += 1;
        self.done += 1;
    }

    /// Seconds since the start.
    pub fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The part of the stage that is done, when that can be known.
    fn fraction(&self) -> Option<f64> {
        if self.stage_tasks == 0 {
            return None;
        }
        let under_way = self.running.values().filter(|(_, steps)| *steps > 0);
        let parts: f64 = under_way.map(|(step, steps)| *step as f64 / *steps as f64).sum();
        Some(((self.stage_done as f64 + parts) / self.stage_tasks as f64).min(1.0))
    }

    /// Seconds left in the stage, by what it took so far.
    fn remaining(&self) -> Option<f64> {
        let fraction = self.fraction().filter(|fraction| *fraction > 0.01)?;
        Some(self.stage_started.elapsed().as_secs_f64() * (1.0 - fraction) / fraction)
    }

    /// One line: stage, tasks, time left, the last number, and its task with its step.
    pub fn line(&self) -> String {
        let mut parts = vec![format!("{} {}/{} tasks", self.stage, self.stage_done, self.stage_tasks)];
        if self.done > self.stage_done {
            parts.push(format!("{} done in all", self.done));
        }
        if let Some(seconds) = self.remaining() {
            parts.push(format!("ETA {} for this stage", duration(seconds)));
        }
        if let Some((_, name, value)) = &self.latest {
            parts.push(format!("{name} {value:.4}"));
        }
        let measured = self.latest.as_ref().map(|(task, ..)| task);
        let shown =
            measured.filter(|task| self.running.contains_key(*task)).or_else(|| self.running.keys().next());
        if let Some((task, (step, steps))) = shown.and_then(|task| self.running.get_key_value(task)) {
            parts.push(format!("{task} step {step}/{steps}"));
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
                bar.set_position((status.fraction().unwrap_or(0.0) * 1000.0) as u64);
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
        assert_eq!(status.fraction(), Some(0.25));
        status.finished("sandwich/seed-1");
        assert_eq!(status.fraction(), Some(0.5));
    }

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(3.21), "3.2 s");
        assert_eq!(duration(75.4), "75 s");
        assert_eq!(duration(125.0), "2 min 05 s");
    }
}
