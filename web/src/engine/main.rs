//! The engine: the program of the page's worker. A stand-in, until it trains: it answers each message with a
//! sentence about a run that it has stepped once.

#[cfg(target_arch = "wasm32")]
fn main() {
    use switchyard::experiment::{Link, Registry, Session};
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::prelude::Closure;

    async fn first_step() -> switchyard::Result<String> {
        let registry = Registry::standard();
        let link = Link::parse(&registry, "#v=1&run=mos-tiny")?;
        let checked = registry.check(&link.experiment)?;
        let mut session = Session::open(&checked)?;
        let events = session.step(&burn::tensor::Device::flex(), 1).await?;
        Ok(format!("one step of {} gave {} events", checked.preset().name, events.len()))
    }

    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answering = scope.clone();
    let answer = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |_| {
        let scope = answering.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let text = match first_step().await {
                Ok(text) => text,
                Err(error) => error.to_string(),
            };
            // A worker whose page is gone has nobody to tell.
            let _ = scope.post_message(&text.into());
        });
    });
    scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
    answer.forget();
    let _ = scope.post_message(&"ready".into());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The engine runs in a browser. Build and open the page with: cargo xtask play");
}
