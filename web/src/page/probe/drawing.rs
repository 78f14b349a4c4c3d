//! A small picture to draw: with the pointer, by clicks, or with the arrow keys and the space bar.

use std::rc::Rc;

use switchyard::experiment::Probe;
use switchyard_web::plate_logic::drawing::{Drawing, INK, digit};
use switchyard_web::plate_logic::focus::Move;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};
use yew::{
    AttrValue, Callback, Html, KeyboardEvent, MouseEvent, PointerEvent, Properties, UseStateHandle,
    component, html, use_effect_with, use_state,
};

use super::delay::use_rate_limit;
use crate::page::browser;

/// A picture to begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// What it shows.
    pub name: String,
    /// Its ink, cell by cell.
    pub ink: Vec<f32>,
}

/// Which paper.
#[derive(PartialEq, Properties)]
pub struct DrawingProperties {
    /// Cells of a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Pictures to begin with.
    pub stamps: Vec<Stamp>,
    /// What identifiers begin with.
    pub scope: AttrValue,
    /// What the heading begins with for who cannot see beside which run it stands.
    pub run: &'static str,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
    /// Whether an answer is awaited.
    pub busy: bool,
}

/// What is drawn, and where pen and keyboard are.
#[derive(Clone, PartialEq)]
struct Pad {
    drawing: Rc<Drawing>,
    /// The stroke under way: the level it draws with, and the cell it has come to.
    stroke: Option<(u8, usize)>,
    /// The cell that the keyboard is at.
    at: usize,
    /// Counts the moves that the focus has to follow.
    moves: u32,
}

/// The paper and its stamps. What is drawn is asked as it changes.
#[component]
pub fn DrawingPad(properties: &DrawingProperties) -> Html {
    let (width, height) = (properties.width, properties.height);
    let pad =
        use_state(|| Pad { drawing: Rc::new(Drawing::blank(width, height)), stroke: None, at: 0, moves: 0 });
    let ask = use_rate_limit(&properties.on_probe);
    let pen = Pen { pad: pad.clone(), ask, scope: properties.scope.clone() };
    let target = format!("{}-cell-{}", properties.scope, pad.at);
    use_effect_with((pad.moves, target), |(moves, target)| {
        if *moves > 0 {
            browser::focus(target);
        }
    });
    let stamps = if properties.stamps.is_empty() && (width, height) == (8, 8) {
        digits()
    } else {
        properties.stamps.clone()
    };
    let stamp = |stamp: &Stamp| {
        let (pen, ink) = (pen.clone(), stamp.ink.clone());
        let onclick = Callback::from(move |_: MouseEvent| pen.draw(pen.pad.drawing.stamped(&ink), None));
        html! { <button key={stamp.name.clone()} type="button" class="button button-small" aria-label={format!("Begin with {}", stamp.name)} {onclick}>{ &stamp.name }</button> }
    };
    let clear = {
        let pen = pen.clone();
        Callback::from(move |_: MouseEvent| pen.draw(Drawing::blank(width, height), None))
    };
    let again = {
        let (pad, on_probe) = (pad.clone(), properties.on_probe.clone());
        Callback::from(move |_: MouseEvent| on_probe.emit(Probe::Input { features: pad.drawing.ink() }))
    };
    let scope = &properties.scope;
    html! {
        <section class="probe" aria-labelledby={format!("{scope}-title")}>
            <h3 key="title" id={format!("{scope}-title")}>
                <span class="visually-hidden">{ properties.run }</span>{ "Draw something: where does it go?" }
            </h3>
            <p key="help" class="field-help" id={format!("{scope}-help")}>{ "Draw with the pointer, or move with the arrow keys and press Space for more ink. The answer follows." }</p>
            <div key="paper" class="drawing">{ grid(&pen, properties) }
                <div key="tools" class="drawing-tools">
                    if !stamps.is_empty() {
                        <div key="stamps" class="drawing-stamps" role="group" aria-label="Begin with">{ for stamps.iter().map(stamp) }</div>
                    }
                    <div key="actions" class="group">
                        <button key="clear" type="button" class="button" onclick={clear}>{ "Clear" }</button>
                        <button key="ask" type="button" class="button" disabled={properties.busy || pad.drawing.is_blank()} onclick={again}>{ "Ask again" }</button>
                    </div>
                </div>
            </div>
        </section>
    }
}

fn digits() -> Vec<Stamp> {
    let stamp = |number: usize| Some(Stamp { name: number.to_string(), ink: digit(number)? });
    (0..10).filter_map(stamp).collect()
}

fn grid(pen: &Pen, properties: &DrawingProperties) -> Html {
    let (pad, scope) = (&pen.pad, &properties.scope);
    let cell = |cell: usize| {
        let level = pad.drawing.levels().get(cell).copied().unwrap_or(0);
        let (line, column) = (cell / properties.width + 1, cell % properties.width + 1);
        let ink = (INK[usize::from(level)] * 100.0).round();
        html! {
            <div key={cell} role="gridcell" id={format!("{scope}-cell-{cell}")} class={format!("cell ink-{level}")} tabindex={if cell == pad.at { "0" } else { "-1" }}
                aria-label={format!("Line {line}, column {column}: {ink}% ink")}></div>
        }
    };
    html! {
        <div key="grid" class="drawing-grid" role="grid" aria-labelledby={format!("{scope}-title")} aria-describedby={format!("{scope}-help")}
            onpointerdown={pen.on_down()} onpointermove={pen.on_move()} onpointerup={pen.on_up()} onpointercancel={pen.on_up()} onkeydown={pen.on_key()}>
            { for (0..properties.height).map(|line| html! {
                <div key={line} role="row" class="drawing-line">{ for (line * properties.width..(line + 1) * properties.width).map(cell) }</div>
            }) }
        </div>
    }
}

/// Changes the drawing and asks.
#[derive(Clone)]
struct Pen {
    pad: UseStateHandle<Pad>,
    ask: Callback<Probe>,
    scope: AttrValue,
}

impl Pen {
    /// Another drawing; the stroke goes on with a level, or ends.
    fn draw(&self, drawing: Drawing, stroke: Option<(u8, usize)>) {
        self.set(drawing, stroke, self.pad.at);
    }

    fn set(&self, drawing: Drawing, stroke: Option<(u8, usize)>, at: usize) {
        let changed = drawing != *self.pad.drawing;
        if changed && !drawing.is_blank() {
            self.ask.emit(Probe::Input { features: drawing.ink() });
        }
        self.pad.set(Pad { drawing: Rc::new(drawing), stroke, at, moves: self.pad.moves });
    }

    fn on_down(&self) -> Callback<PointerEvent> {
        let pen = self.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(cell) = pen.cell_under(&event).filter(|_| event.button() == 0) else { return };
            let level = pen.pad.drawing.stroke_from(cell);
            pen.set(pen.pad.drawing.with(cell, level), Some((level, cell)), cell);
        })
    }

    fn on_move(&self) -> Callback<PointerEvent> {
        let pen = self.clone();
        Callback::from(move |event: PointerEvent| {
            let Some((level, from)) = pen.pad.stroke else { return };
            if event.buttons() == 0 {
                pen.draw((*pen.pad.drawing).clone(), None);
            } else if let Some(cell) = pen.cell_under(&event).filter(|cell| *cell != from) {
                pen.draw(pen.pad.drawing.with_line(from, cell, level), Some((level, cell)));
            }
        })
    }

    fn on_up(&self) -> Callback<PointerEvent> {
        let pen = self.clone();
        Callback::from(move |_: PointerEvent| {
            if pen.pad.stroke.is_some() {
                pen.draw((*pen.pad.drawing).clone(), None);
            }
        })
    }

    fn on_key(&self) -> Callback<KeyboardEvent> {
        let pen = self.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            match event.key().as_str() {
                " " | "Enter" => pen.draw(pen.pad.drawing.cycled(pen.pad.at), None),
                "Delete" | "Backspace" => pen.draw(pen.pad.drawing.with(pen.pad.at, 0), None),
                "Escape" => {
                    if let Some(element) =
                        event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok())
                    {
                        // A cell without the focus keeps it not.
                        let _ = element.blur();
                    }
                }
                key => {
                    let Some(by) = Move::of_key(key) else { return };
                    let at = pen.pad.drawing.moved(pen.pad.at, by);
                    pen.pad.set(Pad { at, moves: pen.pad.moves + 1, ..(*pen.pad).clone() });
                }
            }
            event.prevent_default();
        })
    }

    /// The cell under the pointer. A finger's events all go to the cell where it came down, so the place is looked
    /// up rather than the event's target.
    fn cell_under(&self, event: &PointerEvent) -> Option<usize> {
        let (x, y) = (event.client_x() as f32, event.client_y() as f32);
        let element: Element = browser::document()?.element_from_point(x, y)?;
        element.id().strip_prefix(self.scope.as_str())?.strip_prefix("-cell-")?.parse().ok()
    }
}
