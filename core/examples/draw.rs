//! scratch
#![allow(missing_docs, clippy::unwrap_used)]
use std::time::Instant;
use switchyard::experiment::*;
use burn::tensor::Device;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let registry = Registry::standard();
    let dir = &args[2];
    let at: Vec<u64> = args[3].split(',').map(|x| x.parse().unwrap()).collect();
    let mut e = Experiment::new(&args[1]);
    for s in &args[4..] { if let Some(x) = s.strip_prefix("seed=") { e.seed = x.parse().unwrap(); continue; } registry.set(&mut e, s).unwrap(); }
    let c = registry.check(&e).unwrap();
    let mut s = Session::open(&c).unwrap();
    for a in at {
        while s.steps() < a && !s.is_complete() { pollster::block_on(s.step(&Device::flex(), (a - s.steps()).min(50))).unwrap(); }
        if s.steps() == 0 { pollster::block_on(s.step(&Device::flex(), 0)).unwrap(); }
        let t = Instant::now();
        let views = pollster::block_on(s.look()).unwrap();
        let ms = t.elapsed().as_secs_f64()*1e3;
        let json = serde_json::to_string(&views).unwrap().len();
        println!("step {a}: look {ms:.2} ms, json {json}");
        for v in views { 
            println!("  {}: {}  [{}]", v.name, v.plate.title(), serde_json::to_string(&v).unwrap().len());
            std::fs::write(format!("{dir}/{}-{a}.svg", v.name), switchyard::plate::svg::file(&v.plate.scene_at(if v.name=="field" || v.name=="flow" {560.0} else {420.0}))).unwrap(); }
    }
}
