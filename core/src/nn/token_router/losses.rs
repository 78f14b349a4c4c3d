//! Losses beside the task's, as tensors with gradients. Only units that count enter; counts, choices and thresholds are
//! constants.

use burn::prelude::*;

use super::scorer::Given;
use super::weights;
use crate::nn::mixture_of_experts::losses::{switch_loss, z_loss};
use crate::routing::assigners::ranked;
use crate::routing::metrics::Convention;
use crate::routing::routers::{Recipe, RouterLoss};
use crate::routing::{Edge, Fate, RouterMemory, Scored, chosen_counts};

/// Kept out of divisions by a sum of affinities.
const SMALLEST_SUM: f64 = 1e-9;

/// What losses are made of.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What the scorer said.
    pub given: &'a Given,
    /// The affinities, `[units, slots]`.
    pub affinity: &'a Tensor<2>,
    /// The same batch on the host.
    pub scored: &'a Scored<'a>,
    /// Who went where.
    pub edges: &'a [Edge],
}

impl Terms<'_> {
    /// The sum of a recipe's losses, each times its weight; nothing where it has none.
    pub fn total(&self, recipe: &Recipe, memory: &RouterMemory) -> Option<Tensor<1>> {
        let mut total: Option<Tensor<1>> = None;
        for &(loss, weight) in recipe.losses.iter().filter(|(_, weight)| *weight != 0.0) {
            let Some(term) = self.term(loss, recipe, memory).map(|term| term * weight) else { continue };
            total = Some(match total {
                Some(total) => total + term,
                None => term,
            });
        }
        total
    }

    /// One loss, without its weight; nothing where it does not exist (the load under noise when all are chosen).
    pub fn term(&self, loss: RouterLoss, recipe: &Recipe, memory: &RouterMemory) -> Option<Tensor<1>> {
        let counts = chosen_counts(self.edges, self.scored.slots);
        match loss {
            RouterLoss::LoadBalance(convention) => {
                let factor = match convention {
                    Convention::SumOverK => self.edges.len() as f64 / self.valid_count(),
                    _ => 1.0,
                };
                let counts = match convention {
                    Convention::TopOne => {
                        let first: Vec<Edge> =
                            self.edges.iter().filter(|edge| edge.rank == 0).copied().collect();
                        chosen_counts(&first, self.scored.slots)
                    }
                    _ => counts,
                };
                Some(switch_loss(self.distribution(), &counts) * factor)
            }
            RouterLoss::NullBucket => Some(self.null_bucket(recipe, &counts)),
            RouterLoss::Z => Some(z_loss(self.valid_rows(self.given.clean.clone()))),
            RouterLoss::Importance => {
                // What was asked for, as if there were room for all.
                let kept = |edge: &Edge| match edge.fate {
                    Fate::Dropped => Edge { fate: Fate::Kept, ..*edge },
                    _ => *edge,
                };
                let asked: Vec<Edge> = self.edges.iter().map(kept).collect();
                let gates = weights::gates(self.affinity.clone(), &asked, self.scored, recipe);
                Some(squared_variation(gates.narrow(1, 0, recipe.experts)))
            }
            RouterLoss::ImportanceOfAll => Some(squared_variation(self.distribution())),
            RouterLoss::Entropy => {
                let p = self.distribution();
                Some((p.clone() * (p + SMALLEST_SUM).log()).sum() * (-1.0 / self.valid_count()))
            }
            RouterLoss::Load => self.smooth_load().map(squared_variation),
            RouterLoss::Activity => Some(self.activity(recipe, &counts) * memory.penalty),
        }
    }

    fn valid_count(&self) -> f64 {
        self.scored.valid_units().count().max(1) as f64
    }

    /// The rows of the units that count.
    fn valid_rows(&self, x: Tensor<2>) -> Tensor<2> {
        let rows: Vec<i32> = self.scored.valid_units().map(|unit| unit as i32).collect();
        if rows.len() == self.scored.units() {
            return x;
        }
        let (count, device) = (rows.len(), x.device());
        x.select(0, Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &device))
    }

    /// Affinities as distributions over the slots, of the units that count.
    fn distribution(&self) -> Tensor<2> {
        let rows = self.valid_rows(self.affinity.clone());
        rows.clone() / (rows.sum_dim(1) + SMALLEST_SUM)
    }

    /// `(n + m) sum_e f~_e P_e`, every null slot's `f` replaced by the null slots' mean.
    fn null_bucket(&self, recipe: &Recipe, counts: &[usize]) -> Tensor<1> {
        let (slots, total) = (recipe.slots(), self.edges.len().max(1) as f64);
        let nulls: usize = counts[recipe.experts..].iter().sum();
        let mean = nulls as f64 / recipe.nulls.max(1) as f64;
        let share = |slot: usize| {
            let count = if slot < recipe.experts { counts[slot] as f64 } else { mean };
            (count / total * slots as f64 / self.valid_count()) as f32
        };
        let shares = TensorData::new((0..slots).map(share).collect::<Vec<_>>(), [slots, 1]);
        let device = self.affinity.device();
        self.distribution().matmul(Tensor::<2>::from_data(shares, &device)).sum()
    }

    /// The probability that each unit would choose each expert if its own noise were drawn again, `[units, experts]`.
    fn smooth_load(&self) -> Option<Tensor<2>> {
        let (deviation, k) = (self.given.deviation.clone()?, choices_per_unit(self.edges, self.scored));
        if k >= self.scored.slots {
            return None;
        }
        let threshold = |unit: usize| {
            let row = self.scored.logits_of(unit);
            let sorted: Vec<f32> = ranked(row).into_iter().map(|slot| row[slot]).collect();
            // What a chosen slot must beat is the first one left out; what another must beat is the last one chosen.
            let bar = move |logit: &f32| if *logit >= sorted[k - 1] { sorted[k] } else { sorted[k - 1] };
            row.iter().map(bar).collect::<Vec<f32>>()
        };
        let shape = [self.scored.units(), self.scored.slots];
        let bars: Vec<f32> = (0..shape[0]).flat_map(threshold).collect();
        let bars = Tensor::<2>::from_data(TensorData::new(bars, shape), &deviation.device());
        let z = (self.given.clean.clone() - bars) / deviation;
        let probability = (z / std::f64::consts::SQRT_2).erf() * 0.5 + 0.5;
        Some(self.valid_rows(probability))
    }

    /// The mean over units of `sum_e f_e g_e`, `f_e` the expert's activations over an even share of the target.
    fn activity(&self, recipe: &Recipe, counts: &[usize]) -> Tensor<1> {
        let even = recipe.active * self.valid_count() / recipe.experts as f64;
        let factor = |count: &usize| (*count as f64 / even.max(1e-12) / self.valid_count()) as f32;
        let factors: Vec<f32> = counts.iter().map(factor).collect();
        let (slots, device) = (factors.len(), self.affinity.device());
        let factors = Tensor::<2>::from_data(TensorData::new(factors, [slots, 1]), &device);
        self.valid_rows(self.affinity.clone()).matmul(factors).sum()
    }
}

/// The number of choices of a unit, which is the same for all where this is asked.
fn choices_per_unit(edges: &[Edge], scored: &Scored<'_>) -> usize {
    (edges.len() / scored.valid_units().count().max(1)).max(1)
}

/// The squared coefficient of variation of the columns' sums, `variance / mean^2`.
pub fn squared_variation(x: Tensor<2>) -> Tensor<1> {
    let [_, columns] = x.dims();
    let sums = x.sum_dim(0);
    let mean = sums.clone().mean_dim(1);
    let away = sums - mean.clone();
    let variance = (away.clone() * away).sum_dim(1) / columns as f64;
    (variance / (mean.clone() * mean + 1e-10)).reshape([1])
}
