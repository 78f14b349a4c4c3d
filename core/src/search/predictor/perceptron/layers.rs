//! The perceptron's numbers, one row forward, and the gradient of its squared error. Sums are in a fixed order, written so
//! that the compiler may do several at a time.

use crate::rng::Stream;

/// Linear maps: three hidden layers and the last one.
const MAPS: usize = 4;

/// Four linear maps with rectified units between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layers {
    /// Inputs, units of the three hidden layers, one output.
    sizes: [usize; MAPS + 1],
    /// Map after map: weights `[inputs][outputs]`, then biases `[outputs]`.
    numbers: Vec<f32>,
}

/// What a row leaves behind in every layer, kept so that it is allocated once.
pub(super) struct Scratch {
    /// The row, the hidden units, the answer.
    values: Vec<Vec<f32>>,
    /// The gradient of the error with respect to each of them, before rectification.
    deltas: Vec<Vec<f32>>,
}

impl Scratch {
    pub fn new(layers: &Layers) -> Self {
        let zeros = || layers.sizes.iter().map(|size| vec![0.0; *size]).collect::<Vec<_>>();
        Self { values: zeros(), deltas: zeros() }
    }
}

impl Layers {
    /// Weights uniform within `sqrt(6 / inputs)` (He et al. 2015) for rectified units, biases 0, and a last map of zeros.
    pub fn new(inputs: usize, width: usize, stream: &mut Stream) -> Self {
        let sizes = [inputs, width, width, width, 1];
        let mut numbers = Vec::new();
        for map in 0..MAPS {
            let (inputs, outputs) = (sizes[map], sizes[map + 1]);
            let bound = if map + 1 < MAPS { (6.0 / inputs as f64).sqrt() } else { 0.0 };
            numbers.extend((0..inputs * outputs).map(|_| stream.uniform(-bound, bound) as f32));
            numbers.extend(std::iter::repeat_n(0.0, outputs));
        }
        Self { sizes, numbers }
    }

    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    pub fn numbers_mut(&mut self) -> &mut [f32] {
        &mut self.numbers
    }

    /// Where a map's weights begin, its inputs and its outputs.
    fn map(&self, map: usize) -> (usize, usize, usize) {
        let before = |map: usize| (self.sizes[map] + 1) * self.sizes[map + 1];
        ((0..map).map(before).sum(), self.sizes[map], self.sizes[map + 1])
    }

    /// The answer for one row of as many numbers as there are inputs.
    pub fn forward(&self, row: &[f32], scratch: &mut Scratch) -> f32 {
        scratch.values[0].copy_from_slice(row);
        for map in 0..MAPS {
            let (start, inputs, outputs) = self.map(map);
            let (weights, bias) = self.numbers[start..][..(inputs + 1) * outputs].split_at(inputs * outputs);
            let (before, after) = scratch.values.split_at_mut(map + 1);
            let (input, output) = (&before[map], &mut after[0]);
            output.copy_from_slice(bias);
            for (value, weights) in input.iter().zip(weights.chunks_exact(outputs)) {
                // Half of the units are off.
                if *value != 0.0 {
                    add_scaled(output, *value, weights);
                }
            }
            if map + 1 < MAPS {
                output.iter_mut().for_each(|value| *value = value.max(0.0));
            }
        }
        scratch.values[MAPS][0]
    }

    /// Adds the gradient of half the squared error of one row, number by number.
    pub fn add_gradient(&self, row: &[f32], target: f32, scratch: &mut Scratch, gradient: &mut [f32]) {
        let answer = self.forward(row, scratch);
        scratch.deltas[MAPS][0] = answer - target;
        for map in (0..MAPS).rev() {
            let (start, inputs, outputs) = self.map(map);
            let weights = &self.numbers[start..][..inputs * outputs];
            let (of_weights, of_bias) =
                gradient[start..][..(inputs + 1) * outputs].split_at_mut(inputs * outputs);
            let (before, after) = scratch.deltas.split_at_mut(map + 1);
            let (below, delta) = (&mut before[map], &after[0]);
            for (place, value) in scratch.values[map].iter().enumerate() {
                let own = place * outputs..(place + 1) * outputs;
                if *value != 0.0 {
                    add_scaled(&mut of_weights[own.clone()], *value, delta);
                }
                if map > 0 {
                    below[place] = if *value > 0.0 { dot(&weights[own], delta) } else { 0.0 };
                }
            }
            add_scaled(of_bias, 1.0, delta);
        }
    }
}

/// `to += factor * from`, number by number.
fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

/// The sum of products, in eight partial sums.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    /// The answer in double precision, written as the formula is.
    fn slow(layers: &Layers, row: &[f64]) -> f64 {
        let mut values = row.to_vec();
        let mut numbers = layers.numbers.iter().map(|number| f64::from(*number));
        for map in 0..MAPS {
            let (inputs, outputs) = (layers.sizes[map], layers.sizes[map + 1]);
            let weights: Vec<f64> = numbers.by_ref().take(inputs * outputs).collect();
            let bias: Vec<f64> = numbers.by_ref().take(outputs).collect();
            let unit = |output: usize| {
                let sum: f64 =
                    (0..inputs).map(|input| values[input] * weights[input * outputs + output]).sum();
                if map + 1 < MAPS { (sum + bias[output]).max(0.0) } else { sum + bias[output] }
            };
            values = (0..outputs).map(unit).collect();
        }
        values[0]
    }

    fn network() -> (Layers, Vec<f32>) {
        let mut stream = Streams::new(4).stream("test");
        let mut layers = Layers::new(5, 11, &mut stream);
        layers.numbers_mut().iter_mut().for_each(|number| *number += 0.3 * stream.normal() as f32);
        let row = stream.normals(5, 1.0);
        (layers, row)
    }

    #[test]
    fn the_answer_is_that_of_the_formula() {
        let (layers, row) = network();
        let expected = slow(&layers, &row.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());
        let found = f64::from(layers.forward(&row, &mut Scratch::new(&layers)));
        assert!(expected.abs() > 0.01 && (found - expected).abs() < 1e-4, "{found} and {expected}");
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let (layers, row) = network();
        let target = 0.7;
        let mut gradient = vec![0.0; layers.numbers.len()];
        layers.add_gradient(&row, target, &mut Scratch::new(&layers), &mut gradient);
        let wide: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
        let error = |layers: &Layers| 0.5 * (slow(layers, &wide) - f64::from(target)).powi(2);
        let mut moved = layers.clone();
        for (place, found) in gradient.into_iter().enumerate() {
            let number = layers.numbers[place];
            let mut at = |change: f32| {
                moved.numbers[place] = number + change;
                (error(&moved), f64::from(moved.numbers[place]))
            };
            let ((high, above), (low, below)) = (at(1e-3), at(-1e-3));
            moved.numbers[place] = number;
            let expected = (high - low) / (above - below);
            let found = f64::from(found);
            assert!(
                (found - expected).abs() < 2e-3 * (1.0 + expected.abs()),
                "{place}: {found} and {expected}"
            );
        }
    }

    #[test]
    fn a_new_network_says_0() {
        let layers = Layers::new(3, 8, &mut Streams::new(1).stream("test"));
        assert_eq!(layers.forward(&[1.0, -2.0, 3.0], &mut Scratch::new(&layers)), 0.0);
    }
}
