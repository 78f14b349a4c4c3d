//! The stage under way: its tasks, the part of it that is done, the time left. It has no clock: whoever asks says
//! how many seconds have passed since the start.

use std::collections::BTreeMap;

use switchyard::experiment::Event;

/// A stage of a run and its tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// How many tasks it has.
    pub tasks: usize,
    /// How many of them are done.
    pub done: usize,
    /// Tasks done in all stages.
    pub done_in_all: usize,
    /// Tasks under way: steps done, steps in all.
    pub running: BTreeMap<String, (u64, u64)>,
    /// When it began, in seconds since the start.
    began: f64,
    /// What was done before this process, in tasks.
    given: f64,
}

impl Stage {
    /// Before the first stage.
    pub fn starting() -> Self {
        Self {
            name: "starting".to_owned(),
            tasks: 0,
            done: 0,
            done_in_all: 0,
            running: BTreeMap::new(),
            began: 0.0,
            given: 0.0,
        }
    }

    /// Takes in an event that happened `seconds` after the start.
    pub fn event(&mut self, event: &Event, seconds: f64) {
        match event {
            Event::Stage { name, tasks } => {
                self.name.clone_from(name);
                self.tasks = *tasks;
                self.done = 0;
                (self.began, self.given) = (seconds, 0.0);
            }
            Event::TaskStarted { task, steps } => {
                self.running.insert(task.clone(), (0, *steps));
            }
            Event::TaskFinished { task, .. } => self.finished(task),
            _ => {}
        }
    }

    /// A task went on.
    pub fn step(&mut self, task: &str, step: u64) {
        if let Some(entry) = self.running.get_mut(task) {
            entry.0 = step;
        }
    }

    /// A task goes on at a step that was not done by this process.
    pub fn goes_on(&mut self, task: &str, step: u64) {
        self.step(task, step);
        if let Some((_, steps)) = self.running.get(task).filter(|(_, steps)| *steps > 0) {
            self.given += step as f64 / *steps as f64;
        }
    }

    /// A task is done; said twice, it counts once.
    pub fn finished(&mut self, task: &str) {
        if self.running.remove(task).is_some() {
            self.done += 1;
            self.done_in_all += 1;
        }
    }

    /// The part of the stage that is done, when that can be known.
    pub fn fraction(&self) -> Option<f64> {
        if self.tasks == 0 {
            return None;
        }
        let under_way = self.running.values().filter(|(_, steps)| *steps > 0);
        let parts: f64 = under_way.map(|(step, steps)| *step as f64 / *steps as f64).sum();
        Some(((self.done as f64 + parts) / self.tasks as f64).min(1.0))
    }

    /// Seconds left in the stage, by what it took until `seconds` after the start.
    pub fn remaining(&self, seconds: f64) -> Option<f64> {
        let fraction = self.fraction()?;
        let own = fraction - self.given / self.tasks as f64;
        (own > 0.01).then(|| (seconds - self.began) * (1.0 - fraction) / own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_counted_once_and_the_time_left_follows_from_it() {
        let mut stage = Stage::starting();
        assert_eq!((stage.fraction(), stage.remaining(1.0)), (None, None));
        stage.event(&Event::Stage { name: "supernets".into(), tasks: 2 }, 10.0);
        for task in ["a", "b"] {
            stage.event(&Event::TaskStarted { task: task.into(), steps: 100 }, 10.0);
        }
        stage.step("a", 50);
        assert_eq!(stage.fraction(), Some(0.25));
        assert_eq!(stage.remaining(20.0), Some(30.0));
        stage.event(&Event::TaskFinished { task: "a".into(), summary: String::new() }, 20.0);
        stage.finished("a");
        stage.step("a", 7);
        assert_eq!((stage.done, stage.done_in_all, stage.fraction()), (1, 1, Some(0.5)));
    }
}
