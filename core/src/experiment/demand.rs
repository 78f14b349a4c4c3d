//! How much memory a run asks for at most, told before anything is trained. How much is free, and what follows from that, is
//! for others to say: this is a formula and what goes into it.

use crate::{Error, Result};

/// The most bytes of a run in a browser's tab.
pub const TAB_BYTES: f64 = 2e9;

/// The memory that a run asks for, in bytes. It is meant to be no less than what is used, and at most twice that.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// For the whole run: the program, its data, and the weights of finished networks.
    pub kept: f64,
    /// At the end, when no task is at work and all outcomes are put in order.
    pub ended: f64,
    /// For what one task learns: weights, gradients, and the optimiser's moments.
    pub learned: f64,
    /// For a step of one task, for each unit of the field that says how large a batch is.
    pub each: f64,
    /// For measuring one trained network.
    pub measured: f64,
    /// On each of several devices, for what one part of a step learned and that is not added up yet; 0 where steps have no
    /// parts.
    pub waiting: f64,
    /// That field.
    pub key: &'static str,
    /// Its value.
    pub value: u64,
    /// The smallest value that every sentence of the training fits in.
    pub least: u64,
    /// The most tasks that can be at work together.
    pub tasks: usize,
    /// The other fields that make it less, in words.
    pub others: &'static str,
}

impl Demand {
    /// The same where so many devices that share this memory compute each step of one task together.
    #[must_use]
    pub fn divided(&self, devices: usize) -> Self {
        if devices < 2 {
            return self.clone();
        }
        let count = devices as f64;
        let learned = self.learned + count * self.waiting;
        Self { learned, each: count * self.each, tasks: 1, ..self.clone() }
    }

    /// Bytes of one task.
    pub fn task(&self) -> f64 {
        self.task_with(self.value)
    }

    fn task_with(&self, value: u64) -> f64 {
        self.learned + self.measured.max(self.each * value as f64)
    }

    /// Refuses a run that is too large for a tab, which has one thread.
    ///
    /// # Errors
    /// [`Error::Inconsistent`] that names the fields that make it smaller.
    pub fn fits_a_tab(&self) -> Result<()> {
        let bytes = self.total(1);
        if bytes <= TAB_BYTES {
            return Ok(());
        }
        let problem = format!(
            "the run would take about {:.1} GB, and a tab has at most {:.0} GB; lower it, {}, or use the command line",
            bytes / 1e9,
            TAB_BYTES / 1e9,
            self.others
        );
        Err(Error::Inconsistent { key: self.key.to_owned(), problem })
    }

    /// How many tasks are at work together on so many threads.
    pub fn at_once(&self, threads: usize) -> usize {
        threads.min(self.tasks).max(1)
    }

    /// Bytes of the run on so many threads.
    pub fn total(&self, threads: usize) -> f64 {
        self.total_with(self.value, threads)
    }

    fn total_with(&self, value: u64, threads: usize) -> f64 {
        let at_work = self.kept + self.at_once(threads) as f64 * self.task_with(value);
        at_work.max(self.ended)
    }

    /// The most threads, fewer than these, on which it fits into so many bytes.
    pub fn threads_within(&self, bytes: f64, threads: usize) -> Option<usize> {
        (1..self.at_once(threads)).rev().find(|fewer| self.total(*fewer) <= bytes)
    }

    /// The largest value of the field with which it fits into so many bytes on so many threads, if that is large enough for
    /// the data.
    pub fn value_within(&self, bytes: f64, threads: usize) -> Option<u64> {
        let room = (bytes - self.kept) / self.at_once(threads) as f64 - self.learned;
        // Rounding must not make it one too large.
        let most = (room / self.each).clamp(0.0, self.value as f64) as u64;
        [most, most.saturating_sub(1)]
            .into_iter()
            .find(|value| *value >= self.least && self.total_with(*value, threads) <= bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand() -> Demand {
        Demand {
            kept: 10.0,
            ended: 12.0,
            learned: 100.0,
            each: 0.5,
            measured: 30.0,
            waiting: 20.0,
            key: "training.tokens",
            value: 400,
            least: 20,
            tasks: 3,
            others: "",
        }
    }

    #[test]
    fn tasks_at_work_add_up_and_no_more_of_them_than_there_are() {
        let demand = demand();
        assert_eq!([1, 2, 3, 8].map(|threads| demand.total(threads)), [310.0, 610.0, 910.0, 910.0]);
        assert_eq!(Demand { ended: 700.0, ..demand.clone() }.total(2), 700.0);
        assert_eq!(
            Demand { value: 10, ..demand }.total(1),
            140.0,
            "measuring takes more than so small a batch"
        );
    }

    #[test]
    fn several_devices_have_a_batch_each_and_what_it_taught_and_one_task_together() {
        assert_eq!(demand().divided(1), demand());
        assert_eq!(demand().divided(3).total(8), 10.0 + 100.0 + 3.0 * (20.0 + 200.0));
    }

    #[test]
    fn a_tab_has_two_gigabytes() {
        let of = |kept: f64| Demand { kept, others: "or others", ..demand() }.fits_a_tab();
        assert_eq!(of(TAB_BYTES - 300.0), Ok(()));
        let problem = of(3e9).expect_err("it is too large").to_string();
        assert!(problem.contains("`training.tokens`") && problem.contains("about 3.0 GB"), "{problem}");
    }

    #[test]
    fn what_would_fit_fits_and_the_next_does_not() {
        let demand = demand();
        for free in [111.0, 139.0, 141.0, 150.0, 200.0, 309.9, 310.0, 500.0, 620.0, 900.0] {
            for threads in [1, 2, 8] {
                if let Some(fewer) = demand.threads_within(free, threads) {
                    assert!(demand.total(fewer) <= free && fewer < threads);
                }
                let Some(value) = demand.value_within(free, threads) else { continue };
                let with = |value: u64| Demand { value, ..demand.clone() }.total(threads);
                assert!(value >= demand.least && with(value) <= free, "{free} {threads}: {value}");
                assert!(value == demand.value || with(value + 2) > free, "{free} {threads}: {value}");
            }
        }
        assert_eq!(demand.threads_within(620.0, 8), Some(2));
        assert_eq!(demand.threads_within(309.0, 8), None, "not even one");
        assert_eq!((demand.value_within(200.0, 1), demand.value_within(139.0, 1)), (Some(180), None));
        assert_eq!(Demand { least: 190, ..demand }.value_within(200.0, 1), None, "a sentence would not fit");
    }
}
