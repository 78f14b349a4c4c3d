//! What was measured during a training, and when.

use super::evaluation::Answers;
use super::trainer::LastBatch;
use crate::experiment::Event;
use crate::routing::Fate;

/// Measures of one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    /// Steps done.
    pub step: u64,
    /// Mean cross entropy of the batches since the last measure, in nats.
    pub train_loss: f64,
    /// Cross entropy of the held-out rows, in nats.
    pub test_loss: f64,
    /// Share of the held-out rows that are classified right.
    pub test_accuracy: f64,
    /// Coefficient of variation of the experts' load on the held-out rows; nothing without experts.
    pub load_cv: Option<f64>,
    /// Mean entropy of the router's probabilities, 0 to 1; nothing without a router.
    pub router_entropy: Option<f64>,
    /// Share of the last batch's choices that were dropped; nothing without experts.
    pub dropped: Option<f64>,
}

impl Measure {
    pub fn new(
        step: u64,
        train_loss: f64,
        (answers, classes): (&Answers, &[usize]),
        last: Option<&LastBatch>,
    ) -> Self {
        Self {
            step,
            train_loss,
            test_loss: answers.loss(classes),
            test_accuracy: answers.accuracy(classes),
            load_cv: answers.load_cv(),
            router_entropy: answers.router_entropy(),
            dropped: last.map(LastBatch::dropped_share),
        }
    }

    /// The measures that exist, as events of a task.
    pub fn events(&self, task: &str) -> Vec<Event> {
        let named = [
            ("train_loss", Some(self.train_loss)),
            ("test_loss", Some(self.test_loss)),
            ("test_accuracy", Some(self.test_accuracy)),
            ("load_cv", self.load_cv),
            ("router_entropy", self.router_entropy),
            ("dropped_share", self.dropped),
        ];
        let scalar = |(name, value): (&str, Option<f64>)| {
            value.map(|value| Event::Scalar {
                task: task.to_owned(),
                step: self.step,
                name: name.into(),
                value,
            })
        };
        named.into_iter().filter_map(scalar).collect()
    }
}

impl LastBatch {
    /// The share of choices that were dropped.
    pub fn dropped_share(&self) -> f64 {
        let edges = &self.routing.edges;
        let dropped = edges.iter().filter(|edge| edge.fate == Fate::Dropped).count();
        dropped as f64 / edges.len().max(1) as f64
    }
}

/// Whether something is measured after `step` of `steps`: often at first, when much happens, then about a hundred
/// times, and at the end.
pub(super) fn is_measured(step: u64, steps: u64) -> bool {
    let interval = if step <= 200 { 10 } else { steps.div_ceil(100).next_multiple_of(10) };
    step == steps || step.is_multiple_of(interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_dense_at_first_and_end_with_the_last_step() {
        let taken = |steps: u64| (1..=steps).filter(|step| is_measured(*step, steps)).collect::<Vec<_>>();
        assert_eq!(taken(3000)[..3], [10, 20, 30]);
        assert_eq!(taken(3000).len(), 20 + 2800 / 30 + 1);
        assert_eq!(taken(7), [7]);
        assert_eq!(taken(45), [10, 20, 30, 40, 45]);
    }
}
