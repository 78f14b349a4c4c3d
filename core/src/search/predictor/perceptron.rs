//! HAT's latency predictor: a perceptron with three hidden layers of rectified units, on standardised columns and targets.
//!
//! HAT's has 400 units a layer and 5,000 steps of Adam at 1e-5. This one has 64 units, Adam's rate falls from 2e-3 along a
//! cosine, and weights decay by 1e-4: on 2,000 rows of ten features it is fitted in seconds on one core, and a search can ask
//! it in microseconds. A tenth of the rows is held out as HAT does, and the weights with the smallest error there are kept;
//! as the last layer starts at 0, what noise leaves over is the mean.

mod layers;

use self::layers::{Layers, Scratch};
use super::standard::{Scale, Scales};
use super::{Dataset, MethodInfo, Predictor, PredictorConfig};
use crate::Result;
use crate::rng::Streams;
use crate::search::at_least;

/// Units of each hidden layer unless said otherwise.
const WIDTH: usize = 64;
/// Optimiser steps unless said otherwise.
const STEPS: usize = 3_000;
/// Rows of a step.
const BATCH: usize = 64;
/// One row in so many is held out.
const HELD_OUT: usize = 10;
/// Steps between two looks at the held-out rows.
const INTERVAL: usize = 50;
/// Adam's rate at the first step.
const RATE: f64 = 2e-3;
/// Decay of the weights at each step, times the rate.
const DECAY: f32 = 1e-4;

/// The row of the registry.
pub(super) const PREDICTOR: MethodInfo = MethodInfo {
    name: "perceptron",
    title: "Perceptron",
    paper: "HAT, Wang et al., ACL 2020, arXiv 2005.14187",
    rule: "A network with three hidden layers, on standardised columns and targets.",
    settings: &["width", "steps"],
    pitfall: "It needs hundreds of rows before it beats a linear map.",
};

/// The fitted network.
#[derive(Debug, Clone, PartialEq)]
pub struct Perceptron {
    scales: Scales,
    target: Scale,
    layers: Layers,
}

pub(super) fn fit(
    config: &PredictorConfig,
    dataset: &Dataset,
    streams: &Streams,
) -> Result<Box<dyn Predictor>> {
    let (width, steps) = (config.width.unwrap_or(WIDTH), config.steps.unwrap_or(STEPS));
    at_least("width", width, 1)?;
    at_least("steps", steps, 1)?;
    let columns = dataset.columns().len();
    let scales = Scales::of(dataset.rows(), columns);
    let target = Scale::of(dataset.targets().iter().copied());
    let mut layers = Layers::new(columns, width, &mut streams.stream("predictor-perceptron-init"));
    // Where all rows are alike, the untrained network says the mean.
    if let Some((fitted, held)) =
        dataset.split(HELD_OUT, &mut streams.stream("predictor-perceptron-held-out"))?
    {
        let standardised = |part: &Dataset| Standardised::of(part, &scales, target);
        layers = trained(layers, steps, [&standardised(&fitted), &standardised(&held)], streams);
    }
    Ok(Box::new(Perceptron { scales, target, layers }))
}

/// Rows and targets as the network reads them.
struct Standardised {
    rows: Vec<Vec<f32>>,
    targets: Vec<f32>,
}

impl Standardised {
    fn of(dataset: &Dataset, scales: &Scales, target: Scale) -> Self {
        let row = |row: &Vec<f64>| scales.apply(row).map(|value| value as f32).collect();
        Self {
            rows: dataset.rows().iter().map(row).collect(),
            targets: dataset.targets().iter().map(|value| target.apply(*value) as f32).collect(),
        }
    }

    /// The mean squared error of a network.
    fn error(&self, layers: &Layers) -> f64 {
        let mut scratch = Scratch::new(layers);
        let squares = self.rows.iter().zip(&self.targets).map(|(row, target)| {
            let difference = f64::from(layers.forward(row, &mut scratch) - target);
            difference * difference
        });
        squares.sum::<f64>() / self.rows.len() as f64
    }
}

/// The network after training: the weights with the smallest error on held-out rows, the first ones included.
fn trained(
    mut layers: Layers,
    steps: usize,
    [fitted, held]: [&Standardised; 2],
    streams: &Streams,
) -> Layers {
    let count = fitted.rows.len();
    let batch = BATCH.min(count);
    let (mut scratch, mut adam) = (Scratch::new(&layers), Adam::new(layers.numbers().len()));
    let mut gradient = vec![0.0; layers.numbers().len()];
    let mut best = (held.error(&layers), layers.clone());
    let (mut order, mut epoch) = (Vec::new(), 0);
    for step in 0..steps {
        if order.len() < batch {
            order = streams.stream_at("predictor-perceptron", epoch).permutation(count);
            epoch += 1;
        }
        gradient.fill(0.0);
        for place in order.drain(order.len() - batch..) {
            layers.add_gradient(&fitted.rows[place], fitted.targets[place], &mut scratch, &mut gradient);
        }
        let rate = 0.5 * RATE * (1.0 + libm::cos(std::f64::consts::PI * step as f64 / steps as f64));
        adam.step(layers.numbers_mut(), &gradient, rate as f32, 1.0 / batch as f32);
        if (step + 1).is_multiple_of(INTERVAL) || step + 1 == steps {
            let error = held.error(&layers);
            // An error that is not a number is never smaller, so a fit that diverges falls back to what was good.
            if error < best.0 {
                best = (error, layers.clone());
            }
        }
    }
    best.1
}

/// Adam with the decay of AdamW (Loshchilov and Hutter 2019).
struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    /// `0.9^t` and `0.999^t` after step `t`.
    powers: [f32; 2],
}

impl Adam {
    fn new(count: usize) -> Self {
        Self { first: vec![0.0; count], second: vec![0.0; count], powers: [1.0; 2] }
    }

    fn step(&mut self, numbers: &mut [f32], gradient: &[f32], rate: f32, factor: f32) {
        const BETAS: [f32; 2] = [0.9, 0.999];
        for (power, beta) in self.powers.iter_mut().zip(BETAS) {
            *power *= beta;
        }
        let [first_rest, second_rest] = self.powers.map(|power| 1.0 - power);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((number, gradient), (first, second)) in numbers.iter_mut().zip(gradient).zip(moments) {
            let gradient = gradient * factor;
            *first = BETAS[0] * *first + (1.0 - BETAS[0]) * gradient;
            *second = BETAS[1] * *second + (1.0 - BETAS[1]) * gradient * gradient;
            let change = (*first / first_rest) / ((*second / second_rest).sqrt() + 1e-8);
            *number -= rate * (change + DECAY * *number);
        }
    }
}

impl Predictor for Perceptron {
    fn name(&self) -> &'static str {
        PREDICTOR.name
    }

    fn predict(&self, row: &[f64]) -> f64 {
        let row: Vec<f32> = self.scales.apply(row).map(|value| value as f32).collect();
        let answer = self.layers.forward(&row, &mut Scratch::new(&self.layers));
        self.target.undo(f64::from(answer))
    }
}
