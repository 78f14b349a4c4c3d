//! The worker: it holds one run, trains it and reports. It knows no page.

fn main() {}
