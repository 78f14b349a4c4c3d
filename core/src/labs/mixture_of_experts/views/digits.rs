//! Rows that are no points of the plane: who goes where as a flow, some images with their experts, and the data.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::mixture_of_experts::record::class_names;
use crate::labs::words::{Load, percent};
use crate::plate::{
    Flow, FlowLink, FlowNode, FlowStage, Gallery, GalleryImage, Plate, StripToken, TokenRow, TokenStrip,
};

/// Held-out images in the strip.
const TOKENS: usize = 32;
/// Images in the gallery.
const IMAGES: usize = 20;

/// Classes to experts.
pub(super) fn flow(seen: &Seen<'_>) -> View {
    let table = seen.answers.specialisation(seen.classes);
    let load = Load { counts: seen.counts(), rows: seen.classes.len(), unit: seen.unit() };
    let link = |from: usize, to: usize, amount: usize| FlowLink {
        from_stage: 0,
        from,
        to,
        amount: amount as f64,
        fate: "kept".to_owned(),
        slot: Some(to),
    };
    let links = table.iter().enumerate().flat_map(|(class, row)| {
        row.iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(move |(expert, count)| link(class, expert, *count))
    });
    let title = if seen.step == 0 {
        "Before training the router sends images where chance has it".replace("images", seen.unit())
    } else {
        let right = percent(seen.answers.accuracy(seen.classes));
        format!("{}; {right} are classified right", load.headline())
    };
    let node = |name: String, slot: Option<usize>| FlowNode { name, slot };
    let plate = Flow {
        title,
        caption: format!(
            "From each class to the experts that answer for its held-out {}. A class whose ribbon stays whole has an \
             expert of its own.",
            seen.unit()
        ),
        unit: if seen.answers.edges().len() == seen.classes.len() { seen.unit() } else { "choices" }
            .to_owned(),
        stages: vec![
            FlowStage {
                name: "class".to_owned(),
                nodes: class_names(seen.context).into_iter().map(|name| node(name, None)).collect(),
            },
            FlowStage {
                name: "expert".to_owned(),
                nodes: (0..)
                    .zip(seen.context.slot_names())
                    .map(|(slot, name)| node(name, Some(slot)))
                    .collect(),
            },
        ],
        links: links.collect(),
    };
    View::new("flow", Place::Yard, Plate::Flow(plate))
}

/// Some held-out images: what they are, where they go, whether they are read right.
pub(super) fn strip(seen: &Seen<'_>) -> View {
    let (answers, names) = (seen.answers, class_names(seen.context));
    let shown = seen.classes.len().min(TOKENS);
    let chosen = answers.first_slots();
    let token = |place: usize| {
        let slot = chosen[place];
        let (class, predicted) = (seen.classes[place], answers.predicted[place]);
        let certainty = slot.map_or(0.0, |slot| answers.certainty(place, slot));
        let is_wrong = class != predicted;
        StripToken {
            text: names[class].clone(),
            slot,
            probability: f64::from((certainty * 1e4).round()) / 1e4,
            fate: "kept".to_owned(),
            note: if is_wrong { format!("Taken for {}", names[predicted]) } else { String::new() },
            marked: is_wrong,
        }
    };
    let wrong = (0..shown).filter(|&place| answers.predicted[place] != seen.classes[place]).count();
    let plate = TokenStrip {
        title: match wrong {
            0 => format!("All {shown} of these held-out images are read right"),
            _ => format!("{wrong} of these {shown} held-out images are misread"),
        },
        caption: "Each token is an image, named by its digit; beneath it the expert that the router chose first. A \
                  marked one is misread."
            .to_owned(),
        rows: vec![TokenRow { name: "held out".to_owned(), tokens: (0..shown).map(token).collect() }],
        slot_names: seen.context.slot_names(),
    };
    let rows = seen.context.rows.test.iter().take(shown).map(|&row| row as u32).collect();
    View::new("strip", Place::Yard, Plate::TokenStrip(plate)).with_units("token-0-", rows)
}

/// The first held-out images as pictures.
pub(super) fn gallery(seen: &Seen<'_>) -> View {
    let (rows, names) = (&seen.context.rows, class_names(seen.context));
    let [height, width] = rows.all.image.unwrap_or([1, rows.all.columns]);
    let chosen = seen.answers.first_slots();
    let shown: Vec<usize> = rows.test.iter().copied().take(IMAGES).collect();
    let image = |(place, &row): (usize, &usize)| {
        let predicted = seen.answers.predicted[place];
        let is_wrong = predicted != rows.classes[row];
        GalleryImage {
            pixels: rows
                .all
                .row(row)
                .iter()
                .map(|&ink| libm::roundf(255.0 * ink.clamp(0.0, 1.0)) as u8)
                .collect(),
            label: names[rows.classes[row]].clone(),
            slot: chosen[place],
            note: if is_wrong { format!("taken for {}", names[predicted]) } else { String::new() },
            marked: is_wrong,
        }
    };
    let plate = Gallery {
        title: format!("{} held-out images of {}, {} by {} pixels", shown.len(), rows.all.rows(), width, height),
        caption: "The images as the network sees them, with their digit and the expert that the router chooses first. \
                  A marked one is misread."
            .to_owned(),
        width,
        height,
        images: shown.iter().enumerate().map(image).collect(),
        slot_names: seen.context.slot_names(),
    };
    let units = shown.into_iter().map(|row| row as u32).collect();
    View::new("gallery", Place::Input, Plate::Gallery(plate)).with_units("image-", units)
}
