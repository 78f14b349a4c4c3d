//! The Switchyard playground: the program that draws the page.
//!
//! It shows and asks; it never trains. Built for the browser it is the page, built natively it only says how to
//! build the page, so that one command checks the whole workspace.

#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(target_arch = "wasm32")]
fn main() {
    page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The playground runs in a browser. Build and open it with: cargo xtask play");
}
