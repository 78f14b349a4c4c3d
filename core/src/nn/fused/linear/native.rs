//! The layer on slices: products begin with the bias, and end in the corner of the weight that they belong to.

use burn::backend::flex::FlexTensor;
use burn::tensor::Shape;
use faer::Accum;

use super::Activation;
use crate::nn::fused::product::{by_rows, matrix, multiply, product, product_into, readable};
use crate::nn::fused::{flat, rows};

/// `activation(x W + bias)`, everything in single precision.
pub(super) fn map(
    x: FlexTensor,
    weight: FlexTensor,
    bias: FlexTensor,
    outputs: usize,
    activation: Activation,
) -> FlexTensor {
    let (x, weight, bias) = (readable(x), readable(weight), flat::ordered(bias));
    let (x, bias) = (matrix(&x), &flat::numbers(&bias)[..outputs]);
    let used = matrix(&weight).part([0, 0], [x.columns(), outputs]);
    let mut y = Vec::with_capacity(x.rows() * outputs);
    for _ in 0..x.rows() {
        y.extend_from_slice(bias);
    }
    by_rows(&mut y, outputs, x.rows() * x.columns() * outputs, |first, y| {
        let count = y.len() / outputs.max(1);
        multiply(y, outputs, Accum::Add, x.part([first, 0], [count, x.columns()]), used);
        match activation {
            Activation::Identity => {}
            Activation::Relu => rows::wide(|| rows::rectify(y)),
            Activation::Tanh => rows::wide(|| rows::squash(y)),
        }
    });
    flat::tensor(y, [x.rows(), outputs].into())
}

/// The weight's gradient.
pub(super) fn weight_gradient(x: FlexTensor, grad: FlexTensor, whole: Shape) -> FlexTensor {
    let (x, grad) = (readable(x), readable(grad));
    let mut gradient = vec![0.0; whole.num_elements()];
    product_into(&mut gradient, whole[1], matrix(&x).turn(), matrix(&grad));
    flat::tensor(gradient, whole)
}

/// The inputs' gradient.
pub(super) fn input_gradient(grad: FlexTensor, weight: FlexTensor, inputs: usize) -> FlexTensor {
    let (grad, weight) = (readable(grad), readable(weight));
    let grad = matrix(&grad);
    let used = matrix(&weight).part([0, 0], [inputs, grad.columns()]);
    flat::tensor(product(grad, used.turn()), [grad.rows(), inputs].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::plain;
    use crate::nn::fused::linear;

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("a few threads can be started").install(|| {
                let bias = plain::<1>("bias", [90]);
                linear(plain("x", [300, 70]), plain("weight", [70, 96]), bias, 85, Activation::Relu)
                    .into_data()
            })
        };
        let one = on(1);
        for threads in [2, 3] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }
}
