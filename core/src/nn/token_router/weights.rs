//! From edges to combine weights: the rules of [`crate::routing::weighing`] with gradients.

use burn::prelude::*;

use crate::nn::mixture_of_experts::Groups;
use crate::routing::routers::Recipe;
use crate::routing::weighing::{SMALLEST_SUM, Weighing, best_two, weighed_slot};
use crate::routing::{Edge, Fate, Scored};

/// The weight of every unit and expert, `[units, experts + shared]`: the edges' combine weights as a function of the
/// affinities `[units, slots]`, and 1 for shared experts of units that count.
pub fn gates(affinity: Tensor<2>, edges: &[Edge], scored: &Scored<'_>, recipe: &Recipe) -> Tensor<2> {
    let masks = Masks { edges, scored, scored_experts: recipe.pipeline().experts, device: affinity.device() };
    let chosen = weigh(affinity, &masks, recipe.weighing);
    let units = scored.units();
    // A block's one weight is every expert's.
    let gates = if recipe.is_block { chosen.repeat_dim(1, recipe.experts) } else { chosen };
    if recipe.shared == 0 {
        return gates;
    }
    let ones = (0..units).flat_map(|unit| vec![f32::from(u8::from(scored.counts(unit))); recipe.shared]);
    let shape = [units, recipe.shared];
    let ones = Tensor::from_data(TensorData::new(ones.collect::<Vec<_>>(), shape), &gates.device());
    Tensor::cat(vec![gates, ones], 1)
}

/// Who is served by which expert, shared ones included: where [`gates`] may be other than 0.
pub fn served(edges: &[Edge], scored: &Scored<'_>, recipe: &Recipe) -> Groups {
    let scored_experts = recipe.pipeline().experts;
    let mut pairs = Vec::with_capacity(edges.len() + recipe.shared * scored.units());
    for edge in edges.iter().filter(|edge| edge.fate != Fate::Skipped) {
        match edge.served_by() {
            // A block serves with all of its experts.
            Some(_) if edge.slot < scored_experts && recipe.is_block => {
                pairs.extend((0..recipe.experts).map(|expert| (edge.unit, expert)));
            }
            Some(slot) if slot < scored_experts => pairs.push((edge.unit, slot)),
            _ => {}
        }
    }
    for unit in scored.valid_units() {
        pairs.extend((0..recipe.shared).map(|shared| (unit, scored_experts + shared)));
    }
    Groups::new(scored.units(), recipe.experts + recipe.shared, &pairs)
}

struct Masks<'a> {
    edges: &'a [Edge],
    scored: &'a Scored<'a>,
    /// The slots that answer; null slots come after them.
    scored_experts: usize,
    device: Device,
}

impl Masks<'_> {
    /// A matrix `[units, slots]` of what each edge that is not void says, 0 elsewhere.
    fn of(&self, value: impl Fn(&Edge) -> f32) -> Tensor<2> {
        let shape = [self.scored.units(), self.scored.slots];
        let mut cells = vec![0f32; shape[0] * shape[1]];
        let answers = |edge: &&Edge| weighed_slot(edge) < self.scored_experts && edge.fate != Fate::Skipped;
        for edge in self.edges.iter().filter(answers) {
            cells[edge.unit * shape[1] + weighed_slot(edge)] = value(edge);
        }
        Tensor::from_data(TensorData::new(cells, shape), &self.device)
    }

    /// 1 where an edge was served.
    fn served(&self) -> Tensor<2> {
        self.of(|edge| if edge.fate == Fate::Dropped { 0.0 } else { 1.0 })
    }
}

/// The weights of scored experts, `[units, experts]`.
fn weigh(affinity: Tensor<2>, masks: &Masks<'_>, rule: Weighing) -> Tensor<2> {
    let weights = match rule {
        Weighing::Affinity => affinity * masks.served(),
        Weighing::Normalised { scale } => {
            let sum = (affinity.clone() * masks.of(|_| 1.0)).sum_dim(1) + SMALLEST_SUM;
            affinity * masks.served() / sum * scale
        }
        Weighing::OverBestTwo => {
            let sum = (affinity.clone() * best_two_mask(masks)).sum_dim(1) + SMALLEST_SUM;
            affinity * masks.served() / sum
        }
        // Nothing here depends on the affinities.
        Weighing::Even => masks.of(|edge| edge.combine),
        Weighing::OverMean => over_mean(affinity, masks),
    };
    weights.narrow(1, 0, masks.scored_experts)
}

fn best_two_mask(masks: &Masks<'_>) -> Tensor<2> {
    let shape = [masks.scored.units(), masks.scored.slots];
    let mut cells = vec![0f32; shape[0] * shape[1]];
    for unit in 0..shape[0] {
        best_two(masks.scored.affinities_of(unit))
            .iter()
            .for_each(|slot| cells[unit * shape[1] + slot] = 1.0);
    }
    Tensor::from_data(TensorData::new(cells, shape), &masks.device)
}

/// Each served affinity over the mean of those that its slot serves in the sequence.
fn over_mean(affinity: Tensor<2>, masks: &Masks<'_>) -> Tensor<2> {
    let ([units, slots], served) = (affinity.dims(), masks.served());
    let length = if masks.scored.sequence == 0 { units } else { masks.scored.sequence };
    let by_sequence = |x: Tensor<2>| x.reshape([units / length, length, slots]);
    let kept = by_sequence(affinity * served.clone());
    let counts = by_sequence(served).sum_dim(1);
    let sums = kept.clone().sum_dim(1) + SMALLEST_SUM;
    (kept * counts / sums).reshape([units, slots])
}
