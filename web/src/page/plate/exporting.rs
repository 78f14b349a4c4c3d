//! A picture as a file: SVG and CSV as text, PNG drawn from the SVG at twice its size, in the theme that is shown.

use js_sys::Array;
use switchyard::plate::svg;
use switchyard::plate::{Plate, Scene};
use switchyard_web::plate_logic::file_name::file_name;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
    Url,
};

use super::observing::is_dark;
use crate::page::browser;

/// How much larger than its SVG a PNG is.
const ENLARGED: f64 = 2.0;

/// Offers the picture as SVG; returns the file's name.
pub fn svg(plate: &Plate) -> Option<String> {
    let name = file_name(&plate.title(), "svg");
    let blob = text_blob(&themed(&plate.scene()), "image/svg+xml")?;
    save(&name, &blob).map(|()| name)
}

/// Offers the table as CSV; returns the file's name.
pub fn csv(plate: &Plate) -> Option<String> {
    let name = file_name(&plate.title(), "csv");
    save(&name, &text_blob(&plate.csv(), "text/csv")?).map(|()| name)
}

/// Offers the picture as PNG; returns the file's name.
pub async fn png(plate: &Plate) -> Option<String> {
    let (name, scene) = (file_name(&plate.title(), "png"), plate.scene());
    let picture = text_blob(&themed(&scene), "image/svg+xml")?;
    let address = Url::create_object_url_with_blob(&picture).ok()?;
    let blob = drawn(&address, &scene).await;
    // An address that is gone already is what is wanted.
    let _ = Url::revoke_object_url(&address);
    save(&name, &blob?).map(|()| name)
}

/// The file as SVG, in the theme that the page shows rather than the system's.
fn themed(scene: &Scene) -> String {
    let theme = if is_dark() { "dark" } else { "light" };
    svg::file(scene).replacen("<svg ", &format!("<svg data-theme=\"{theme}\" "), 1)
}

async fn drawn(address: &str, scene: &Scene) -> Option<Blob> {
    let image = HtmlImageElement::new().ok()?;
    image.set_src(address);
    JsFuture::from(image.decode()).await.ok()?;
    let canvas: HtmlCanvasElement = browser::document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((scene.width * ENLARGED) as u32);
    canvas.set_height((scene.height * ENLARGED) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height).ok()?;
    let finished = js_sys::Promise::new(&mut |resolve, _| {
        // A canvas that cannot be read calls nobody back, but throws here; then nothing is saved.
        if canvas.to_blob(&resolve).is_err() {
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::NULL);
        }
    });
    JsFuture::from(finished).await.ok()?.dyn_into().ok()
}

fn text_blob(text: &str, kind: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()
}

fn save(name: &str, blob: &Blob) -> Option<()> {
    let address = Url::create_object_url_with_blob(blob).ok()?;
    let anchor: HtmlAnchorElement = browser::document()?.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&address).ok()
}
