//! A grid of cells on a canvas under the picture, drawn in one go and only when its data or the theme changed.

use switchyard::plate::Scene;
use switchyard::plate::palette::SLOTS;
use switchyard::plate::scene::{Mark, Shape};
use switchyard_web::plate_logic::pixels::{Hues, colours, parsed};
use wasm_bindgen::{Clamped, JsCast as _};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::{AttrValue, Html, NodeRef, Properties, component, html, use_effect_with, use_node_ref};

use super::shared::Shared;
use crate::page::browser;

/// Which grid of which picture.
#[derive(PartialEq, Properties)]
pub struct CanvasProperties {
    /// The picture.
    pub scene: Shared<Scene>,
    /// The mark that is the grid.
    pub mark: AttrValue,
    /// Whether the page is dark.
    pub dark: bool,
}

/// The grids of a picture.
pub fn grids(scene: &Scene) -> impl Iterator<Item = &Mark> {
    scene.all_marks().into_iter().filter(|mark| matches!(mark.shape, Shape::Pixels { .. }))
}

/// One grid, exactly where the picture has it.
#[component]
pub fn CellCanvas(properties: &CanvasProperties) -> Html {
    let canvas = use_node_ref();
    let watched = (properties.scene.clone(), properties.mark.clone(), properties.dark);
    let node = canvas.clone();
    use_effect_with(watched, move |(scene, mark, _)| {
        if let Some(grid) = grids(scene).find(|grid| grid.id == mark.as_str()) {
            // A browser without a canvas shows the lines between the regions.
            let _ = paint(&node, scene, grid);
        }
    });
    html! { <canvas key="cells" ref={canvas} class="plate-cells" aria-hidden="true" /> }
}

fn paint(node: &NodeRef, scene: &Scene, grid: &Mark) -> Option<()> {
    let Shape::Pixels { at, size, columns, rows, slots, strength } = &grid.shape else { return None };
    let canvas = node.cast::<HtmlCanvasElement>()?;
    let (width, height) = (u32::try_from(*columns).ok()?, u32::try_from(*rows).ok()?);
    let bytes = colours(columns * rows, slots, strength, &hues()?);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), width, height).ok()?;
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let style = canvas.style();
    for (name, part) in [
        ("left", at[0] / scene.width),
        ("top", at[1] / scene.height),
        ("width", size[0] / scene.width),
        ("height", size[1] / scene.height),
    ] {
        style.set_property(name, &format!("{:.4}%", part * 100.0)).ok()?;
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.put_image_data(&image, 0.0, 0.0).ok()
}

/// The slots' colours as the page's style sheet has them now.
fn hues() -> Option<Hues> {
    let window = browser::window()?;
    let style = window.get_computed_style(&browser::document()?.document_element()?).ok()??;
    let mut hues = [[0; 3]; SLOTS];
    for (slot, hue) in hues.iter_mut().enumerate() {
        *hue = parsed(&style.get_property_value(&format!("--expert-{slot}")).ok()?)?;
    }
    Some(hues)
}
