//! The worker for labs of transformers: the same [`switchyard_web::host::Host`], of these labs alone.

#[cfg(target_arch = "wasm32")]
fn main() {
    use switchyard::experiment::Registry;
    switchyard_web::bridge::start(Registry::new(switchyard::labs::registry::transformers()));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The engine runs in a browser's worker. Build the page with: cargo xtask play");
}
