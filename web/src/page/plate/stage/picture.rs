//! One drawing of a picture: canvases, marks and rings, and where the keyboard is among them.

use std::rc::Rc;

use switchyard::experiment::{Probe, View};
use switchyard::plate::Scene;
use switchyard::plate::scene::{Mark, Shape};
use switchyard_web::plate_logic::asking::can_be_asked;
use switchyard_web::plate_logic::bounds::bounds;
use switchyard_web::plate_logic::focus::{Stop, group_of, members};
use yew::{AttrValue, Callback, Html, UseStateHandle, classes, html};

use super::super::canvas::{CellCanvas, grids};
use super::super::marks::Marks;
use super::super::ring::Ring;
use super::super::shared::Shared;
use super::{Hover, Keyboard, StageProperties};

/// One drawing of the picture, and what its events do.
#[derive(Clone)]
pub(super) struct Picture {
    pub(super) view: Shared<View>,
    pub(super) scene: Shared<Scene>,
    pub(super) stops: Shared<Vec<Stop>>,
    pub(super) prefix: AttrValue,
    pub(super) keyboard: UseStateHandle<Keyboard>,
    pub(super) hover: UseStateHandle<Option<Hover>>,
    pub(super) on_probe: Callback<Probe>,
}

impl Picture {
    pub(super) fn html(&self, properties: &StageProperties, dark: bool) -> Html {
        let (scene, prefix) = (&self.scene, &self.prefix);
        let canvas = |grid: &Mark| {
            html! { <CellCanvas key={grid.id.clone()} scene={scene.clone()} mark={grid.id.clone()} {dark} /> }
        };
        let class = classes!("plate", can_be_asked(&self.view).then_some("plate-asks"));
        let current = self.current().map(Rc::new);
        html! {
            <>
                <div key="cells">{ for grids(scene).map(canvas) }</div>
                <svg key="picture" {class} role="group" aria-labelledby={format!("{prefix}-heading")} aria-describedby={format!("{prefix}-description")}
                    viewBox={format!("0 0 {} {}", scene.width, scene.height)} width={scene.width.to_string()} height={scene.height.to_string()}
                    onkeydown={self.on_key()} onclick={self.on_click()} onpointermove={self.on_pointer()} onpointerout={self.on_pointer_out()}
                    onfocusin={self.on_focus()} onfocusout={self.on_blur()}>
                    <desc key="description" id={format!("{prefix}-description")}>{ format!("{} The arrow keys move from mark to mark.", scene.description) }</desc>
                    { self.cells_that_differ(properties) }
                    <Marks key="marks" scene={scene.clone()} stops={self.stops.clone()} prefix={prefix.clone()} {dark} {current} />
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
        let pattern = format!("{}-differs", self.prefix);
        // Rectangles, because every path of a picture is without a fill.
        let stretch = |[row, column, length]: &[usize; 3]| {
            let (x, y) = (at[0] + *column as f64 * cell[0], at[1] + *row as f64 * cell[1]);
            let [x, y, width, height] =
                [x, y, *length as f64 * cell[0], cell[1]].map(|number| format!("{number:.1}"));
            html! { <rect {x} {y} {width} {height} fill={format!("url(#{pattern})")} /> }
        };
        html! {
            <g key="differs" aria-hidden="true" class="differs">
                <pattern id={pattern.clone()} width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 1l2-2M0 6l6-6M5 7l2-2" /></pattern>
                { for told.cells.iter().map(stretch) }
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

    /// The mark that the keyboard is at: a stop, a member of a group, or at first the first stop.
    pub(super) fn current(&self) -> Option<Stop> {
        let at = self.keyboard.at.as_ref();
        let stop = at.and_then(|at| self.stops.iter().find(|stop| stop.id == *at).cloned());
        let member = || {
            let inside = self.inside(&group_of(&self.scene, at?)?.id);
            inside.into_iter().find(|stop| Some(&stop.id) == at)
        };
        stop.or_else(member).or_else(|| self.stops.first().cloned())
    }

    /// The members of a group.
    pub(super) fn inside(&self, group: &str) -> Vec<Stop> {
        members(&self.scene, group, self.view.units.as_ref())
    }
}
