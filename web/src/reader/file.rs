//! The bytes of a file of routes: unpacked by the browser where it was compressed, and never more than the limit.

use js_sys::{Array, Function, Reflect, Uint8Array};
use switchyard_web::trace_file::{PARQUET, Packing, too_large};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, ReadableWritablePair};

/// The text of a file as bytes.
///
/// # Errors
/// Half a sentence: it is too large, of a kind that is not read here, damaged, or gone.
pub async fn read(file: &Blob) -> Result<Vec<u8>, String> {
    if let Some(problem) = too_large(file.size()) {
        return Err(problem);
    }
    let gone = |_| "it could not be read. Choose it again, or copy it to another place".to_owned();
    let first = file.slice_with_i32_and_i32(0, Packing::LOOKED_AT as i32).map_err(gone)?;
    match Packing::of(&whole(&first).await.map_err(gone)?) {
        Packing::Plain => whole(file).await.map_err(gone),
        Packing::Parquet => Err(PARQUET.to_owned()),
        Packing::Gzip => unpacked(file).await,
    }
}

async fn whole(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

async fn unpacked(file: &Blob) -> Result<Vec<u8>, String> {
    let damaged = |_| {
        "the compressed file is damaged, was cut off, or holds several packed files in a row. Copy it again, or unpack \
         it and open the text"
            .to_owned()
    };
    let parts = parts(file).map_err(|_| {
        "this browser does not unpack .gz files. Unpack it and open the text, or use a newer browser"
            .to_owned()
    })?;
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(parts.read()).await.map_err(damaged)?;
        // Once all is read, an answer has no value.
        let value = Reflect::get(&part, &"value".into()).map_err(damaged)?;
        if value.is_undefined() {
            return Ok(bytes);
        }
        let part = Uint8Array::new(&value);
        let (start, length) = (bytes.len(), part.length() as usize);
        if let Some(problem) = too_large((start + length) as f64) {
            // Nobody waits for the rest.
            let _ = parts.cancel();
            return Err(format!("unpacked, {problem}"));
        }
        bytes.resize(start + length, 0);
        part.copy_to(&mut bytes[start..]);
    }
}

/// The unpacked file, part by part.
fn parts(file: &Blob) -> Result<ReadableStreamDefaultReader, JsValue> {
    // By its name, because its binding is not stable yet; it is a pair of streams itself.
    let unpack: Function = Reflect::get(&js_sys::global(), &"DecompressionStream".into())?.dyn_into()?;
    let pair: ReadableWritablePair =
        Reflect::construct(&unpack, &Array::of1(&"gzip".into()))?.unchecked_into();
    Ok(file.stream().pipe_through(&pair).get_reader().unchecked_into())
}
