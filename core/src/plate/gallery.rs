//! The gallery plate: small pictures side by side, each with its label and the slot that it went to.

use serde::{Deserialize, Serialize};

use super::data::{Cell, Column, Table};
use super::data_routing::slot_name;
use super::frame::Draft;
use super::palette::{Shade, marker};
use super::scene::{Mark, Paint, Scene, Shape, Style, fitted, text_width};

/// At most so many pictures are drawn.
const MOST_IMAGES: usize = 200;
/// Pictures of more pixels are refused.
const MOST_PIXELS: usize = 64 * 64;
/// The longest side of a picture.
const SIDE: f64 = 52.0;
/// The room between two pictures.
const GAP: f64 = 12.0;
/// The room beneath a picture for its label.
const LABEL: f64 = 22.0;

/// Small pictures of one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gallery {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// Pixels side by side.
    pub width: usize,
    /// Pixels above each other.
    pub height: usize,
    /// The pictures, in reading order.
    pub images: Vec<GalleryImage>,
    /// The slots' names; where there is none, a slot is called an expert and by its number.
    #[serde(default)]
    pub slot_names: Vec<String>,
}

/// One small picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GalleryImage {
    /// The pixels from the upper left, 0 for paper and 255 for full ink; `width * height` of them.
    pub pixels: Vec<u8>,
    /// What it shows: its class.
    pub label: String,
    /// The slot it went to, if any.
    #[serde(default)]
    pub slot: Option<usize>,
    /// More about it, or an empty text.
    #[serde(default)]
    pub note: String,
    /// Whether it is to be noticed, as a wrong prediction is.
    #[serde(default)]
    pub marked: bool,
}

impl Gallery {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        if let Some(problem) = self.problem() {
            let set = (width, Style::START.sized(14.0), Paint::Muted);
            let bottom = draft.paragraph("note-empty", [0.0, 24.0], &problem, set) + 12.0;
            return draft.scene(&self.title, format!("{} {problem}", self.caption), [width, bottom]);
        }
        let pixel = SIDE / self.width.max(self.height) as f64;
        let size = [pixel * self.width as f64, pixel * self.height as f64];
        let widest = self.images.iter().map(label_width).fold(size[0], f64::max).min(width);
        let across = (((width + GAP) / (widest + GAP)) as usize).max(1);
        let step = [widest + GAP, size[1] + LABEL + GAP];
        let shown = self.images.len().min(MOST_IMAGES);
        for (index, image) in self.images[..shown].iter().enumerate() {
            let at = [(index % across) as f64 * step[0], (index / across) as f64 * step[1]];
            self.draw_image(&mut draft, (index, image), at, (size, widest));
        }
        let mut bottom = shown.div_ceil(across) as f64 * step[1] - GAP + 4.0;
        if shown < self.images.len() {
            let note = format!(
                "The first {shown} of {} pictures are drawn; the table lists all.",
                self.images.len()
            );
            let set = (width, Style::START, Paint::Muted);
            bottom = draft.paragraph("note-thinned", [0.0, bottom + 16.0], &note, set) + 6.0;
        }
        let description = format!("{} {} pictures.", self.caption, self.images.len());
        draft.scene(&self.title, description, [width, bottom])
    }

    /// Why there is nothing to draw, as a sentence.
    fn problem(&self) -> Option<String> {
        let Some(pixels) = self.width.checked_mul(self.height).filter(|pixels| *pixels <= MOST_PIXELS) else {
            return Some(format!("The pictures are too fine to be drawn: at most {MOST_PIXELS} pixels are."));
        };
        if self.images.is_empty() || pixels == 0 {
            return Some("Nothing to draw: there are no pictures.".to_owned());
        }
        let torn = self.images.iter().position(|image| image.pixels.len() != pixels)?;
        let held = self.images[torn].pixels.len();
        Some(format!(
            "Picture {} cannot be drawn: it is {} by {} pixels, but {held} are given.",
            torn + 1,
            self.width,
            self.height
        ))
    }

    fn draw_image(
        &self,
        draft: &mut Draft,
        (index, image): (usize, &GalleryImage),
        [x, y]: [f64; 2],
        (size, room): ([f64; 2], f64),
    ) {
        let mut marks = Draft::default();
        let shape = Shape::Rect { at: [x, y], size, radius: 0.0 };
        marks.push(Mark::new(format!("frame-{index}"), shape, Paint::Panel));
        self.draw_ink(&mut marks, (index, image), [x, y], size);
        if image.marked {
            let (right, top) = (x + size[0], y);
            let corner = vec![[right - 13.0, top], [right, top], [right, top + 13.0]];
            let shape = Shape::Path { parts: vec![corner], closed: true };
            marks.push(Mark::new(format!("marked-{index}"), shape, Paint::Bad));
        }
        let baseline = y + size[1] + 16.0;
        let slot = image.slot.map(|slot| slot.to_string()).unwrap_or_default();
        let slot_room = if slot.is_empty() { 0.0 } else { text_width(&slot, 12.0) + 14.0 };
        let label = fitted(&image.label, 12.0, (room - slot_room - 6.0).max(0.0));
        marks.text(format!("label-{index}"), [x, baseline], label, Style::START);
        if let Some(number) = image.slot {
            let right = x + room;
            let place = [right - text_width(&slot, 12.0) - 8.0, baseline - 4.0];
            marks.push(Mark::new(format!("slot-{index}"), marker(number, place, 4.0), Paint::Slot(number)));
            marks.text(format!("slot-name-{index}"), [right, baseline], slot, Style::END);
        }
        let mark = Mark::new(format!("image-{index}"), Shape::Group { marks: marks.marks }, Paint::None);
        draft.push(mark.named(self.name_of(index, image)).focused(index));
    }

    /// One rectangle for each run of equally dark pixels of a line; paper is left out.
    fn draw_ink(
        &self,
        marks: &mut Draft,
        (index, image): (usize, &GalleryImage),
        [x, y]: [f64; 2],
        size: [f64; 2],
    ) {
        let pixel = [size[0] / self.width as f64, size[1] / self.height as f64];
        for (row, line) in image.pixels.chunks_exact(self.width).enumerate() {
            let mut column = 0;
            while column < self.width {
                let ink = line[column];
                let length = line[column..].iter().take_while(|other| **other == ink).count();
                if ink > 0 {
                    let at = [x + pixel[0] * column as f64, y + pixel[1] * row as f64];
                    let run = [pixel[0] * length as f64, pixel[1]];
                    let shade = Paint::Shade(Shade::Quantity(f64::from(ink) / 255.0));
                    marks.rect(format!("ink-{index}-{row}-{column}"), at, run, shade);
                }
                column += length;
            }
        }
    }

    fn name_of(&self, index: usize, image: &GalleryImage) -> String {
        let slot = image.slot.map(|slot| format!(", goes to {}", slot_name(&self.slot_names, slot)));
        let note = if image.note.is_empty() { String::new() } else { format!(", {}", image.note) };
        let number = image.slot.map(|slot| format!(" {slot}")).unwrap_or_default();
        // What is to be seen comes first, so that it can be spoken to choose the picture.
        format!("{}{number}, picture {}{}{note}", image.label, index + 1, slot.unwrap_or_default())
    }

    /// The table twin: one row per picture, its pixels in reading order.
    pub fn table(&self) -> Table {
        let row = |(index, image): (usize, &GalleryImage)| {
            let pixels: Vec<String> = image.pixels.iter().map(ToString::to_string).collect();
            vec![
                Cell::number(index as f64 + 1.0),
                Cell::text(&image.label),
                image.slot.map_or(Cell::Empty, |slot| Cell::text(slot_name(&self.slot_names, slot))),
                Cell::text(if image.marked { "yes" } else { "no" }),
                Cell::text(&image.note),
                Cell::text(pixels.join(" ")),
            ]
        };
        Table {
            title: self.title.clone(),
            caption: format!("{} {} by {} pixels from 0 to 255.", self.caption, self.width, self.height),
            columns: vec![
                Column::number("Picture", ""),
                Column::text("Label"),
                Column::text("Goes to"),
                Column::text("Marked"),
                Column::text("Note"),
                Column::text("Pixels"),
            ],
            rows: self.images.iter().enumerate().map(row).collect(),
        }
    }
}

/// The room that a picture's label and slot take.
fn label_width(image: &GalleryImage) -> f64 {
    let slot = image.slot.map_or(0.0, |slot| text_width(&slot.to_string(), 12.0) + 20.0);
    (text_width(&image.label, 12.0) + slot).min(160.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery(count: usize) -> Gallery {
        let image = |index: usize| GalleryImage {
            pixels: (0..12).map(|pixel| ((pixel * 37 + index * 11) % 256) as u8).collect(),
            label: (index % 10).to_string(),
            slot: index.checked_rem(5),
            note: if index == 1 { "taken for 7".to_owned() } else { String::new() },
            marked: index == 1,
        };
        Gallery {
            title: "Some pictures".to_owned(),
            caption: "How to read them.".to_owned(),
            width: 4,
            height: 3,
            images: (0..count).map(image).collect(),
            slot_names: Vec::new(),
        }
    }

    #[test]
    fn every_picture_has_a_mark_that_says_its_name_and_equal_data_give_an_equal_scene() {
        let scene = gallery(20).scene_at(288.0);
        assert_eq!(scene, gallery(20).scene_at(288.0));
        let names: Vec<_> = scene
            .marks
            .iter()
            .filter(|mark| mark.id.starts_with("image-"))
            .filter_map(|mark| mark.name.clone())
            .collect();
        assert_eq!(names.len(), 20);
        assert_eq!(names[1], "1 1, picture 2, goes to expert 1, taken for 7");
        let places: Vec<_> = scene.all_marks().iter().filter_map(|mark| mark.focus).collect();
        assert_eq!(places, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn everything_stays_in_the_picture_and_no_text_covers_another() {
        for width in [240.0, 288.0, 420.0, 672.0] {
            let mut plate = gallery(30);
            plate.images[3].label = "a label that is much too long for one small picture".to_owned();
            let scene = plate.scene_at(width);
            let boxes: Vec<_> = scene.text_boxes().into_iter().filter(|text| !text.text.is_empty()).collect();
            for (index, first) in boxes.iter().enumerate() {
                let [left, top, right, bottom] = first.edges;
                assert!(
                    left >= -1.0 && top >= -1.0 && right <= width + 1.0 && bottom <= scene.height + 1.0,
                    "{first:?}"
                );
                for second in &boxes[index + 1..] {
                    let [a, b, c, d] = second.edges;
                    let apart = right <= a + 0.5 || c <= left + 0.5 || bottom <= b + 0.5 || d <= top + 0.5;
                    assert!(apart, "{first:?} {second:?} at {width}");
                }
            }
        }
    }

    #[test]
    fn the_table_holds_every_pixel() {
        let plate = gallery(3);
        let rows = plate.table().rows;
        for (image, row) in plate.images.iter().zip(rows) {
            let Cell::Text(pixels) = &row[5] else { panic!("pixels are text") };
            let read: Vec<u8> = pixels.split(' ').map(|pixel| pixel.parse().expect("a number")).collect();
            assert_eq!(read, image.pixels);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_said_and_much_is_thinned() {
        let said = |plate: &Gallery| plate.scene_at(400.0).description;
        assert!(said(&gallery(0)).contains("there are no pictures"));
        let mut torn = gallery(3);
        torn.images[1].pixels.pop();
        assert!(said(&torn).contains("Picture 2 cannot be drawn: it is 4 by 3 pixels, but 11 are given"));
        let huge = Gallery { width: usize::MAX, ..gallery(1) };
        assert!(said(&huge).contains("too fine"));
        let many = gallery(MOST_IMAGES + 5).scene_at(400.0);
        assert_eq!(many.marks.iter().filter(|mark| mark.id.starts_with("image-")).count(), MOST_IMAGES);
        assert!(many.text_boxes().iter().any(|text| text.text.contains("of 205 pictures")));
    }
}
