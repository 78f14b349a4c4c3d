//! How long a training step of the small presets takes, natively and in WebAssembly: one program, run both ways.
//!
//! `cargo xtask bench web` runs it natively on one thread and in Node.js, and prints the ratio. It measures the
//! session alone: no messages, no pictures. In WebAssembly the lines are left in the global `switchyardPace`.

use burn::tensor::Device;
use switchyard::experiment::{Experiment, Registry, Session};

/// Presets, the fields that bring an interactive task first, and how many steps are measured after as many to warm up.
const CASES: [(&str, &[&str], u64); 4] = [
    ("moe-rings", &[], 400),
    ("moe-digits", &[], 200),
    ("mos-tiny", &["tuning.rates=0"], 200),
    ("mos-digits", &["tuning.rates=0", "methods=neuron-wise"], 100),
];

/// How often a case is measured; the shortest time counts.
const REPEATS: usize = 3;

#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

#[cfg(target_arch = "wasm32")]
fn now() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into());
    let call = performance.and_then(|performance| {
        let now = js_sys::Reflect::get(&performance, &"now".into())?;
        js_sys::Function::from(now).call0(&performance)
    });
    call.ok().and_then(|value| value.as_f64()).unwrap_or_else(js_sys::Date::now)
}

/// A future that never waits, because nothing below it does on this device.
fn finish<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}

fn milliseconds_per_step(preset: &str, sets: &[&str], steps: u64) -> f64 {
    let registry = Registry::standard();
    let mut experiment = Experiment::new(preset);
    for set in sets {
        registry.set(&mut experiment, set).expect("a field of the preset");
    }
    let checked = registry.check(&experiment).expect("valid");
    let device = Device::flex();
    let once = || {
        let mut session = Session::open(&checked).expect("opens");
        let run = |session: &mut Session| {
            for _ in 0..steps {
                finish(session.step(&device, 1)).expect("steps");
            }
        };
        run(&mut session);
        let start = now();
        run(&mut session);
        (now() - start) / steps as f64
    };
    (0..REPEATS).map(|_| once()).fold(f64::INFINITY, f64::min)
}

fn lines() -> String {
    CASES
        .iter()
        .map(|(preset, sets, steps)| format!("{preset} {:.4}\n", milliseconds_per_step(preset, sets, *steps)))
        .collect()
}

#[cfg(target_arch = "wasm32")]
fn main() {
    // Setting a new property of the global object cannot fail.
    let _ = js_sys::Reflect::set(&js_sys::global(), &"switchyardPace".into(), &lines().into());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    print!("{}", lines());
}
