//! scratch
#![allow(missing_docs, clippy::unwrap_used)]
use std::time::Instant;
use switchyard::experiment::*;
use burn::tensor::Device;
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/stat").unwrap(); let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect(); (f[11].parse::<f64>().unwrap()+f[12].parse::<f64>().unwrap())*10.0 }
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let registry = Registry::standard();
    let mut e = Experiment::new(&args[1]);
    for s in &args[2..] { registry.set(&mut e, s).unwrap(); }
    let c = registry.check(&e).unwrap();
    let mut s = Session::open(&c).unwrap();
    pollster::block_on(s.step(&Device::flex(), 300)).unwrap();
    let (t0, c0) = (Instant::now(), cpu());
    let mut n = 0; 
    while n < 1500 { pollster::block_on(s.step(&Device::flex(), 50)).unwrap(); n += 50; }
    println!("step: {:.3} ms cpu, {:.3} ms wall", (cpu()-c0)/n as f64, t0.elapsed().as_secs_f64()*1e3/n as f64);
    let (t0, c0) = (Instant::now(), cpu());
    for _ in 0..40 { pollster::block_on(s.look()).unwrap(); }
    println!("look: {:.3} ms cpu, {:.3} ms wall", (cpu()-c0)/40.0, t0.elapsed().as_secs_f64()*1e3/40.0);
    let views = pollster::block_on(s.look()).unwrap();
    let t0 = Instant::now();
    for _ in 0..10 { for v in &views { std::hint::black_box(v.plate.scene_at(500.0)); } }
    println!("scenes: {:.3} ms", t0.elapsed().as_secs_f64()*1e2);
}
