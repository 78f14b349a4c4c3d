//! Soft MoE: every expert reads a few mixtures of the whole sequence, every unit reads a mixture of all answers
//! (Puigcerver et al. 2023, arXiv 2308.00951, equations 1 to 3).

use burn::prelude::*;

use super::Passage;
use crate::nn::fused::{Activation, Mask, softmax};
use crate::nn::mixture_of_experts::Experts;
use crate::nn::readback::read;
use crate::order;
use crate::routing::Edge;
use crate::{Error, Result};

/// Added to the logits of padding before a softmax over units.
const NEVER: f32 = -1e9;

/// What a pass gives.
pub(super) struct Soft {
    /// `[units, outputs]`.
    pub output: Tensor<2>,
    /// An edge from every unit that counts to every expert: how much of it goes in, what its answers weigh.
    pub edges: Vec<Edge>,
    /// How much of each unit's answer comes from each expert, `[units, experts]`; rows sum to one.
    pub affinities: Vec<f32>,
    /// Their logits: `logsumexp` over the expert's mixtures.
    pub logits: Vec<f32>,
}

/// Sends sequences through the experts.
///
/// # Shapes
/// `x` is `[units, inputs]`, `logits` `[units, experts * mixtures]`, the mixtures of an expert side by side.
///
/// # Errors
/// When the units do not fill whole sequences, a logit is no number, or the device does not answer.
pub(super) async fn forward(
    experts: &Experts,
    x: Tensor<2>,
    logits: Tensor<2>,
    passage: &Passage<'_>,
) -> Result<Soft> {
    let ([units, inputs], [_, mixtures], device) = (x.dims(), logits.dims(), x.device());
    let length = if passage.sequence == 0 { units } else { passage.sequence };
    if length == 0 || !units.is_multiple_of(length) {
        let problem = format!("{units} units do not fill sequences of {length}");
        return Err(Error::InvalidDecision { problem });
    }
    let sequences = units / length;
    let counts = |unit: usize| passage.valid.get(unit).copied().unwrap_or(true);
    let mask: Vec<f32> = (0..units).map(|unit| if counts(unit) { 0.0 } else { NEVER }).collect();
    let mask = Tensor::<3>::from_data(TensorData::new(mask, [sequences, 1, length]), &device);
    let present = Tensor::<2>::from_data(
        TensorData::new((0..units).map(|unit| f32::from(u8::from(counts(unit)))).collect(), [units, 1]),
        &device,
    );
    // Padding may hold anything, also what is no number: it is taken out before it meets anything else.
    let (x, logits) = if passage.valid.is_empty() {
        (x, logits)
    } else {
        let empty = present.clone().equal_elem(0.0);
        (
            x.mask_fill(empty.clone().repeat_dim(1, inputs), 0.0),
            logits.mask_fill(empty.repeat_dim(1, mixtures), 0.0),
        )
    };
    let by_sequence = logits.clone().reshape([sequences, length, mixtures]);
    let dispatch = softmax(by_sequence.swap_dims(1, 2) + mask, 1.0, Mask::Open);
    let combine = softmax(logits.clone(), 1.0, Mask::Open);
    let read_in = dispatch.clone().matmul(x.reshape([sequences, length, inputs]));
    let answers = own_answers(experts, read_in, passage.activation);
    let outputs = answers.dims()[2];
    let mixed = combine.clone().reshape([sequences, length, mixtures]).matmul(answers);
    let output = mixed.reshape([units, outputs]) * present;
    let record = Numbers {
        logits: read(logits).await?,
        combine: read(combine).await?,
        dispatch: read(dispatch.swap_dims(1, 2).reshape([units, mixtures])).await?,
        experts: experts.count(),
        mixtures,
    };
    let (edges, affinities, logits) = record.edges(units, counts)?;
    Ok(Soft { output, edges, affinities, logits })
}

/// Every expert's answers to its own mixtures, `[sequences, experts * mixtures, outputs]`.
fn own_answers(experts: &Experts, read_in: Tensor<3>, activation: Activation) -> Tensor<3> {
    let ([sequences, all, inputs], count) = (read_in.dims(), experts.count());
    let ([units], [_, outputs]) = (experts.up_bias.dims(), experts.down.dims());
    let (each, hidden) = (all / count, units / count);
    let own = read_in.reshape([sequences, count, each, inputs]).swap_dims(0, 1);
    let own = own.reshape([count, sequences * each, inputs]);
    let up = experts.up.val().reshape([inputs, count, hidden]).swap_dims(0, 1);
    let inner = own.matmul(up) + experts.up_bias.val().reshape([count, 1, hidden]);
    let down = experts.down.val().reshape([count, hidden, outputs]);
    let answers =
        activate(inner, activation).matmul(down) + experts.down_bias.val().reshape([count, 1, outputs]);
    let answers = answers.reshape([count, sequences, each, outputs]).swap_dims(0, 1);
    answers.reshape([sequences, all, outputs])
}

fn activate(x: Tensor<3>, activation: Activation) -> Tensor<3> {
    match activation {
        Activation::Identity => x,
        Activation::Relu => burn::tensor::activation::relu(x),
        Activation::Tanh => x.tanh(),
    }
}

/// A pass on the host, `[units, experts * mixtures]` each.
struct Numbers {
    logits: Vec<f32>,
    combine: Vec<f32>,
    dispatch: Vec<f32>,
    experts: usize,
    mixtures: usize,
}

impl Numbers {
    /// Edges, affinities and logits by expert.
    fn edges(&self, units: usize, counts: impl Fn(usize) -> bool) -> Result<(Vec<Edge>, Vec<f32>, Vec<f32>)> {
        let each = self.mixtures / self.experts;
        let (mut edges, mut affinities, mut logits) = (Vec::new(), Vec::new(), Vec::new());
        for unit in 0..units {
            let of = |numbers: &'_ [f32], expert: usize| -> Vec<f32> {
                let start = unit * self.mixtures + expert * each;
                numbers[start..start + each].to_vec()
            };
            let mut row = Vec::with_capacity(self.experts);
            for expert in 0..self.experts {
                let own = of(&self.logits, expert);
                let top = own.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                if !top.is_finite() {
                    let problem = format!(
                        "unit {unit}, slot {expert} scores {top}; the router has diverged, so try a lower learning rate"
                    );
                    return Err(Error::InvalidDecision { problem });
                }
                logits.push(top + libm::logf(own.iter().map(|logit| libm::expf(logit - top)).sum()));
                let weight: f32 = of(&self.combine, expert).iter().sum();
                affinities.push(weight);
                let dispatch = of(&self.dispatch, expert).iter().sum();
                row.push(Edge { dispatch, combine: weight, score: weight, ..Edge::kept(unit, expert) });
            }
            order::sort(&mut row, |a, b| b.score.total_cmp(&a.score).then(a.slot.cmp(&b.slot)));
            row.iter_mut().enumerate().for_each(|(rank, edge)| edge.rank = rank);
            if counts(unit) {
                edges.extend(row);
            }
        }
        Ok((edges, affinities, logits))
    }
}
