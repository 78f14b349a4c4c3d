//! What a network answers about rows outside training: without noise, without a limit, and as plain numbers.

use burn::prelude::Device;

use super::context::Context;
use super::network::{Conditions, Network};
use crate::Result;
use crate::labs::layer_answers::LayerAnswers;
use crate::labs::numbers::{accuracy, cross_entropy, largest, probabilities, undecidedness};
use crate::nn::readback::read;
use crate::routing::metrics::load_cv;
use crate::routing::routers::Recipe;
use crate::routing::{Edge, RouterMemory};

/// A network, ready to be asked.
pub(super) struct Examiner<'a> {
    pub context: &'a Context,
    pub network: &'a Network,
    pub recipe: Option<&'a Recipe>,
    pub memory: &'a RouterMemory,
    pub device: &'a Device,
}

/// Answers about some rows.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    /// The likeliest class of each row.
    pub predicted: Vec<usize>,
    /// Class logits, `[rows, classes]`.
    pub logits: Vec<f32>,
    /// What the router says; nothing without experts.
    pub router: Option<Routes>,
    classes: usize,
}

/// What a router says about some rows.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    pub layer: LayerAnswers,
    /// How many slots it chooses from, those that compute nothing included.
    pub slots: usize,
    /// How often each expert serves.
    load: Vec<usize>,
    /// Whether affinities are a distribution over the slots.
    has_distribution: bool,
}

impl Examiner<'_> {
    /// The answers about rows as the network reads them.
    ///
    /// # Errors
    /// When the router's numbers are none any more, or the device does not answer.
    pub async fn answers(&self, inputs: Vec<f32>) -> Result<Answers> {
        let conditions = Conditions::new(self.recipe, self.memory);
        let passed = self.network.pass(self.context, inputs, self.device, conditions).await?;
        let logits = read(passed.logits).await?;
        let classes = self.context.shape.outputs;
        let predicted = logits.chunks_exact(classes).map(largest).collect();
        let routes = passed.routed.zip(self.recipe).map(|(routed, recipe)| {
            let mut layer = LayerAnswers::default();
            layer.add(routed, 0);
            Routes {
                slots: recipe.slots(),
                load: layer.load(recipe),
                has_distribution: recipe.has_distribution(),
                layer,
            }
        });
        Ok(Answers { predicted, logits, router: routes, classes })
    }

    /// The answers about rows of the run's own data.
    ///
    /// # Errors
    /// As [`Examiner::answers`].
    pub async fn answers_about(&self, rows: &[usize]) -> Result<Answers> {
        self.answers(self.context.rows.inputs_of(rows)).await
    }
}

impl Answers {
    /// The class probabilities of one row.
    pub fn class_probabilities(&self, row: usize) -> Vec<f64> {
        let logits = &self.logits[row * self.classes..(row + 1) * self.classes];
        probabilities(logits)
    }

    /// The mean cross entropy against these classes, in nats.
    pub fn loss(&self, classes: &[usize]) -> f64 {
        cross_entropy(&self.logits, self.classes, classes)
    }

    /// The share of rows whose likeliest class is this one.
    pub fn accuracy(&self, classes: &[usize]) -> f64 {
        accuracy(&self.predicted, classes)
    }

    /// How often each expert was chosen; nothing without experts.
    pub fn load(&self) -> Option<&[usize]> {
        self.router.as_ref().map(|routes| routes.load.as_slice())
    }

    /// The load's coefficient of variation; nothing without experts.
    pub fn load_cv(&self) -> Option<f64> {
        self.load().and_then(|counts| load_cv(counts).ok())
    }

    /// The router's probabilities, `[rows, slots]`; nothing where it has none.
    pub fn router_probabilities(&self) -> Option<&[f32]> {
        let routes = self.router.as_ref().filter(|routes| routes.has_distribution)?;
        Some(&routes.layer.affinities)
    }

    /// The mean entropy of a row's router probabilities over that of an even choice, 0 to 1; nothing where there are none.
    pub fn router_entropy(&self) -> Option<f64> {
        let slots = self.router.as_ref()?.slots;
        self.router_probabilities().map(|probabilities| undecidedness(probabilities, slots))
    }

    /// How sure the router is of a row's slot, 0 to 1: its probability, or its share of all affinities; 1 where nothing is
    /// scored.
    pub fn certainty(&self, row: usize, slot: usize) -> f32 {
        let Some(Routes { layer, slots, .. }) = &self.router else { return 1.0 };
        let affinities = &layer.affinities[row * slots..(row + 1) * slots];
        let sum: f32 = affinities.iter().sum();
        if sum > 0.0 { affinities[slot] / sum } else { 1.0 }
    }

    /// How often rows of each class chose each slot, `[classes][slots]`; nothing without experts.
    pub fn specialisation(&self, classes: &[usize]) -> Vec<Vec<usize>> {
        let Some(Routes { layer, slots, .. }) = &self.router else { return Vec::new() };
        let mut table = vec![vec![0; *slots]; self.classes];
        for edge in &layer.edges {
            table[classes[edge.unit]][edge.slot] += 1;
        }
        table
    }

    /// The slot that each row chose first; nothing for rows that nobody took.
    pub fn first_slots(&self) -> Vec<Option<usize>> {
        let rows = self.predicted.len();
        self.router.as_ref().map_or_else(|| vec![None; rows], |routes| routes.layer.first_slots(rows))
    }

    /// Who goes where; empty without experts.
    pub fn edges(&self) -> &[Edge] {
        self.router.as_ref().map_or(&[], |routes| &routes.layer.edges)
    }
}
