//! What retraining found: the first step at which each training was as good as the architecture trained alone.
//!
//! All losses compared here are of the validation part. The target of an architecture is the mean of its trainings alone at
//! their end. A training that does not reach it within the steps of a retraining counts with all of these steps, so the means
//! are *restricted means* and say nothing of later steps; how many did not reach it is said beside them.

use super::{LOSSES, STEPS, Settings, Start, main_method, places, task_name};
use crate::Result;
use crate::experiment::{Verdict, VerdictWord};
use crate::labs::numbers::{over_seeds, point_over_seeds};
use crate::labs::supernet_audit::Method;
use crate::labs::supernet_audit::pictures::slot;
use crate::labs::supernet_audit::results::{Results, mean};
use crate::labs::supernet_audit::verdicts::FEWEST_SEEDS;
use crate::plate::number::brief;
use crate::plate::{Axis, Cell, Column, Curve, Line, Plate, Table};
use crate::statistics::{Direction, Interval, hierarchical_bootstrap_mean, sign_count, verdict};

/// The trainings of one start, `[seed][architecture]`.
struct Trainings {
    /// The validation loss at each look.
    losses: Vec<Vec<Vec<f64>>>,
    /// The first step at which the target was reached.
    reached: Vec<Vec<Option<f64>>>,
}

impl Trainings {
    /// Steps to the target, all steps where it was not reached.
    fn restricted(&self, settings: Settings) -> Vec<Vec<f64>> {
        let all = settings.steps as f64;
        self.reached.iter().map(|row| row.iter().map(|step| step.unwrap_or(all)).collect()).collect()
    }

    fn column(rows: &[Vec<f64>], place: usize) -> Vec<f64> {
        rows.iter().map(|row| row[place]).collect()
    }

    /// How many seeds of one architecture, or of all, reached the target.
    fn count(&self, place: Option<usize>) -> String {
        let of = |row: &Vec<Option<f64>>| place.map_or(row.clone(), |place| vec![row[place]]);
        let all: Vec<Option<f64>> = self.reached.iter().flat_map(of).collect();
        format!("{} of {}", all.iter().flatten().count(), all.len())
    }
}

/// Everything that was measured in retraining.
pub struct Retrained<'a> {
    results: &'a Results<'a>,
    settings: Settings,
    method: Method,
    places: Vec<usize>,
    /// The steps of the looks.
    steps: Vec<f64>,
    /// The loss to reach, of each architecture.
    targets: Vec<f64>,
    inherited: Trainings,
    fresh: Trainings,
}

/// What it says together.
pub struct Found {
    /// The claim with its interval.
    pub verdict: Verdict,
    /// Steps saved.
    pub saved: Interval,
    /// The same in words.
    pub sentence: String,
}

/// The first step at which the loss is at most `target`.
fn first_at_most(steps: &[f64], losses: &[f64], target: f64) -> Option<f64> {
    steps.iter().zip(losses).find(|(_, loss)| **loss <= target).map(|(step, _)| *step)
}

impl<'a> Retrained<'a> {
    /// Sorts the outcomes; nothing where nothing was retrained.
    ///
    /// # Errors
    /// When a task left other numbers behind.
    pub fn new(results: &'a Results<'a>) -> Result<Option<Self>> {
        let audit = results.audit;
        let Some(settings) = audit.retraining else { return Ok(None) };
        let (method, places) = (main_method(audit), places(audit));
        let mut targets = Vec::new();
        for place in &places {
            let name = |repetition| Results::standalone_name(&audit.audited[*place], repetition);
            let loss = |repetition| results.numbers(&name(repetition), "validation", 1).map(|all| all[0]);
            targets.push(mean(&(0..audit.standalones).map(loss).collect::<Result<Vec<f64>>>()?));
        }
        let mut steps = Vec::new();
        let mut trainings = |start: Start| -> Result<Trainings> {
            let (mut losses, mut reached) = (Vec::new(), Vec::new());
            for seed in 0..audit.seeds {
                let (mut of_seed, mut first) = (Vec::new(), Vec::new());
                for (place, target) in places.iter().zip(&targets) {
                    let name = task_name(&audit.audited[*place], start, seed);
                    steps = results.numbers(&name, STEPS, settings.looks())?.to_vec();
                    let found = results.numbers(&name, LOSSES, settings.looks())?;
                    first.push(first_at_most(&steps, found, *target));
                    of_seed.push(found.to_vec());
                }
                losses.push(of_seed);
                reached.push(first);
            }
            Ok(Trainings { losses, reached })
        };
        let (inherited, fresh) = (trainings(Start::Supernet(method))?, trainings(Start::Fresh)?);
        Ok(Some(Self { results, settings, method, places, steps, targets, inherited, fresh }))
    }

    /// The steps that the supernet's weights save, paired by seed and architecture.
    ///
    /// # Errors
    /// When a statistic is not defined.
    pub fn found(&self) -> Result<Found> {
        let audit = self.results.audit;
        let (fresh, inherited) =
            (self.fresh.restricted(self.settings), self.inherited.restricted(self.settings));
        let mut stream = audit.streams.stream("bootstrap-retraining");
        let saved = hierarchical_bootstrap_mean(&fresh, &inherited, audit.resamples, &mut stream)?.interval();
        let of_seed: Vec<f64> =
            fresh.iter().zip(&inherited).map(|(fresh, own)| mean(fresh) - mean(own)).collect();
        let signs = sign_count(&of_seed, Direction::Higher)?;
        let mean_fresh = mean(&fresh.concat());
        let reached = self.fresh.reached.iter().chain(&self.inherited.reached).flatten().flatten().count();
        let word = if audit.seeds < FEWEST_SEEDS || reached == 0 {
            VerdictWord::Inconclusive
        } else {
            verdict(&saved, Direction::Higher, (audit.smallest_effect * mean_fresh).max(f64::MIN_POSITIVE))?
        };
        let (steps, method) = (self.settings.steps, self.method.name());
        let verdict = Verdict {
            name: format!("{method} weights against fresh ones"),
            claim: "A sub-network that starts from the supernet's weights is as good as the network trained alone in \
                    fewer steps than one that starts anew."
                .to_owned(),
            paper: "The paper counts the steps of retraining until the quality of training from scratch is reached; \
                    its table was not available to us."
                .to_owned(),
            quantity: format!("steps saved until the validation loss of networks trained alone, of at most {steps}"),
            mean: saved.mean,
            low: saved.low,
            high: saved.high,
            wins: signs.wins,
            replicates: signs.replicates,
            word,
        };
        Ok(Found { verdict, saved, sentence: self.sentence(&saved, reached) })
    }

    fn sentence(&self, saved: &Interval, reached: usize) -> String {
        let (steps, method) = (self.settings.steps, self.method.name());
        if reached == 0 {
            return format!(
                "Retraining reached the loss of networks trained alone from no weights within {steps} steps."
            );
        }
        format!(
            "Retraining from `{method}` weights saves {} of at most {steps} steps (95% interval {} to {}): {} trainings \
             from them and {} from fresh weights reached the loss of networks trained alone.",
            brief(saved.mean),
            brief(saved.low),
            brief(saved.high),
            self.inherited.count(None),
            self.fresh.count(None),
        )
    }

    /// One row an architecture, and one for all.
    pub fn table(&self, found: &Found) -> Table {
        let (fresh, inherited) =
            (self.fresh.restricted(self.settings), self.inherited.restricted(self.settings));
        let mut rows = Vec::new();
        for (index, place) in self.places.iter().enumerate() {
            let (own, anew) = (Trainings::column(&inherited, index), Trainings::column(&fresh, index));
            let saved: Vec<f64> = anew.iter().zip(&own).map(|(anew, own)| anew - own).collect();
            let at_first: Vec<f64> = self.inherited.losses.iter().map(|row| row[index][0]).collect();
            rows.push(vec![
                Cell::text(self.results.audit.audited[*place].name.as_str()),
                Cell::number(self.targets[index]),
                over_seeds(&at_first),
                Cell::text(self.inherited.count(Some(index))),
                Cell::text(self.fresh.count(Some(index))),
                over_seeds(&own),
                over_seeds(&anew),
                over_seeds(&saved),
            ]);
        }
        let all = |rows: &[Vec<f64>]| Cell::number(mean(&rows.concat()));
        rows.push(vec![
            Cell::text("all"),
            Cell::Empty,
            Cell::Empty,
            Cell::text(self.inherited.count(None)),
            Cell::text(self.fresh.count(None)),
            all(&inherited),
            all(&fresh),
            Cell::interval(found.saved.mean, found.saved.low, found.saved.high),
        ]);
        let (method, Settings { steps, every, .. }) = (self.method.name(), self.settings);
        Table {
            title: "What retraining from supernet weights saves".to_owned(),
            caption: format!(
                "Steps until the validation loss is at most the target: the mean validation loss of the same architecture \
                 trained alone, at the end of its training. One training starts from the sub-network's weights in the \
                 `{method}` supernet, one from fresh weights; batches, rates and schedule are the same, over {steps} steps, \
                 with a look every {every}. What is not reached counts as {steps} steps. Means over seeds with 95% \
                 intervals; the last row's is from a bootstrap over seeds and architectures."
            ),
            columns: vec![
                Column::text("architecture"),
                Column::number("target", "nats"),
                Column::number("supernet weights at step 0", "nats"),
                Column::text("reached from supernet weights"),
                Column::text("reached from fresh weights"),
                Column::number("from supernet weights", "steps"),
                Column::number("from fresh weights", "steps"),
                Column::number("saved", "steps"),
            ],
            rows,
        }
    }

    /// How far both starts are above the target at each look.
    pub fn curves(&self) -> Plate {
        let line = |name: String, slot: usize, trainings: &Trainings| {
            let above = |seed: &Vec<Vec<f64>>, look: usize| {
                let each = seed.iter().zip(&self.targets).map(|(losses, target)| losses[look] - target);
                mean(&each.collect::<Vec<f64>>())
            };
            let point = |(look, step): (usize, &f64)| {
                let seeds: Vec<f64> = trainings.losses.iter().map(|seed| above(seed, look)).collect();
                point_over_seeds(*step, &seeds)
            };
            Line { name, slot, points: self.steps.iter().enumerate().map(point).collect() }
        };
        let (own, method) = (slot(self.method), self.method.name());
        Plate::Curve(Curve {
            title: "How retraining comes down".to_owned(),
            caption: "Validation loss above that of the same architecture trained alone, the mean over architectures, with \
                      95% intervals over seeds; at 0 a training is as good as training alone."
                .to_owned(),
            x: Axis::new("step", ""),
            y: Axis::new("validation loss above training alone", "nats"),
            lines: vec![
                line(format!("from {method} weights"), own, &self.inherited),
                line("from fresh weights".to_owned(), (own + 1) % Method::ALL.len(), &self.fresh),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_at_or_below_the_target_counts() {
        let (steps, losses) = ([0.0, 10.0, 20.0, 30.0], [3.0, 2.0, 1.0, 1.5]);
        assert_eq!(first_at_most(&steps, &losses, 2.0), Some(10.0));
        assert_eq!(first_at_most(&steps, &losses, 5.0), Some(0.0));
        assert_eq!(first_at_most(&steps, &losses, 0.9), None);
    }

    #[test]
    fn what_is_not_reached_counts_with_all_steps_and_is_counted() {
        let reached = vec![vec![Some(10.0), None], vec![Some(0.0), Some(20.0)]];
        let trainings = Trainings { losses: Vec::new(), reached };
        let settings = Settings { architectures: 2, steps: 25, every: 10 };
        assert_eq!(trainings.restricted(settings), [[10.0, 25.0], [0.0, 20.0]]);
        assert_eq!((trainings.count(None), trainings.count(Some(1))), ("3 of 4".into(), "1 of 2".into()));
        assert_eq!(settings.looks(), 4, "at 0, 10, 20 and 25");
    }
}
