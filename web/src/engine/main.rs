//! The worker: a [`switchyard_web::host::Host`] of every lab but those of transformers. It knows no page and no network.

#[cfg(target_arch = "wasm32")]
fn main() {
    use switchyard::experiment::Registry;
    switchyard_web::bridge::start(Registry::standard());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The engine runs in a browser's worker. Build the page with: cargo xtask play");
}
