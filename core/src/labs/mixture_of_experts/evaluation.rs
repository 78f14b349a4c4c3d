//! What a network answers about rows outside training: without noise, without a limit, and as plain numbers.

use burn::prelude::Device;

use super::context::Context;
use super::network::{Conditions, Network};
use crate::Result;
use crate::labs::numbers::{accuracy, cross_entropy, largest, probabilities, undecidedness};
use crate::nn::readback::read;
use crate::routing::metrics::load_cv;
use crate::routing::{BiasBalance, Edge, chosen_counts};

/// A network, ready to be asked.
pub(super) struct Examiner<'a> {
    pub context: &'a Context,
    pub network: &'a Network,
    pub balance: Option<&'a BiasBalance>,
    pub device: &'a Device,
}

/// Answers about some rows.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    /// The likeliest class of each row.
    pub predicted: Vec<usize>,
    /// Class logits, `[rows, classes]`.
    pub logits: Vec<f32>,
    /// The router's raw logits, `[rows, experts]`; empty without a router.
    pub router_logits: Vec<f32>,
    /// The router's probabilities, `[rows, experts]`; empty without a router.
    pub probabilities: Vec<f32>,
    /// Who goes where, `k` a row, row by row; empty without experts.
    pub edges: Vec<Edge>,
    classes: usize,
    experts: usize,
}

impl Examiner<'_> {
    /// The answers about rows as the network reads them.
    ///
    /// # Errors
    /// When the router's probabilities are no numbers, or the device does not answer.
    pub async fn answers(&self, inputs: Vec<f32>) -> Result<Answers> {
        let conditions = Conditions { choosing: self.context.choosing.dropless(), balance: self.balance };
        let passed = self.network.pass(self.context, inputs, self.device, conditions, None).await?;
        let logits = read(passed.logits).await?;
        let router_logits = match passed.scores {
            Some(scores) => read(scores.logits).await?,
            None => Vec::new(),
        };
        let classes = self.context.shape.expert.outputs;
        let predicted = logits.chunks_exact(classes).map(largest).collect();
        Ok(Answers {
            predicted,
            logits,
            router_logits,
            probabilities: passed.probabilities,
            edges: passed.edges,
            classes,
            experts: self.context.shape.count,
        })
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
    pub fn load(&self) -> Option<Vec<usize>> {
        (!self.edges.is_empty()).then(|| chosen_counts(&self.edges, self.experts))
    }

    /// The load's coefficient of variation; nothing without experts.
    pub fn load_cv(&self) -> Option<f64> {
        self.load().and_then(|counts| load_cv(&counts).ok())
    }

    /// The mean entropy of a row's router probabilities over that of an even choice, 0 to 1; nothing without a router.
    pub fn router_entropy(&self) -> Option<f64> {
        if self.probabilities.is_empty() || self.experts < 2 {
            return None;
        }
        Some(undecidedness(&self.probabilities, self.experts))
    }

    /// How often rows of each class chose each expert, `[classes][experts]`.
    pub fn specialisation(&self, classes: &[usize]) -> Vec<Vec<usize>> {
        let mut table = vec![vec![0; self.experts]; self.classes];
        for edge in &self.edges {
            table[classes[edge.unit]][edge.slot] += 1;
        }
        table
    }

    /// The expert that a row chose first.
    pub fn first_expert(&self, row: usize) -> Option<&Edge> {
        let per_row = self.edges.len().checked_div(self.predicted.len())?;
        self.edges.get(row * per_row)
    }
}
