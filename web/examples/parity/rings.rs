//! The preset `moe-rings`: its first 50 steps decide alike everywhere, and after 200 steps it is the same bit for bit
//! wherever it runs in WebAssembly. `tests/browser/runs.test.mjs` compares a browser with the same recorded digest.

use std::collections::BTreeMap;

use burn::tensor::Device;
use switchyard::experiment::{Event, Experiment, Registry, Session};
use switchyard::plate::Plate;

/// Steps whose decisions are compared.
const DECIDED: u64 = 50;
/// The step of the recorded digest.
const END: u64 = 200;
/// How far a number may lie from the recorded one, relative to it.
const TOLERANCE: f64 = 1e-4;

/// The digest at [`END`] in WebAssembly: of every trained number.
#[cfg(target_arch = "wasm32")]
const DIGEST: &str = include_str!("moe-rings-200.digest");
/// FNV-1a of the expert of every point that the page shows, after each of the first [`DECIDED`] steps.
const DECISIONS: u64 = 0x44f6_37fb_ce03_dad7;
/// Loss and accuracy on held-out points after 10, 30 and 50 steps.
const NUMBERS: [(&str, u64, f64); 6] = [
    ("test_loss", 10, 0.716_529_400_231_513_1),
    ("test_accuracy", 10, 0.445),
    ("test_loss", 30, 0.680_172_189_229_260_6),
    ("test_accuracy", 30, 0.425),
    ("test_loss", 50, 0.634_956_649_862_881_4),
    ("test_accuracy", 50, 0.51),
];

/// What differs from the recorded numbers, one sentence each.
pub fn differences() -> Vec<String> {
    let checked = Registry::standard().check(&Experiment::new("moe-rings")).expect("a preset is valid");
    let device = Device::flex();
    let mut session = Session::open(&checked).expect("the preset opens");
    let (mut decisions, mut numbers) = (0xcbf2_9ce4_8422_2325_u64, BTreeMap::new());
    let mut differences = Vec::new();
    while session.steps() < END {
        for event in pollster::block_on(session.step(&device, 1)).expect("a step") {
            if let Event::Scalar { step, name, value, .. } = event {
                numbers.insert((name, step), value);
            }
        }
        if session.steps() <= DECIDED {
            for expert in experts(&mut session) {
                decisions = (decisions ^ expert as u64).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    if decisions != DECISIONS {
        differences.push(format!("the decisions of moe-rings are {decisions:#x}, not {DECISIONS:#x}"));
    }
    for (name, step, recorded) in NUMBERS {
        let number = numbers.get(&(name.to_owned(), step)).copied().unwrap_or(f64::NAN);
        let near = (number / recorded - 1.0).abs() < TOLERANCE;
        if !near {
            differences.push(format!("{name} of moe-rings at step {step} is {number:?}, not {recorded:?}"));
        }
    }
    #[cfg(target_arch = "wasm32")]
    {
        let digest = pollster::block_on(session.state_digest()).expect("a digest");
        if digest != DIGEST.trim() {
            differences.push(format!("the digest of moe-rings is {digest}, not {DIGEST}"));
        }
    }
    differences
}

/// The expert of every point in the picture of the plane.
fn experts(session: &mut Session) -> Vec<usize> {
    let views = pollster::block_on(session.look()).expect("a look");
    let field = views.into_iter().find_map(|view| match view.plate {
        Plate::Field(field) => Some(field),
        _ => None,
    });
    field.expect("the plane is shown").points.iter().map(|point| point.slot).collect()
}
