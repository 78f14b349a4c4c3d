//! Points set in a plane: by a click, or by their numbers.

use std::rc::Rc;

use switchyard::plate::palette::class_marker;
use switchyard::plate::scene::Paint;
use switchyard::plate::svg::{look, outline};
use switchyard_web::plate_logic::number_entry::typed;
use switchyard_web::plate_logic::own_points::{MOST_CLASSES, MOST_POINTS, OwnPoint, OwnPoints, PLANE};
use switchyard_web::protocol::OwnData;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};
use yew::{
    Callback, Event, Html, InputEvent, MouseEvent, Properties, SubmitEvent, UseStateHandle, component, html,
    use_state, use_state_eq,
};

use crate::page::plate::svg_element;

/// The plane's side in the picture's own units.
const SIDE: f64 = 300.0;
/// How near to a point a click takes it away, in the picture's units.
const REACH: f64 = 9.0;

/// What there is, and who hears.
#[derive(PartialEq, Properties)]
pub struct PointsProperties {
    /// How many classes points can have.
    pub classes: usize,
    /// The rows in use.
    pub current: Option<Rc<OwnData>>,
    /// Hears of rows to train on.
    pub on_data: Callback<Option<OwnData>>,
    /// Hears why not.
    pub on_refuse: Callback<String>,
}

/// The plane, the numbers, the list.
#[component]
pub fn Points(properties: &PointsProperties) -> Html {
    let points = use_state(|| OwnPoints::of(properties.current.as_deref()));
    let class = use_state_eq(|| 0_u32);
    let listed = use_state_eq(|| false);
    let editor = Editor { points: points.clone(), class: *class, refuse: properties.on_refuse.clone() };
    let train = {
        let (points, on_data, on_refuse) =
            (points.clone(), properties.on_data.clone(), properties.on_refuse.clone());
        Callback::from(move |_: MouseEvent| match points.data() {
            Ok(data) => on_data.emit(Some(data)),
            Err(reason) => on_refuse.emit(reason),
        })
    };
    let change = |changed: OwnPoints| {
        let points = points.clone();
        Callback::from(move |_: MouseEvent| points.set(changed.clone()))
    };
    let ontoggle = {
        let listed = listed.clone();
        Callback::from(move |_: MouseEvent| listed.set(!*listed))
    };
    let is_empty = points.points().is_empty();
    html! {
        <fieldset class="fields own-points">
            <legend key="legend">{ "Set points" }</legend>
            <p key="help" class="field-help">{ format!("Choose a class and click in the plane. A click on a point takes it away. At most {MOST_POINTS} points.") }</p>
            { classes(properties.classes, &class) }
            { plane(&editor) }
            <p key="count" role="status" class="own-count">{ counted(&points) }</p>
            <Numbers key="numbers" points={(*points).clone()} class={*class} on_points={Callback::from({ let points = points.clone(); move |changed| points.set(changed) })} on_refuse={properties.on_refuse.clone()} />
            <div key="actions" class="group">
                { button("Undo", points.can_undo(), change(points.undone())) }
                { button("Clear", !is_empty, change(points.cleared())) }
                <button key="list" type="button" class="button" aria-expanded={if *listed { "true" } else { "false" }} onclick={ontoggle}>{ "List" }</button>
                { button("Train on these points", !is_empty, train) }
            </div>
            if *listed { { list(&points) } }
        </fieldset>
    }
}

/// A button that stays where the focus is, also when it can do nothing now.
fn button(word: &'static str, enabled: bool, does: Callback<MouseEvent>) -> Html {
    let onclick = if enabled { does } else { Callback::noop() };
    html! { <button key={word} type="button" class="button" aria-disabled={(!enabled).then_some("true")} {onclick}>{ word }</button> }
}

fn counted(points: &OwnPoints) -> String {
    let classes = points.counts().into_iter().enumerate().filter(|(_, count)| *count > 0);
    let told: Vec<String> = classes.map(|(class, count)| format!("class {class}: {count}")).collect();
    match points.points().len() {
        0 => "No points yet.".to_owned(),
        1 => "1 point.".to_owned(),
        count => format!("{count} points. {}.", told.join(", ")),
    }
}

/// The class that the next point gets.
fn classes(count: usize, chosen: &UseStateHandle<u32>) -> Html {
    let count = count.clamp(2, MOST_CLASSES) as u32;
    let option = |class: u32| {
        let set = chosen.clone();
        let onchange = Callback::from(move |_: Event| set.set(class));
        html! {
            <label key={class}><input type="radio" name="own-class" value={class.to_string()} checked={**chosen == class} {onchange} />
                <svg class="plate slot-mark" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{ mark(class, [6.0, 6.0]) }</svg>{ class }</label>
        }
    };
    html! {
        <fieldset key="class" class="field"><legend>{ "Class" }</legend><div class="segmented">{ for (0..count).map(option) }</div></fieldset>
    }
}

fn mark(class: u32, at: [f64; 2]) -> Html {
    let (tag, mut attributes) = outline(&class_marker(class as usize, at, 5.0));
    attributes.extend(look(Paint::Dot, ""));
    svg_element(tag, attributes).into()
}

/// From the plane to the picture.
fn pixel([x, y]: [f64; 2]) -> [f64; 2] {
    let part = |value: f64| (value - PLANE[0]) / (PLANE[1] - PLANE[0]) * SIDE;
    [part(x), SIDE - part(y)]
}

fn plane(editor: &Editor) -> Html {
    let shown = |(index, point): (usize, &OwnPoint)| html! { <g key={index}>{ mark(point.class, pixel(point.at)) }</g> };
    let label = format!(
        "Plane from −1.25 to 1.25 with {} points; the numbers below set points without a pointer",
        editor.points.points().len()
    );
    let zero = pixel([0.0, 0.0]);
    let attribute = |value: f64| value.to_string();
    html! {
        <svg key="plane" class="plate own-plane" viewBox={format!("0 0 {SIDE} {SIDE}")} role="img" aria-label={label} onclick={editor.on_click()}>
            <rect key="ground" class="panel" x="0.5" y="0.5" width={attribute(SIDE - 1.0)} height={attribute(SIDE - 1.0)} />
            <line key="across" class="rule" x1="0" x2={attribute(SIDE)} y1={attribute(zero[1])} y2={attribute(zero[1])} />
            <line key="down" class="rule" x1={attribute(zero[0])} x2={attribute(zero[0])} y1="0" y2={attribute(SIDE)} />
            <g key="points">{ for editor.points.points().iter().enumerate().map(shown) }</g>
        </svg>
    }
}

/// Changes the points by clicks.
struct Editor {
    points: UseStateHandle<OwnPoints>,
    class: u32,
    refuse: Callback<String>,
}

impl Editor {
    fn on_click(&self) -> Callback<MouseEvent> {
        let (points, class, refuse) = (self.points.clone(), self.class, self.refuse.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(at) = place(&event) else { return };
            let reach = REACH / SIDE * (PLANE[1] - PLANE[0]);
            match points.near(at, reach) {
                Some(index) => points.set(points.without(index)),
                None => match points.with(OwnPoint { at, class }) {
                    Ok(changed) => points.set(changed),
                    Err(reason) => refuse.emit(reason),
                },
            }
        })
    }
}

/// The place of the plane that was clicked, to a hundredth.
fn place(event: &MouseEvent) -> Option<[f64; 2]> {
    let element = event.target()?.dyn_into::<Element>().ok()?.closest("svg").ok()??;
    let shown = element.get_bounding_client_rect();
    let across = (f64::from(event.client_x()) - shown.left()) / shown.width().max(1.0);
    let down = (f64::from(event.client_y()) - shown.top()) / shown.height().max(1.0);
    let value = |part: f64| {
        let value = PLANE[0] + part.clamp(0.0, 1.0) * (PLANE[1] - PLANE[0]);
        (value * 100.0).round() / 100.0
    };
    Some([value(across), value(1.0 - down)])
}

/// Points by their numbers.
#[derive(PartialEq, Properties)]
struct NumbersProperties {
    points: OwnPoints,
    class: u32,
    on_points: Callback<OwnPoints>,
    on_refuse: Callback<String>,
}

#[component]
fn Numbers(properties: &NumbersProperties) -> Html {
    let texts = use_state(|| ["0".to_owned(), "0".to_owned()]);
    let refused = use_state_eq(|| None::<String>);
    let onsubmit = {
        let (texts, refused, points) = (texts.clone(), refused.clone(), properties.points.clone());
        let (class, on_points) = (properties.class, properties.on_points.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let read = |axis: usize, name: &str| typed(name, &texts[axis], PLANE);
            let added = read(0, "x")
                .and_then(|x| Ok([x, read(1, "y")?]))
                .and_then(|at| points.with(OwnPoint { at, class }));
            match added {
                Ok(changed) => {
                    refused.set(None);
                    on_points.emit(changed);
                }
                Err(reason) => refused.set(Some(reason)),
            }
        })
    };
    let entry = |axis: usize, name: &'static str| {
        let texts = texts.clone();
        let id = format!("own-{name}");
        let value = texts[axis].clone();
        let oninput = Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            {
                let mut changed = (*texts).clone();
                changed[axis] = input.value();
                texts.set(changed);
            }
        });
        html! { <div key={name} class="field-inline"><label for={id.clone()}>{ name }</label><input {id} class="input input-number" inputmode="decimal" autocomplete="off" {value} {oninput} aria-describedby={refused.is_some().then_some("own-number-error")} /></div> }
    };
    html! {
        <form class="own-numbers" {onsubmit} aria-label="Add a point by its numbers">
            { entry(0, "x") }
            { entry(1, "y") }
            <button key="add" type="submit" class="button">{ "Add point" }</button>
            <p key="error" id="own-number-error" role="status" class={refused.as_ref().map(|_| "field-error")}>{ (*refused).clone() }</p>
        </form>
    }
}

/// Every point with a button that takes it away.
fn list(points: &UseStateHandle<OwnPoints>) -> Html {
    let row = |(index, point): (usize, &OwnPoint)| {
        let (set, changed) = (points.clone(), points.without(index));
        let onclick = Callback::from(move |_: MouseEvent| set.set(changed.clone()));
        html! {
            <tr key={index}>
                <th scope="row">{ index + 1 }</th>
                <td class="number">{ point.at[0] }</td>
                <td class="number">{ point.at[1] }</td>
                <td class="number">{ point.class }</td>
                <td><button type="button" class="button button-quiet button-small" aria-label={format!("Remove point {}", index + 1)} {onclick}>{ "Remove" }</button></td>
            </tr>
        }
    };
    html! {
        <div key="points" class="scroll" tabindex="0" role="region" aria-label="Your points">
            <table class="data-table">
                <thead><tr><th scope="col">{ "Point" }</th><th scope="col" class="number">{ "x" }</th><th scope="col" class="number">{ "y" }</th><th scope="col" class="number">{ "Class" }</th><th scope="col">{ "Action" }</th></tr></thead>
                <tbody>{ for points.points().iter().enumerate().map(row) }</tbody>
            </table>
        </div>
    }
}
