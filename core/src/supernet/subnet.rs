//! The network of one architecture: its weights and a forward pass.

use burn::tensor::Tensor;

use super::{Activation, Architecture};
use crate::nn::fused;

/// The two linear layers of a residual block. Each tensor is at least as large as the architecture asks; its leading
/// part counts.
#[derive(Debug, Clone)]
pub struct BlockWeights {
    /// First layer, `[width, inner width]`.
    pub up: Tensor<2>,
    /// Its bias, `[inner width]`.
    pub up_bias: Tensor<1>,
    /// Second layer, `[inner width, width]`.
    pub down: Tensor<2>,
    /// Its bias, `[width]`.
    pub down_bias: Tensor<1>,
}

/// A residual multi-layer perceptron: `h = x W_in + b_in`, then `h = h + act(h U_l + b_l) D_l + c_l` for each block,
/// then `h W_out + b_out`. Tensors may be larger than the architecture asks; their leading part counts.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// Width, activation and inner widths.
    pub architecture: Architecture,
    /// Input layer, `[inputs, width]`.
    pub input: Tensor<2>,
    /// Its bias, `[width]`.
    pub input_bias: Tensor<1>,
    /// The residual blocks.
    pub blocks: Vec<BlockWeights>,
    /// Output layer, `[width, outputs]`.
    pub head: Tensor<2>,
    /// Its bias, `[outputs]`.
    pub head_bias: Tensor<1>,
}

impl Subnet {
    /// Logits `[rows, outputs]` of inputs `[rows, inputs]`.
    pub fn forward(&self, inputs: Tensor<2>) -> Tensor<2> {
        use fused::Activation::{Identity, Relu};
        let (width, outputs) = (self.architecture.width, self.head.dims()[1]);
        let mut stream = fused::linear(inputs, self.input.clone(), self.input_bias.clone(), width, Identity);
        for (block, inner) in self.blocks.iter().zip(&self.architecture.ffn) {
            let (up, up_bias) = (block.up.clone(), block.up_bias.clone());
            let inside = match self.architecture.activation {
                Activation::Relu => fused::linear(stream.clone(), up, up_bias, *inner, Relu),
                Activation::SquaredRelu => {
                    let positive = fused::linear(stream.clone(), up, up_bias, *inner, Relu);
                    positive.clone() * positive
                }
                Activation::Tanh => fused::linear(stream.clone(), up, up_bias, *inner, Identity).tanh(),
            };
            stream =
                stream + fused::linear(inside, block.down.clone(), block.down_bias.clone(), width, Identity);
        }
        fused::linear(stream, self.head.clone(), self.head_bias.clone(), outputs, Identity)
    }

    /// How many numbers the architecture's own part holds.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape, _)| shape.iter().product::<usize>()).sum()
    }

    /// The architecture's own part of every tensor: exported name, shape, numbers.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>, Tensor<1>)> {
        let (width, [inputs, _]) = (self.architecture.width, self.input.dims());
        let outputs = self.head.dims()[1];
        let weight = |name: String, tensor: &Tensor<2>, [rows, columns]: [usize; 2]| {
            let cut = tensor.clone().slice([0..rows, 0..columns]).reshape([rows * columns]);
            (name + ".weight", vec![rows, columns], cut)
        };
        let bias = |name: String, tensor: &Tensor<1>, count: usize| {
            (name + ".bias", vec![count], tensor.clone().narrow(0, 0, count))
        };
        let mut all = vec![
            weight("input".into(), &self.input, [inputs, width]),
            bias("input".into(), &self.input_bias, width),
        ];
        for (index, (block, inner)) in self.blocks.iter().zip(&self.architecture.ffn).enumerate() {
            all.push(weight(format!("blocks.{index}.up"), &block.up, [width, *inner]));
            all.push(bias(format!("blocks.{index}.up"), &block.up_bias, *inner));
            all.push(weight(format!("blocks.{index}.down"), &block.down, [*inner, width]));
            all.push(bias(format!("blocks.{index}.down"), &block.down_bias, width));
        }
        all.push(weight("head".into(), &self.head, [width, outputs]));
        all.push(bias("head".into(), &self.head_bias, outputs));
        all
    }
}
