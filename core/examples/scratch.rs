//! scratch
#![allow(missing_docs, clippy::unwrap_used)]
use std::time::Instant;
use switchyard::experiment::*;
use burn::tensor::Device;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let registry = Registry::standard();
    // preset seeds set...
    let seeds: u64 = args[2].parse().unwrap();
    let mut dead = vec![]; let mut acc = vec![]; let mut loss = vec![]; let mut early=vec![]; let mut cv=vec![]; let mut ent=vec![]; let mut maxs=vec![];
    let start = Instant::now();
    let mut steps = 0;
    for seed in 0..seeds {
        let mut e = Experiment::new(&args[1]);
        e.seed = seed;
        for s in &args[3..] { registry.set(&mut e, s).unwrap(); }
        let c = registry.check(&e).unwrap();
        let mut s = Session::open(&c).unwrap();
        let mut ev = vec![];
        while !s.is_complete() { ev.extend(pollster::block_on(s.step(&Device::flex(), 50)).unwrap()); }
        steps += s.steps();
        let get = |name: &str, at: u64| ev.iter().filter_map(|x| match x { Event::Scalar{name:n, step, value, ..} if n==name && *step<=at => Some(*value), _=>None }).last().unwrap_or(f64::NAN);
        acc.push(get("test_accuracy", u64::MAX)); loss.push(get("test_loss", u64::MAX)); early.push(get("test_accuracy", 300));
        cv.push(get("load_cv", u64::MAX)); ent.push(get("router_entropy", u64::MAX));
        for o in s.outcomes().values() { if let Some(l) = o.numbers.get("load") { let t: f64 = l.iter().sum(); dead.push(l.iter().filter(|x| **x < 0.005*t).count()); maxs.push(l.iter().cloned().fold(0.0,f64::max)/t);} }
    }
    let t = start.elapsed().as_secs_f64();
    let m = |v: &[f64]| v.iter().sum::<f64>()/v.len() as f64;
    println!("{:?}\n dead {:?} max {:.2?}\n acc {:.3} (300: {:.3}) loss {:.4} cv {:.2} ent {:.2}  accs {:.3?}  {:.0} steps/s", &args[1..], dead, maxs, m(&acc), m(&early), m(&loss), m(&cv), m(&ent), acc, steps as f64/t);
}
