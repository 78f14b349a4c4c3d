//! The picture itself: cells on canvases, marks above them, rings above those, and beneath it the line that reads
//! out what is pointed at or focused. It has one place in the order of the Tab key; the arrows move inside.

use std::rc::Rc;

use switchyard::experiment::{Probe, View};
use switchyard::plate::scene::Shape;
use switchyard::plate::{Plate, Scene};
use switchyard_web::plate_logic::asking::{asked, can_be_asked, under};
use switchyard_web::plate_logic::bounds::bounds;
use switchyard_web::plate_logic::difference::Difference;
use switchyard_web::plate_logic::focus::{Move, Stop, group_of, members, moved, stops};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, EventTarget, HtmlElement, SvgElement};
use yew::{
    AttrValue, Callback, FocusEvent, Html, KeyboardEvent, MouseEvent, PointerEvent, Properties,
    UseStateHandle, classes, component, html, use_effect_with, use_memo, use_node_ref, use_state,
    use_state_eq,
};

use super::canvas::{CellCanvas, grids};
use super::marks::Marks;
use super::observing::{use_dark, use_width};
use super::ring::Ring;
use super::shared::Shared;
use crate::page::browser;

/// What is shown, and who hears questions.
#[derive(PartialEq, Properties)]
pub struct StageProperties {
    /// The picture with its units.
    pub view: Shared<View>,
    /// What the identifiers begin with.
    pub prefix: AttrValue,
    /// The mark that the answer shown elsewhere is about.
    pub asked: Option<String>,
    /// In what it differs from another run's picture.
    pub difference: Shared<Option<Difference>>,
    /// Asks a question. The same callback at every drawing.
    pub on_probe: Callback<Probe>,
}

/// What the pointer is over.
#[derive(Clone, PartialEq)]
struct Hover {
    mark: Option<String>,
    text: String,
}

/// Where the keyboard is.
#[derive(Clone, PartialEq, Default)]
struct Keyboard {
    /// The mark it is at, once it has been moved.
    at: Option<String>,
    /// Whether the focus is in the picture and to be seen.
    inside: bool,
    /// Counts the moves that the focus has to follow.
    moves: u32,
}

/// The picture and its read-out.
#[component]
pub fn Stage(properties: &StageProperties) -> Html {
    let frame = use_node_ref();
    let (width, dark) = (use_width(&frame), use_dark());
    let hover = use_state_eq(|| None::<Hover>);
    let keyboard = use_state(Keyboard::default);
    let drawn = use_memo((properties.view.clone(), width), |(view, width)| {
        width.map(|width| {
            let scene = view.plate.scene_at(width);
            let stops = stops(&scene, view.units.as_ref());
            (Shared(Rc::new(scene)), Shared(Rc::new(stops)))
        })
    });
    use_focus_follows(&keyboard, &properties.prefix);
    let picture = drawn.as_ref().as_ref().map(|(scene, stops)| {
        let place = Picture {
            view: properties.view.clone(),
            scene: scene.clone(),
            stops: stops.clone(),
            prefix: properties.prefix.clone(),
            keyboard: keyboard.clone(),
            hover: hover.clone(),
            on_probe: properties.on_probe.clone(),
        };
        place.html(properties, dark)
    });
    let focused = || {
        let (scene, _) = drawn.as_ref().as_ref()?;
        let at = keyboard.at.as_ref().filter(|_| keyboard.inside)?;
        scene.all_marks().into_iter().find(|mark| mark.id == *at)?.name.clone()
    };
    let hint = match (&properties.view.plate, can_be_asked(&properties.view)) {
        (Plate::Field(_), _) => {
            "Point at the plane to read it, click to ask why. With the keyboard: Tab, then the arrows, then Enter."
        }
        (_, true) => {
            "Point at a mark to read it, click to ask why. With the keyboard: Tab, then the arrows, then Enter."
        }
        (_, false) => "Point at a mark to read it. With the keyboard: Tab, then the arrows.",
    };
    let said = hover.as_ref().map(|hover| hover.text.clone()).or_else(focused);
    html! {
        <>
            <div key="stage" class="plate-stage" ref={frame}>{ picture }</div>
            if let Some(difference) = properties.difference.as_ref() {
                <p key="difference" class="plate-difference">{ &difference.sentence }</p>
            }
            <p key="readout" class={classes!("plate-readout", said.is_none().then_some("plate-hint"))}>{ said.unwrap_or_else(|| hint.to_owned()) }</p>
        </>
    }
}

/// Moves the browser's focus after each move of the keyboard's place.
#[yew::hook]
fn use_focus_follows(keyboard: &UseStateHandle<Keyboard>, prefix: &AttrValue) {
    let target = keyboard.at.as_ref().map(|at| format!("{prefix}-{at}"));
    use_effect_with((keyboard.moves, target), |(moves, target)| {
        let target = target.as_ref().filter(|_| *moves > 0);
        let element = target.and_then(|target| browser::document()?.get_element_by_id(target));
        if let Some(element) = element.and_then(|element| element.dyn_into::<SvgElement>().ok()) {
            // The mark has a tabindex, so it takes the focus.
            let _ = element.focus();
        }
    });
}

/// One drawing of the picture, and what its events do.
#[derive(Clone)]
struct Picture {
    view: Shared<View>,
    scene: Shared<Scene>,
    stops: Shared<Vec<Stop>>,
    prefix: AttrValue,
    keyboard: UseStateHandle<Keyboard>,
    hover: UseStateHandle<Option<Hover>>,
    on_probe: Callback<Probe>,
}

impl Picture {
    fn html(&self, properties: &StageProperties, dark: bool) -> Html {
        let (scene, prefix) = (&self.scene, &self.prefix);
        let canvas = |grid: &switchyard::plate::scene::Mark| {
            html! { <CellCanvas key={grid.id.clone()} scene={scene.clone()} mark={grid.id.clone()} {dark} /> }
        };
        let class = classes!("plate", can_be_asked(&self.view).then_some("plate-asks"));
        let current = self.current().map(|(stop, _)| Rc::new(stop));
        html! {
            <>
                <div key="cells">{ for grids(scene).map(canvas) }</div>
                <svg key="picture" {class} role="group" aria-labelledby={format!("{prefix}-heading")} aria-describedby={format!("{prefix}-description")}
                    viewBox={format!("0 0 {} {}", scene.width, scene.height)} width={scene.width.to_string()} height={scene.height.to_string()}
                    onkeydown={self.on_key()} onclick={self.on_click()} onpointermove={self.on_pointer()} onpointerout={self.on_pointer_out()}
                    onfocusin={self.on_focus()} onfocusout={self.on_blur()}>
                    <desc key="description" id={format!("{prefix}-description")}>{ &scene.description }</desc>
                    <Marks key="marks" scene={scene.clone()} stops={self.stops.clone()} prefix={prefix.clone()} {dark} {current} />
                    { self.cells_that_differ(properties) }
                    <g key="rings">{ self.rings(properties) }</g>
                </svg>
            </>
        }
    }

    /// A hatch over the cells that go elsewhere in the other run.
    fn cells_that_differ(&self, properties: &StageProperties) -> Html {
        let told = properties.difference.as_ref().filter(|told| !told.cells.is_empty());
        let grid = grids(&self.scene).next().map(|grid| &grid.shape);
        let (Some(told), Some(Shape::Pixels { at, size, columns, rows, .. })) = (told, grid) else {
            return html! { <g key="differs"></g> };
        };
        let cell = [size[0] / (*columns).max(1) as f64, size[1] / (*rows).max(1) as f64];
        let stretch = |[row, column, length]: &[usize; 3]| {
            let (x, y) = (at[0] + *column as f64 * cell[0], at[1] + *row as f64 * cell[1]);
            let (across, down) = (*length as f64 * cell[0], cell[1]);
            format!("M{x:.1} {y:.1}h{across:.1}v{down:.1}h-{across:.1}z")
        };
        let path: String = told.cells.iter().map(stretch).collect();
        let pattern = format!("{}-differs", self.prefix);
        html! {
            <g key="differs" aria-hidden="true" class="differs">
                <pattern id={pattern.clone()} width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 1l2-2M0 6l6-6M5 7l2-2" /></pattern>
                <path d={path} fill={format!("url(#{pattern})")} />
            </g>
        }
    }

    fn rings(&self, properties: &StageProperties) -> Html {
        let ring = |id: &str, kind: &'static str| {
            let mark = self.scene.all_marks().into_iter().find(|mark| mark.id == id)?;
            let around = bounds(mark)?;
            Some(html! { <Ring key={format!("{kind}-{id}")} {around} {kind} /> })
        };
        let hovered = self.hover.as_ref().and_then(|hover| hover.mark.as_deref());
        let focused = self.keyboard.at.as_deref().filter(|_| self.keyboard.inside);
        let noticed =
            properties.difference.iter().flat_map(|told| &told.marks).filter_map(|id| ring(id, "noticed"));
        let single = [(properties.asked.as_deref(), "asked"), (hovered, "hover"), (focused, "focus")];
        let single = single.into_iter().filter_map(|(id, kind)| ring(id?, kind));
        html! { { for noticed.chain(single) } }
    }

    /// The mark that the keyboard is at, and the stops around it.
    fn current(&self) -> Option<(Stop, Vec<Stop>)> {
        if let Some(at) = &self.keyboard.at {
            if let Some(stop) = self.stops.iter().find(|stop| stop.id == *at) {
                return Some((stop.clone(), self.stops.to_vec()));
            }
            let group = group_of(&self.scene, at).map(|group| group.id.clone());
            let inside =
                group.map(|group| members(&self.scene, &group, self.view.units.as_ref())).unwrap_or_default();
            if let Some(stop) = inside.iter().find(|stop| stop.id == *at) {
                return Some((stop.clone(), inside.clone()));
            }
        }
        self.stops.first().map(|stop| (stop.clone(), self.stops.to_vec()))
    }

    fn go(&self, to: &str) {
        let moves = self.keyboard.moves + 1;
        self.keyboard.set(Keyboard { at: Some(to.to_owned()), inside: true, moves });
    }

    fn on_key(&self) -> Callback<KeyboardEvent> {
        let picture = self.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            if picture.key(&event.key(), &event) {
                event.prevent_default();
            }
        })
    }

    /// What a key does; whether it did anything.
    fn key(&self, key: &str, event: &KeyboardEvent) -> bool {
        let Some((stop, around)) = self.current() else { return false };
        let owner = group_of(&self.scene, &stop.id).filter(|_| !self.stops.contains(&stop));
        match (key, owner) {
            ("Enter" | " ", _) if stop.group => {
                let inside = members(&self.scene, &stop.id, self.view.units.as_ref());
                if let Some(first) = inside.first() {
                    self.go(&first.id);
                }
            }
            ("Enter" | " ", _) => self.ask(Some(&stop.id), Some(stop.at)),
            ("Escape", Some(group)) => self.go(&group.id),
            ("Escape", None) => blur(event.target()),
            (key, _) => {
                let Some(by) = Move::of_key(key) else { return false };
                if let Some(index) = moved(&around, &stop.id, by) {
                    self.go(&around[index].id);
                }
            }
        }
        true
    }

    fn ask(&self, mark: Option<&str>, at: Option<[f64; 2]>) {
        if let Some(probe) = asked(&self.view, mark, at, self.scene.width) {
            self.on_probe.emit(probe);
        }
    }

    fn on_click(&self) -> Callback<MouseEvent> {
        let picture = self.clone();
        Callback::from(move |event: MouseEvent| {
            let mark = picture.mark_under(event.target());
            if let Some(stop) =
                mark.as_ref().filter(|mark| picture.stops.iter().any(|stop| stop.id == **mark))
            {
                let moves = picture.keyboard.moves;
                picture.keyboard.set(Keyboard { at: Some(stop.clone()), inside: false, moves });
            }
            picture.ask(mark.as_deref(), picture.place(&event));
        })
    }

    fn on_pointer(&self) -> Callback<PointerEvent> {
        let picture = self.clone();
        Callback::from(move |event: PointerEvent| {
            let mark = picture.mark_under(event.target());
            let name = mark.as_ref().and_then(|id| {
                picture.scene.all_marks().into_iter().find(|mark| mark.id == *id)?.name.clone()
            });
            let plane = || match &picture.view.plate {
                Plate::Field(field) => under(field, picture.place(&event)?, picture.scene.width),
                _ => None,
            };
            let text = name.or_else(plane);
            picture.hover.set(text.map(|text| Hover { mark, text }));
        })
    }

    fn on_pointer_out(&self) -> Callback<PointerEvent> {
        let picture = self.clone();
        Callback::from(move |event: PointerEvent| {
            if !is_in_svg(event.related_target(), &picture.prefix) {
                picture.hover.set(None);
            }
        })
    }

    fn on_focus(&self) -> Callback<FocusEvent> {
        let picture = self.clone();
        Callback::from(move |event: FocusEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            // A browser that does not know the word shows the ring always.
            let inside =
                target.as_ref().is_some_and(|target| target.matches(":focus-visible").unwrap_or(true));
            let at = picture.mark_under(event.target());
            if at.is_some() && (at != picture.keyboard.at || inside != picture.keyboard.inside) {
                picture.keyboard.set(Keyboard { at, inside, moves: picture.keyboard.moves });
            }
        })
    }

    fn on_blur(&self) -> Callback<FocusEvent> {
        let picture = self.clone();
        Callback::from(move |event: FocusEvent| {
            if picture.keyboard.inside && !is_in_svg(event.related_target(), &picture.prefix) {
                picture.keyboard.set(Keyboard { inside: false, ..(*picture.keyboard).clone() });
            }
        })
    }

    /// The identifier of the named mark that an event happened at.
    fn mark_under(&self, target: Option<EventTarget>) -> Option<String> {
        let element = target?.dyn_into::<Element>().ok()?.closest("[id]").ok()??;
        let id = element.id();
        Some(id.strip_prefix(self.prefix.as_str())?.strip_prefix('-')?.to_owned())
    }

    /// The pixel of the picture that a pointer is at.
    fn place(&self, event: &MouseEvent) -> Option<[f64; 2]> {
        let element = event.target()?.dyn_into::<Element>().ok()?.closest("svg").ok()??;
        let shown = element.get_bounding_client_rect();
        let scale = self.scene.width / shown.width().max(1.0);
        let across = f64::from(event.client_x()) - shown.left();
        let down = f64::from(event.client_y()) - shown.top();
        Some([across * scale, down * scale])
    }
}

/// Whether an event's other end is in the same picture.
fn is_in_svg(target: Option<EventTarget>, prefix: &str) -> bool {
    let svg = target
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.closest("svg.plate").ok().flatten());
    svg.and_then(|svg| svg.get_attribute("aria-labelledby"))
        .is_some_and(|heading| heading == format!("{prefix}-heading"))
}

fn blur(target: Option<EventTarget>) {
    let Some(target) = target else { return };
    if let Some(element) = target.dyn_ref::<SvgElement>() {
        // An element without the focus keeps it not.
        let _ = element.blur();
    } else if let Some(element) = target.dyn_ref::<HtmlElement>() {
        // As above.
        let _ = element.blur();
    }
}
