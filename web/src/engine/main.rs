//! The worker: passes messages between the page and the [`switchyard_web::host::Host`] that trains, and gives it the
//! time. It knows no page and no network.

#[cfg(target_arch = "wasm32")]
mod bridge;

#[cfg(target_arch = "wasm32")]
fn main() {
    bridge::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The engine runs in a browser's worker. Build the page with: cargo xtask play");
}
