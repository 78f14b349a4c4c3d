//! How long a preset takes to go on by a step, to be looked at, and to be asked, on one thread: what decides whether a
//! tab feels alive. The arguments are presets; a browser takes about two and a half times as long.

use std::time::Instant;

use burn::prelude::Device;
use switchyard::Result;
use switchyard::experiment::{Checked, Experiment, Probe, ProbeKind, Registry, Session};

/// Steps before anything is measured, and steps that are measured.
const STEPS: [usize; 2] = [50, 300];
/// How often looking and asking are measured.
const TIMES: usize = 40;

/// The middle of some times, in milliseconds.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map_or(f64::NAN, |seconds| 1_000.0 * seconds)
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// A question that every run of this kind answers.
fn question(kind: &ProbeKind) -> Probe {
    match kind {
        ProbeKind::Plane { x, y, .. } => {
            Probe::Input { features: vec![(x[0] + x[1]) as f32 / 2.0, (y[0] + y[1]) as f32 / 2.0] }
        }
        ProbeKind::Drawing { width, height } => Probe::Input { features: vec![0.5; width * height] },
        ProbeKind::Text { longest } => Probe::Text { text: "a ".repeat(longest / 2 + 1) },
        ProbeKind::Choices { choices } => {
            let options =
                choices.iter().map(|choice| (choice.key.clone(), choice.options[choice.start].clone()));
            Probe::Choices { options: options.collect() }
        }
    }
}

fn measure(name: &str, checked: &Checked) -> Result<()> {
    let device = Device::flex();
    let mut session = Session::open(checked)?;
    // The last method of a lab is the one that does most.
    for _ in 0..STEPS[0] {
        pollster::block_on(session.step(&device, 1))?;
    }
    let steps = (0..STEPS[1]).map(|_| timed(|| pollster::block_on(session.step(&device, 1))));
    let steps = median(steps.collect::<Result<Vec<_>>>()?);
    let looks = (0..TIMES).map(|_| {
        pollster::block_on(session.step(&device, 1))?;
        timed(|| pollster::block_on(session.look()))
    });
    let looks = median(looks.collect::<Result<Vec<_>>>()?);
    let probes = match checked.lab().probes(checked).first().map(question) {
        Some(probe) => {
            let times = (0..TIMES).map(|_| timed(|| pollster::block_on(session.probe(&probe))));
            median(times.collect::<Result<Vec<_>>>()?)
        }
        None => f64::NAN,
    };
    println!("{name}: step {steps:.2} ms, look {looks:.2} ms, probe {probes:.2} ms");
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let registry = Registry::standard();
    for text in std::env::args().skip(1) {
        let mut words = text.split_whitespace();
        let mut experiment = Experiment::new(words.next().unwrap_or_default());
        for set in words {
            registry.set(&mut experiment, set)?;
        }
        measure(&text, &registry.check(&experiment)?)?;
    }
    Ok(())
}
