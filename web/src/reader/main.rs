//! The reader: a worker that takes a file of routes from the page, measures it and answers once. It knows no page, no
//! network and no training.

#[cfg(target_arch = "wasm32")]
mod bridge;
#[cfg(target_arch = "wasm32")]
mod file;

#[cfg(target_arch = "wasm32")]
fn main() {
    bridge::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The reader runs in a browser's worker. Build the page with: cargo xtask play");
}
