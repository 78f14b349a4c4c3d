//! All experts for every row against each expert for its own rows: where the second one begins to pay.
//!
//! Prints how long a layer of experts takes together and apart, forward and backward, for numbers of rows, experts and
//! hidden units, two experts a row with an even load. Both take turns; each number is the shortest of its rounds. The
//! argument is the number of rounds.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use burn::prelude::*;
use switchyard::nn::fused::Activation;
use switchyard::nn::mixture_of_experts::grouped::{Plan, forward_grouped};
use switchyard::nn::mixture_of_experts::{ExpertShape, Experts, Groups};
use switchyard::rng::Streams;

/// Experts a row uses.
const CHOSEN: usize = 2;

struct Case {
    experts: Experts,
    x: Tensor<2>,
    gates: Tensor<2>,
    groups: Arc<Groups>,
    weights: usize,
}

impl Case {
    fn new(rows: usize, count: usize, width: usize, hidden: usize) -> Self {
        let device = Device::flex().autodiff();
        let shape = ExpertShape { inputs: width, hidden, outputs: width };
        let stream = &mut Streams::new(7).stream("case");
        let pairs: Vec<(usize, usize)> = (0..rows)
            .flat_map(|row| (0..CHOSEN).map(move |rank| (row, (row * 7 + row / count + rank) % count)))
            .collect();
        let mut gates = vec![0f32; rows * count];
        pairs.iter().for_each(|(row, expert)| gates[row * count + expert] = 0.5);
        let x = TensorData::new(stream.normals(rows * width, 1.0), [rows, width]);
        Self {
            experts: Experts::new(count, shape, stream, &device),
            x: Tensor::from_data(x, &device).require_grad(),
            gates: Tensor::from_data(TensorData::new(gates, [rows, count]), &device).require_grad(),
            groups: Arc::new(Groups::new(rows, count, &pairs)),
            weights: 2 * width * hidden,
        }
    }

    fn together(&self) -> Tensor<2> {
        self.experts.forward(self.x.clone(), self.gates.clone(), Activation::Relu)
    }

    fn apart(&self) -> Tensor<2> {
        let plan = Plan { groups: Arc::clone(&self.groups), activation: Activation::Relu };
        forward_grouped(&self.experts, self.x.clone(), self.gates.clone(), plan)
    }
}

fn milliseconds(pass: impl Fn() -> Tensor<2>) -> f64 {
    let start = Instant::now();
    black_box(pass().sum().backward());
    start.elapsed().as_secs_f64() * 1e3
}

fn main() -> Result<(), std::num::ParseIntError> {
    let rounds = std::env::args().nth(1).map_or(Ok(20), |rounds| rounds.parse())?;
    println!(
        "| rows | width | hidden | experts | saved, millions | together, ms | apart, ms | apart / together | chosen |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---|");
    for (rows, width, hidden) in
        [(256, 32, 16), (1024, 32, 16), (1024, 32, 64), (256, 64, 128), (2048, 64, 128)]
    {
        for count in [2, 4, 8, 16, 32, 64] {
            let case = Case::new(rows, count, width, hidden);
            let (mut together, mut apart) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..rounds {
                together = together.min(milliseconds(|| case.together()));
                apart = apart.min(milliseconds(|| case.apart()));
            }
            let saved = rows * count.saturating_sub(CHOSEN) * case.weights;
            let chosen = if case.groups.pays(case.weights) { "apart" } else { "together" };
            println!(
                "| {rows} | {width} | {hidden} | {count} | {:.1} | {together:.3} | {apart:.3} | {:.2} | {chosen} |",
                saved as f64 / 1e6,
                apart / together
            );
        }
    }
    Ok(())
}
