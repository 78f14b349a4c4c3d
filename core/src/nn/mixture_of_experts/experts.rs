//! Expert networks of one hidden layer, computed together.
//!
//! The experts' first layers lie side by side in one matrix and their second layers above each other in another, so
//! that all experts are two matrix products. Gates scale the hidden units: as the second layer is linear and the
//! results are added, that is exactly the mixture of the experts' outputs.

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::prelude::*;

use super::Groups;
use super::grouped::{Plan, forward_grouped};
use crate::nn::elastic::{constant, glorot_bound, uniform};
use crate::nn::fused::{Activation, linear};
use crate::rng::Stream;

/// The sizes of one expert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpertShape {
    /// Numbers that come in.
    pub inputs: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Numbers that come out.
    pub outputs: usize,
}

impl ExpertShape {
    /// How many numbers one expert learns.
    pub fn parameters(self) -> usize {
        (self.inputs + 1) * self.hidden + (self.hidden + 1) * self.outputs
    }
}

/// `count` networks of one shape.
#[derive(Module, Debug)]
pub struct Experts {
    /// `[inputs, count * hidden]`: the experts' first layers side by side.
    pub up: Param<Tensor<2>>,
    /// `[count * hidden]`.
    pub up_bias: Param<Tensor<1>>,
    /// `[count * hidden, outputs]`: the experts' second layers above each other.
    pub down: Param<Tensor<2>>,
    /// `[count, outputs]`.
    pub down_bias: Param<Tensor<2>>,
}

impl Experts {
    /// Experts with weights of their own, each within the bounds of a network of its size, and zero biases.
    pub fn new(count: usize, shape: ExpertShape, stream: &mut Stream, device: &Device) -> Self {
        let ExpertShape { inputs, hidden, outputs } = shape;
        Self {
            up: uniform([inputs, count * hidden], glorot_bound(inputs + hidden), stream, device),
            up_bias: constant([count * hidden], 0.0, device),
            down: uniform([count * hidden, outputs], glorot_bound(hidden + outputs), stream, device),
            down_bias: constant([count, outputs], 0.0, device),
        }
    }

    /// How many experts there are.
    pub fn count(&self) -> usize {
        self.down_bias.dims()[0]
    }

    /// The sum over experts of `gates[row, expert] * expert(row)`.
    ///
    /// # Shapes
    /// `x` is `[rows, inputs]`, `gates` is `[rows, count]`, the result `[rows, outputs]`.
    pub fn forward(&self, x: Tensor<2>, gates: Tensor<2>, activation: Activation) -> Tensor<2> {
        let ([rows, _], [units], count) = (x.dims(), self.up_bias.dims(), self.count());
        let hidden = linear(x, self.up.val(), self.up_bias.val(), units, activation);
        let gated = hidden.reshape([rows, count, units / count]) * gates.clone().reshape([rows, count, 1]);
        gated.reshape([rows, units]).matmul(self.down.val()) + gates.matmul(self.down_bias.val())
    }

    /// The same sum where gates of experts that do not serve a row are 0: all together, or each expert for its own rows,
    /// whichever is cheaper ([`Groups::pays`]). `served` sorts the rows, where that may pay.
    ///
    /// # Shapes
    /// As [`Experts::forward`].
    pub fn forward_served(
        &self,
        x: Tensor<2>,
        gates: Tensor<2>,
        served: impl FnOnce() -> Groups,
        activation: Activation,
    ) -> Tensor<2> {
        let [inputs, _] = self.up.dims();
        let [units, outputs] = self.down.dims();
        let weights = units / self.count() * (inputs + outputs);
        let groups = Groups::may_pay(self.count(), weights).then(served);
        match groups.filter(|groups| groups.pays(weights)) {
            Some(groups) => forward_grouped(self, x, gates, Plan { groups: Arc::new(groups), activation }),
            None => self.forward(x, gates, activation),
        }
    }

    /// What each expert alone would answer, `[rows, count, outputs]`: for probes, not for training.
    pub fn apart(&self, x: Tensor<2>, activation: Activation) -> Tensor<3> {
        let ([rows, _], [units], count) = (x.dims(), self.up_bias.dims(), self.count());
        let [_, outputs] = self.down.dims();
        let hidden = linear(x, self.up.val(), self.up_bias.val(), units, activation);
        let hidden = hidden.reshape([rows, count, units / count]).swap_dims(0, 1);
        let down = self.down.val().reshape([count, units / count, outputs]);
        let answers = hidden.matmul(down) + self.down_bias.val().reshape([count, 1, outputs]);
        answers.swap_dims(0, 1)
    }
}
