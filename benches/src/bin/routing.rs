//! What routing costs in a training step of the tiny transformer with experts, and what more experts cost.
//!
//! Prints a row for each number of experts: the step, its choice (scores on the host to edges), the router's work on
//! tensors (scores, gates, losses and their gradients), its record, and a step that records. The sizes take turns, so that a busy moment hits all; each number is the shortest of its rounds. The
//! arguments are the number of rounds and the numbers of experts.

use std::time::Instant;

use burn::prelude::*;
use switchyard::rng::Streams;
use switchyard_benches::mixture::{BATCH, LENGTH, MixtureStep, WIDTH};

/// Steps of one size before its turn ends.
const STEPS: usize = 4;

/// The shortest times of one size, in milliseconds.
struct Row {
    experts: usize,
    step: MixtureStep,
    rows: Tensor<2>,
    scores: f64,
    plain: f64,
    recording: f64,
    choice: f64,
    record: f64,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Runs `work` and keeps its time in `best` if that is shorter.
fn timed<T>(best: &mut f64, work: impl FnOnce() -> switchyard::Result<T>) -> switchyard::Result<()> {
    let start = Instant::now();
    std::hint::black_box(work()?);
    *best = best.min(start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

impl Row {
    fn new(experts: usize) -> Outcome<Self> {
        let far = f64::INFINITY;
        let mut step = MixtureStep::new(experts, &Device::flex(), 1)?;
        for _ in 0..3 {
            step.run()?;
        }
        let numbers = Streams::new(3).stream("rows").normals(BATCH * LENGTH * WIDTH, 1.0);
        let numbers = TensorData::new(numbers, [BATCH * LENGTH, WIDTH]);
        let rows = Tensor::from_data(numbers, &Device::flex().autodiff()).require_grad();
        Ok(Self { experts, step, rows, scores: far, plain: far, recording: far, choice: far, record: far })
    }

    fn turn(&mut self) -> Outcome<()> {
        let step = &mut self.step;
        for _ in 0..STEPS {
            timed(&mut self.plain, || step.run())?;
            timed(&mut self.recording, || step.run().and_then(|_| step.record()))?;
            timed(&mut self.choice, || step.choose())?;
            timed(&mut self.scores, || Ok(step.score(&self.rows)))?;
            timed(&mut self.record, || step.record())?;
        }
        Ok(())
    }
}

fn main() -> Outcome<()> {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<usize>());
    let rounds = numbers.next().unwrap_or(Ok(10))?;
    let mut sizes = numbers.collect::<Result<Vec<_>, _>>()?;
    if sizes.is_empty() {
        sizes = vec![4, 8, 16, 32, 64];
    }
    let mut rows = sizes.into_iter().map(Row::new).collect::<Outcome<Vec<_>>>()?;
    for _ in 0..rounds {
        for row in &mut rows {
            row.turn()?;
        }
    }
    println!(
        "| experts | parameters | step, ms | over the first | choice, ms | share | scores, ms | share | record, ms | share | recording step, ms |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let first = rows.first().map_or(f64::NAN, |row| row.plain);
    for Row { experts, step, plain, scores, recording, choice, record, .. } in &rows {
        let share = |part: &f64| part / plain * 100.0;
        println!(
            "| {experts} | {} | {plain:.2} | {:.2} | {choice:.3} | {:.1}% | {scores:.3} | {:.1}% | {record:.3} | {:.1}% | {recording:.2} |",
            step.parameters(),
            plain / first,
            share(choice),
            share(scores),
            share(record),
        );
    }
    Ok(())
}
