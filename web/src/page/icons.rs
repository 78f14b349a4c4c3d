//! The page's icons: lines of one weight on a square of 20, in the colour of the text beside them. An icon never
//! stands alone as a name: its button has a word or an `aria-label`.

use yew::{Html, html};

fn icon(lines: Html) -> Html {
    html! { <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{ lines }</svg> }
}

/// A run goes on.
pub fn play() -> Html {
    icon(html! { <path class="solid" d="M6 4.2v11.6L15.4 10z"/> })
}

/// A run stands still.
pub fn pause() -> Html {
    icon(html! { <path d="M7 4.5v11M13 4.5v11" stroke-width="2.5"/> })
}

/// One step.
pub fn step() -> Html {
    icon(
        html! { <><path class="solid" d="M4.5 4.5v11l7.5-5.5z"/><path d="M15.5 4.5v11" stroke-width="2"/></> },
    )
}

/// Back to the same start.
pub fn reset() -> Html {
    icon(html! { <><path d="M4.5 4v12" stroke-width="2"/><path d="M16 10H8m3.5-4L7.5 10l4 4"/></> })
}

/// A new seed: a die.
pub fn dice() -> Html {
    icon(html! { <>
        <rect x="3.5" y="3.5" width="13" height="13" rx="2.5"/>
        <g class="solid" stroke="none">
            <circle cx="7" cy="7" r="1.2"/><circle cx="13" cy="7" r="1.2"/><circle cx="10" cy="10" r="1.2"/>
            <circle cx="7" cy="13" r="1.2"/><circle cx="13" cy="13" r="1.2"/>
        </g>
    </> })
}

/// A link.
pub fn link() -> Html {
    let lines = "M8.5 11.5a3 3 0 0 0 4.3 0l2.8-2.8a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.8 2.8a3 3 0 0 0 \
                 4.3 4.3l1-1";
    icon(html! { <path d={lines}/> })
}

/// Two runs side by side.
pub fn compare() -> Html {
    icon(html! { <>
        <rect x="2.5" y="4" width="6" height="12" rx="1"/><rect x="11.5" y="4" width="6" height="12" rx="1"/>
        <path d="M5.5 12.5v-3M14.5 12.5v-5"/>
    </> })
}

/// Out of the page, into a file.
pub fn export() -> Html {
    icon(html! { <path d="M10 12.5V3.5M6.5 7 10 3.5 13.5 7M4 12v3.5a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V12"/> })
}

/// What was before.
pub fn undo() -> Html {
    icon(html! { <><path d="M7 4 3.5 7.5 7 11"/><path d="M4 7.5h7.5a4.25 4.25 0 0 1 0 8.5H8"/></> })
}

/// Light and dark.
pub fn theme() -> Html {
    icon(html! { <>
        <circle cx="10" cy="10" r="6.5"/><path class="solid" stroke="none" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/>
    </> })
}

/// Help.
pub fn help() -> Html {
    icon(html! { <>
        <circle cx="10" cy="10" r="7"/><path d="M7.9 7.9a2.2 2.2 0 1 1 3.2 2c-.8.4-1.1.8-1.1 1.6"/>
        <path d="M10 14v.1" stroke-width="2"/>
    </> })
}

/// Away with it.
pub fn close() -> Html {
    icon(html! { <path d="m5 5 10 10M15 5 5 15"/> })
}

/// Something opens below.
pub fn chevron_down() -> Html {
    icon(html! { <path d="m5.5 8 4.5 4.5L14.5 8"/> })
}

/// One back.
pub fn back() -> Html {
    icon(html! { <path d="M12 5.5 7.5 10l4.5 4.5"/> })
}

/// One on.
pub fn next() -> Html {
    icon(html! { <path d="M8 5.5 12.5 10 8 14.5"/> })
}

/// All controls.
pub fn controls() -> Html {
    icon(html! { <>
        <path d="M3 6h6m4 0h4M3 14h2m4 0h8"/><circle cx="11" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>
    </> })
}

/// Switchyard's mark: one way in, three ways out.
pub fn brand() -> Html {
    html! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="way-in" d="M3 16h7"/>
            <path class="way-0" d="M10 16c7 0 7-10 14-10h5"/>
            <path class="way-4" d="M10 16h19" stroke-dasharray="2 5"/>
            <path class="way-6" d="M10 16c7 0 7 10 14 10h5"/>
            <circle class="switch" cx="10" cy="16" r="3"/>
        </svg>
    }
}
