//! What is measured of a network, and when.

use super::context::Context;
use super::trainer::Answers;
use crate::experiment::Event;
use crate::labs::layer_answers::LayerAnswers;
use crate::labs::numbers::{accuracy, cross_entropy, largest, probabilities, undecidedness};
use crate::routing::Fate;
use crate::routing::metrics::load_cv;
use crate::routing::routers::Recipe;

/// Measures of one moment, on held-out images; routers' are means over layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    pub step: u64,
    /// Mean cross entropy of the batches since the last measure, in nats.
    pub train_loss: f64,
    /// Cross entropy of the held-out images, in nats.
    pub test_loss: f64,
    pub test_accuracy: f64,
    /// What only routed networks have.
    pub routes: Option<Routes>,
}

/// Measures of routes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Routes {
    /// Coefficient of variation of the experts' load.
    pub load_cv: f64,
    /// Mean number of experts that nobody chose, per layer.
    pub dead: f64,
    /// Mean number of experts that answer for a patch, shared ones included.
    pub experts: f64,
    /// Share of choices that fall on null slots or on the way around.
    pub idle: f64,
    /// Mean entropy of a patch's affinities over that of an even choice; nothing where they are no distribution.
    pub entropy: Option<f64>,
    /// Share of the last batch's choices that were dropped.
    pub dropped: f64,
    /// Share of first choices that changed since the last measure; nothing at the first.
    pub churn: Option<f64>,
}

impl Measure {
    pub fn new(
        (step, train_loss): (u64, f64),
        context: &Context,
        answers: &Answers,
        routes: Option<Routes>,
    ) -> Self {
        Self {
            step,
            train_loss,
            test_loss: answers.loss(&context.targets),
            test_accuracy: answers.accuracy(&context.targets),
            routes,
        }
    }

    /// The measures that exist, as events of a task.
    pub fn events(&self, task: &str) -> Vec<Event> {
        let of = |value: fn(&Routes) -> f64| self.routes.as_ref().map(value);
        let named = [
            ("train_loss", Some(self.train_loss)),
            ("test_loss", Some(self.test_loss)),
            ("test_accuracy", Some(self.test_accuracy)),
            ("load_cv", of(|routes| routes.load_cv)),
            ("dead_experts", of(|routes| routes.dead)),
            ("experts_per_unit", of(|routes| routes.experts)),
            ("idle_share", of(|routes| routes.idle)),
            ("router_entropy", self.routes.and_then(|routes| routes.entropy)),
            ("dropped_share", of(|routes| routes.dropped)),
            ("churn", self.routes.and_then(|routes| routes.churn)),
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

impl Routes {
    /// The mean over layers.
    pub fn new(layers: &[LayerAnswers], recipe: &Recipe, dropped: f64) -> Option<Self> {
        let count = layers.len() as f64;
        let mean = |value: &dyn Fn(&LayerAnswers) -> f64| layers.iter().map(value).sum::<f64>() / count;
        let experts = recipe.pipeline().experts;
        let first = layers.first()?;
        let units = (first.affinities.len() / recipe.slots()).max(1) as f64;
        let load = |layer: &LayerAnswers| layer.load(recipe);
        let served = |layer: &LayerAnswers| load(layer).iter().sum::<usize>() as f64;
        let per_choice = if recipe.is_block { recipe.experts } else { 1 } as f64;
        let used = if recipe.soft.is_some() {
            recipe.active
        } else {
            per_choice * mean(&served) / units + recipe.shared as f64
        };
        let is_idle = |edge: &&crate::routing::Edge| edge.slot >= experts || edge.fate == Fate::Skipped;
        let idle = |layer: &LayerAnswers| {
            layer.edges.iter().filter(is_idle).count() as f64 / layer.edges.len().max(1) as f64
        };
        let has_distribution = recipe.has_distribution();
        Some(Self {
            // One slot alone is never uneven; of slots that nobody chose nothing can be said.
            load_cv: if experts < 2 { 0.0 } else { mean(&|layer| load_cv(&load(layer)).unwrap_or(0.0)) },
            dead: mean(&|layer| load(layer).iter().filter(|count| **count == 0).count() as f64),
            experts: used,
            idle: mean(&idle),
            entropy: has_distribution
                .then(|| mean(&|layer| undecidedness(&layer.affinities, recipe.slots()))),
            dropped,
            churn: None,
        })
    }
}

impl Answers {
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.logits.chunks_exact(self.classes)
    }

    /// The likeliest class of each answer, the first one on a tie.
    pub fn predicted(&self) -> Vec<usize> {
        self.rows().map(largest).collect()
    }

    /// The probability of the likeliest class of one answer.
    pub fn certainty(&self, place: usize) -> f64 {
        self.rows().nth(place).map_or(0.0, |row| probabilities(row)[largest(row)])
    }

    /// The mean cross entropy against these classes, in nats.
    pub fn loss(&self, classes: &[usize]) -> f64 {
        cross_entropy(&self.logits, self.classes, classes)
    }

    /// The share of answers that are these classes.
    pub fn accuracy(&self, classes: &[usize]) -> f64 {
        accuracy(&self.predicted(), classes)
    }
}

/// Whether something is measured after `step` of `steps`: often at first, when much happens, then about forty times, and
/// at the end.
pub(super) fn is_measured(step: u64, steps: u64) -> bool {
    let interval = if step <= 100 { 10 } else { steps.div_ceil(40).next_multiple_of(10) };
    step == steps || step.is_multiple_of(interval)
}
