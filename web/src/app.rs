//! The page as a whole.

use yew::{Html, component, html};

/// Everything on the page.
#[component]
pub fn App() -> Html {
    html! {
        <main>
            <h1>{ "Switchyard" }</h1>
            <p>{ "Routed neural networks, and the one question behind them: what goes where?" }</p>
        </main>
    }
}
