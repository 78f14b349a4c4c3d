//! Mixed precision: matrix products of numbers of half the size, and everything else in single precision.
//!
//! Weights, their gradients' sums, the optimiser, norms, softmax and losses stay in single precision; the two sides of a
//! product are rounded on their way in, and on the way back so are the gradients that pass through it. bfloat16 reaches as far
//! as single precision with 8 bits of its fraction, so small gradients do not vanish. The other half precision (f16) reaches
//! less far and would need the loss to be scaled up and back; it is not here.

use burn::prelude::*;
use burn::tensor::activation::relu;
use burn::tensor::{DType, FloatDType};
use serde::Deserialize;

use super::fused::{self, Activation};

/// In which numbers matrix products are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Precision {
    /// Single precision, by the fused operations.
    #[default]
    #[serde(rename = "f32")]
    Single,
    /// bfloat16.
    #[serde(rename = "bf16")]
    Mixed,
}

impl Precision {
    /// Whether a device computes in such numbers.
    pub fn suits(self, device: &Device) -> bool {
        match self {
            Self::Single => true,
            Self::Mixed => device.supports_dtype(DType::BF16),
        }
    }

    /// The matrix product of the last two dimensions, in the type of `left`.
    pub fn product<const D: usize>(self, left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Single => left.matmul(right),
            Self::Mixed => {
                let kept = left.dtype();
                left.cast(FloatDType::BF16).matmul(right.cast(FloatDType::BF16)).cast(kept)
            }
        }
    }

    /// The logits `[rows, words]` of rows `[rows, width]` by the leading `width` columns of an embedding `[words, columns]`.
    ///
    /// # Panics
    /// If the rows are wider than the embedding.
    pub fn tied_logits(self, rows: Tensor<2>, table: Tensor<2>) -> Tensor<2> {
        if self == Self::Single {
            return fused::tied_logits(rows, table);
        }
        let [_, width] = rows.dims();
        self.product(rows, table.narrow(1, 0, width).transpose())
    }

    /// `activation(x W + b)` for rows `x` `[rows, inputs]`, with the leading `[inputs, outputs]` of the weight and the leading
    /// `outputs` of the bias.
    ///
    /// # Panics
    /// If the weight or the bias is smaller than that.
    pub fn linear(
        self,
        x: Tensor<2>,
        (weight, bias): (Tensor<2>, Tensor<1>),
        outputs: usize,
        activation: Activation,
    ) -> Tensor<2> {
        if self == Self::Single {
            return fused::linear(x, weight, bias, outputs, activation);
        }
        let [_, inputs] = x.dims();
        let z =
            self.product(x, weight.slice([0..inputs, 0..outputs])) + bias.narrow(0, 0, outputs).unsqueeze();
        match activation {
            Activation::Identity => z,
            Activation::Relu => relu(z),
            Activation::Tanh => z.tanh(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{plain, values};

    /// To the nearest number with 8 bits of fraction, of two equally near ones to the even one.
    fn rounded(number: f32) -> f32 {
        let bits = number.to_bits();
        f32::from_bits((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff_0000)
    }

    #[test]
    fn a_mixed_product_is_that_of_the_rounded_sides_rounded() {
        let (left, right) = (plain("left", [3, 5]), plain("right", [5, 4]));
        let found = Precision::Mixed.product(left.clone(), right.clone());
        assert_eq!(found.dtype(), DType::F32);
        let (a, b) = (values(&left), values(&right));
        for (place, found) in values(&found).into_iter().enumerate() {
            let (row, column) = (place / 4, place % 4);
            let terms =
                (0..5).map(|k| f64::from(rounded(a[row * 5 + k])) * f64::from(rounded(b[k * 4 + column])));
            let exact = terms.sum::<f64>() as f32;
            assert!((found - exact).abs() <= exact.abs() / 256.0, "{found}, not {exact}");
            assert_eq!(found, rounded(found), "the result has 8 bits of fraction");
        }
        let single = Precision::Single.product(left.clone(), right.clone());
        assert_eq!(values(&single), values(&left.matmul(right)));
    }

    #[test]
    fn mixed_layers_and_their_gradients_are_near_those_of_single_precision() {
        let device = Device::flex().autodiff();
        for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
            let [single, mixed] = [Precision::Single, Precision::Mixed].map(|precision| {
                let leaf = |name, shape: [usize; 2]| {
                    Tensor::<2>::from_data(plain(name, shape).into_data(), &device).require_grad()
                };
                let (x, weight, bias) = (leaf("x", [9, 6]), leaf("weight", [8, 7]), leaf("bias", [1, 7]));
                let map = (weight.clone(), bias.clone().reshape([7]));
                // A part of the map, as smaller sub-networks read it.
                let y = precision.linear(x.clone(), map, 5, activation);
                let gradients = (y.clone() * plain("out", [9, 5])).sum().backward();
                let message = "the tensor is a tracked leaf";
                let found =
                    [y.inner(), x.grad(&gradients).expect(message), weight.grad(&gradients).expect(message)];
                [found.to_vec(), vec![bias.grad(&gradients).expect(message)]].concat()
            });
            for (part, (single, mixed)) in single.iter().zip(&mixed).enumerate() {
                assert_eq!(mixed.dtype(), DType::F32, "gradients are followed in single precision");
                let size = |x: &Tensor<2>| x.clone().square().sum().sqrt().into_scalar::<f32>();
                let far = size(&(single.clone() - mixed.clone())) / size(single);
                assert!(far < 0.02, "{activation:?}, part {part}: {far} of its size away");
                assert!(far > 0.0 || part == 3, "{activation:?}, part {part}: nothing was rounded");
            }
        }
    }
}
