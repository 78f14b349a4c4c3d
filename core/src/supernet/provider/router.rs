//! The router of a Mixture-of-Supernets: a small network from an architecture's encoding to mixing logits.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, activation};

use super::weights::{parameter, zeros};
use crate::rng::Streams;

/// Several routers of one shape, stacked so that all of them run in two batched products:
/// `Linear(p, hidden) - ReLU - Linear(hidden, out)` each.
#[derive(Module, Debug)]
pub struct Router {
    hidden: Param<Tensor<3>>,
    hidden_bias: Param<Tensor<3>>,
    out: Param<Tensor<3>>,
    out_bias: Param<Tensor<3>>,
}

impl Router {
    /// `count` routers from `inputs` numbers over `hidden` units to `outputs` logits. The first layer is uniform in
    /// `±1/√inputs`, the last Xavier-uniform with zero bias (the paper's translation code).
    pub fn new(
        count: usize,
        [inputs, hidden, outputs]: [usize; 3],
        streams: &Streams,
        device: &Device,
    ) -> Self {
        let uniform = |index: u64, len: usize, bound: f64| {
            let mut stream = streams.stream_at("router", index);
            (0..len).map(|_| stream.uniform(-bound, bound) as f32).collect::<Vec<_>>()
        };
        let first = 1.0 / (inputs as f64).sqrt();
        let last = (6.0 / (hidden + outputs) as f64).sqrt();
        Self {
            hidden: parameter(uniform(0, count * inputs * hidden, first), [count, inputs, hidden], device),
            hidden_bias: parameter(uniform(1, count * hidden, first), [count, 1, hidden], device),
            out: parameter(uniform(2, count * hidden * outputs, last), [count, hidden, outputs], device),
            out_bias: zeros([count, 1, outputs], device),
        }
    }

    /// How many numbers so many such routers learn.
    pub(in crate::supernet) fn numbers(count: usize, [inputs, hidden, outputs]: [usize; 3]) -> usize {
        count * (inputs * hidden + hidden + hidden * outputs + outputs)
    }

    /// Logits `[routers, architectures, outputs]` of encodings `[architectures, inputs]`.
    pub fn logits(&self, encodings: Tensor<2>) -> Tensor<3> {
        let count = self.hidden.dims()[0];
        let [architectures, inputs] = encodings.dims();
        let encodings = encodings.unsqueeze::<3>().expand([count, architectures, inputs]);
        let hidden = activation::relu(encodings.matmul(self.hidden.val()) + self.hidden_bias.val());
        hidden.matmul(self.out.val()) + self.out_bias.val()
    }

    /// Where its parameters are.
    pub fn device(&self) -> Device {
        self.hidden.val().device()
    }

    /// The ids of its parameters.
    pub fn parameters(&self) -> Vec<ParamId> {
        vec![self.hidden.id, self.hidden_bias.id, self.out.id, self.out_bias.id]
    }
}
