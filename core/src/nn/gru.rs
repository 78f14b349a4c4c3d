//! A gated recurrent unit (Cho et al. 2014, arXiv 1406.1078, equations 5 to 8), one step for many rows at once.
//!
//! The convention is PyTorch's `nn.GRUCell`: gates in the order reset, update, new, and the reset gate applied after the
//! hidden matrix product, so that all gates are two products:
//!
//! ```text
//! r  = sigmoid(x W_ir + b_ir + h W_hr + b_hr)
//! z  = sigmoid(x W_iz + b_iz + h W_hz + b_hz)
//! n  = tanh(x W_in + b_in + r * (h W_hn + b_hn))
//! h' = (1 - z) * n + z * h
//! ```
//!
//! The update gate keeps the old state here; in the paper it is named the other way round. The recurrence may run over
//! time or over layers: a cell knows neither, and holds no state.

use burn::module::Module;
use burn::prelude::*;

use super::elastic::{ElasticLinear, uniform};
use super::fused::{Activation, gru_gates};
use crate::rng::Stream;

/// The weights of a gated recurrent unit.
#[derive(Module, Debug)]
pub struct GruCell {
    /// From the input to the three gates: `[inputs, 3 * hidden]`.
    pub input: ElasticLinear,
    /// From the state to the three gates: `[hidden, 3 * hidden]`.
    pub hidden: ElasticLinear,
}

impl GruCell {
    /// A cell whose weights and biases are uniform in `±1 / sqrt(hidden)`, as PyTorch draws them.
    pub fn new(inputs: usize, hidden: usize, stream: &mut Stream, device: &Device) -> Self {
        let bound = 1.0 / (hidden.max(1) as f64).sqrt();
        let mut layer = |inputs| ElasticLinear {
            weight: uniform([inputs, 3 * hidden], bound, stream, device),
            bias: uniform([3 * hidden], bound, stream, device),
        };
        Self { input: layer(inputs), hidden: layer(hidden) }
    }

    /// The width of the state.
    pub fn width(&self) -> usize {
        self.hidden.weight.dims()[0]
    }

    /// How many numbers a cell learns.
    pub fn parameters(inputs: usize, hidden: usize) -> usize {
        3 * hidden * (inputs + hidden + 2)
    }

    /// The state before the first step, `[rows, hidden]`: zeros.
    pub fn start(&self, rows: usize, device: &Device) -> Tensor<2> {
        Tensor::zeros([rows, self.width()], device)
    }

    /// The next state `[rows, hidden]` of rows `x` of `[rows, inputs]` and states `[rows, hidden]`.
    ///
    /// # Panics
    /// If the widths are not the cell's.
    pub fn forward(&self, x: Tensor<2>, state: Tensor<2>) -> Tensor<2> {
        let columns = 3 * self.width();
        let input = self.input.forward(x, columns, Activation::Identity);
        let hidden = self.hidden.forward(state.clone(), columns, Activation::Identity);
        gru_gates(input, hidden, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, assert_near, leaf, plain, values};
    use crate::nn::parameters::named_tensors;
    use crate::rng::Streams;
    use burn::tensor::{DType, activation};

    fn cell(inputs: usize, hidden: usize) -> GruCell {
        GruCell::new(inputs, hidden, &mut Streams::new(4).stream("init"), &Device::flex())
    }

    fn doubles<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
        values(tensor).into_iter().map(f64::from).collect()
    }

    /// The slow twin: the four equations for one row, in double precision.
    fn reference(cell: &GruCell, x: &[f64], state: &[f64]) -> Vec<f64> {
        let width = state.len();
        let map = |layer: &ElasticLinear, from: &[f64], gate: usize, unit: usize| {
            let (weight, bias) = (doubles(&layer.weight.val()), doubles(&layer.bias.val()));
            let column = gate * width + unit;
            let products = from.iter().enumerate().map(|(row, x)| x * weight[row * 3 * width + column]);
            products.sum::<f64>() + bias[column]
        };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let unit = |unit: usize| {
            let both = |gate| map(&cell.input, x, gate, unit) + map(&cell.hidden, state, gate, unit);
            let (reset, update) = (sigmoid(both(0)), sigmoid(both(1)));
            let new = map(&cell.input, x, 2, unit) + reset * map(&cell.hidden, state, 2, unit);
            (1.0 - update) * new.tanh() + update * state[unit]
        };
        (0..width).map(unit).collect()
    }

    #[test]
    fn a_step_agrees_with_loops_in_double_precision() {
        for (rows, inputs, hidden) in [(1, 1, 1), (5, 3, 4), (7, 16, 33)] {
            let cell = cell(inputs, hidden);
            let (x, state) = (plain("x", [rows, inputs]), plain("h", [rows, hidden]) * 3.0);
            let next = doubles(&cell.forward(x.clone(), state.clone()));
            let (x, state) = (doubles(&x), doubles(&state));
            for row in 0..rows {
                let expected = reference(
                    &cell,
                    &x[row * inputs..(row + 1) * inputs],
                    &state[row * hidden..(row + 1) * hidden],
                );
                for (unit, expected) in expected.into_iter().enumerate() {
                    let found = next[row * hidden + unit];
                    assert!(
                        (found - expected).abs() < 1e-5,
                        "row {row}, unit {unit}: {found}, not {expected}"
                    );
                }
            }
        }
    }

    /// The gates in plain differentiable tensor code.
    fn plain_gates(input: Tensor<2>, hidden: Tensor<2>, state: Tensor<2>) -> Tensor<2> {
        let [rows, width] = state.dims();
        let part = |t: &Tensor<2>, gate: usize| t.clone().slice([0..rows, gate * width..(gate + 1) * width]);
        let reset = activation::sigmoid(part(&input, 0) + part(&hidden, 0));
        let update = activation::sigmoid(part(&input, 1) + part(&hidden, 1));
        let new = (part(&input, 2) + reset * part(&hidden, 2)).tanh();
        (update.clone().neg() + 1.0) * new + update * state
    }

    #[test]
    fn the_gates_and_their_gradients_agree_with_plain_tensor_code_and_finite_differences() {
        const LEAF: &str = "the tensor is a tracked leaf and the loss depends on it";
        for [rows, width] in [[1, 1], [4, 5], [3, 17]] {
            let inputs =
                || (leaf("i", [rows, 3 * width]), leaf("h", [rows, 3 * width]), leaf("s", [rows, width]));
            let ((i1, h1, s1), (i2, h2, s2)) = (inputs(), inputs());
            let weight = plain("w", [rows, width]);
            let fast = gru_gates(i1.clone(), h1.clone(), s1.clone());
            let slow = plain_gates(i2.clone(), h2.clone(), s2.clone());
            assert_near(&fast, &slow, 1e-6);
            let (g1, g2) = ((fast * weight.clone()).sum().backward(), (slow * weight).sum().backward());
            for (a, b) in [(i1, i2), (h1, h2), (s1, s2)] {
                assert_near(&a.grad(&g1).expect(LEAF), &b.grad(&g2).expect(LEAF), 1e-5);
            }
        }
        let (input, hidden, state) = (plain("i", [3, 12]), plain("h", [3, 12]), plain("s", [3, 4]));
        let weight = plain("w", [3, 4]);
        let loss = |i: &Tensor<2>, h: &Tensor<2>, s: &Tensor<2>| {
            (gru_gates(i.clone(), h.clone(), s.clone()) * weight.clone()).sum()
        };
        assert_gradient(input.clone(), |x| loss(&x, &hidden, &state));
        assert_gradient(hidden.clone(), |x| loss(&input, &x, &state));
        assert_gradient(state, |x| loss(&input, &hidden, &x));
    }

    #[test]
    fn the_gradient_reaches_every_weight_through_several_steps() {
        let cell = GruCell::new(3, 4, &mut Streams::new(4).stream("init"), &Device::flex().autodiff());
        let mut state = cell.start(5, &Device::flex());
        for step in 0..3 {
            state = cell.forward(plain(&format!("x{step}"), [5, 3]), state);
        }
        let gradients = state.sum().backward();
        for layer in [&cell.input, &cell.hidden] {
            let weight = layer.weight.val().grad(&gradients).expect("the weight takes part");
            let bias = layer.bias.val().grad(&gradients).expect("the bias takes part");
            assert!(values(&weight).iter().chain(&values(&bias)).all(|g| g.is_finite() && *g != 0.0));
        }
    }

    #[test]
    fn double_precision_takes_the_portable_path() {
        let double = |name: &str, columns| plain(name, [3, columns]).cast(DType::F64);
        let portable = gru_gates(double("i", 12), double("h", 12), double("s", 4)).cast(DType::F32);
        assert_near(
            &portable,
            &gru_gates(plain("i", [3, 12]), plain("h", [3, 12]), plain("s", [3, 4])),
            1e-6,
        );
        let leaf =
            Tensor::<2>::from_data(double("s", 4).into_data(), (&Device::flex().autodiff(), DType::F64));
        let leaf = leaf.require_grad();
        let gradients = gru_gates(double("i", 12), double("h", 12), leaf.clone()).sum().backward();
        let single = crate::nn::fused::checks::leaf("s", [3, 4]);
        let twin = gru_gates(plain("i", [3, 12]), plain("h", [3, 12]), single.clone()).sum().backward();
        let found = leaf.grad(&gradients).expect("a leaf").cast(DType::F32);
        assert_near(&found, &single.grad(&twin).expect("a leaf"), 1e-6);
    }

    #[test]
    fn extreme_gates_keep_or_replace_the_state_and_a_nan_stays() {
        let state = plain("s", [1, 2]);
        let input = |update: f32, new: f32| {
            let numbers = vec![0.0, 0.0, update, update, new, new];
            Tensor::<2>::from_data(TensorData::new(numbers, [1, 6]), &Device::flex())
        };
        let quiet = Tensor::zeros([1, 6], &Device::flex());
        assert_near(&gru_gates(input(100.0, 5.0), quiet.clone(), state.clone()), &state, 0.0);
        let replaced = gru_gates(input(-100.0, 100.0), quiet.clone(), state.clone());
        assert_eq!(values(&replaced), [1.0, 1.0]);
        assert!(values(&gru_gates(input(0.0, f32::NAN), quiet, state)).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn a_seed_repeats_the_weights_and_they_stay_within_their_bound() {
        let numbers = |cell: &GruCell| -> Vec<f32> {
            named_tensors(cell).iter().flat_map(|(_, _, tensor)| values(tensor)).collect()
        };
        let first = numbers(&cell(3, 9));
        assert_eq!(first, numbers(&cell(3, 9)));
        assert_eq!(first.len(), GruCell::parameters(3, 9));
        assert!(first.iter().all(|x| x.abs() <= 1.0 / 3.0) && first.iter().any(|x| x.abs() > 0.3));
    }
}
