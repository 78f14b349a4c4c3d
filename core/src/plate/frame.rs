//! What the plates with axes have in common: the key above, the frame with its ticks, the note beneath.

use super::data::Axis;
use super::number::{Domain, Ticks, ticks};
use super::palette::{class_marker, marker};
use super::scene::{Mark, Paint, Scene, Shape, Style, fitted, text_width, wrapped};

/// The distance between two lines of small text.
pub const LINE_HEIGHT: f64 = 16.0;

/// Marks being collected, from back to front.
#[derive(Default)]
pub struct Draft {
    /// The marks so far.
    pub marks: Vec<Mark>,
}

impl Draft {
    /// Adds a mark and returns it for its name or paint.
    pub fn push(&mut self, mark: Mark) -> &mut Mark {
        let place = self.marks.len();
        self.marks.push(mark);
        &mut self.marks[place]
    }

    /// Adds a line of text in ink.
    pub fn text(
        &mut self,
        id: impl Into<String>,
        at: [f64; 2],
        text: impl Into<String>,
        style: Style,
    ) -> &mut Mark {
        self.push(Mark::new(id, Shape::Text { at, text: text.into(), style }, Paint::Ink))
    }

    /// Adds a straight line.
    pub fn line(&mut self, id: impl Into<String>, from: [f64; 2], to: [f64; 2], paint: Paint) -> &mut Mark {
        self.push(Mark::new(id, Shape::Line { from, to }, paint))
    }

    /// Adds a rectangle with square corners.
    pub fn rect(&mut self, id: impl Into<String>, at: [f64; 2], size: [f64; 2], paint: Paint) -> &mut Mark {
        self.push(Mark::new(id, Shape::Rect { at, size, radius: 0.0 }, paint))
    }

    /// Adds a text in lines of at most `width`, its first baseline at `at`; returns the last baseline.
    pub fn paragraph(
        &mut self,
        id: &str,
        at: [f64; 2],
        text: &str,
        (width, style, paint): (f64, Style, Paint),
    ) -> f64 {
        let mut baseline = at[1];
        for (index, line) in wrapped(text, style.size, width).into_iter().enumerate() {
            baseline = at[1] + index as f64 * (style.size * 1.35).round();
            self.text(format!("{id}-{index}"), [at[0], baseline], line, style).paint = paint;
        }
        baseline
    }

    /// Says instead of a picture why there is none; returns the lower end.
    pub fn refusal(&mut self, sentence: &str, width: f64) -> f64 {
        let set = (width, Style::START.sized(14.0), Paint::Muted);
        self.paragraph("note-empty", [0.0, 24.0], sentence, set) + 12.0
    }

    /// The finished picture.
    pub fn scene(self, title: &str, description: String, [width, height]: [f64; 2]) -> Scene {
        Scene { title: title.to_owned(), description, width, height: height.ceil(), marks: self.marks }
    }
}

/// What stands beside a name in the key.
#[derive(Clone, Copy)]
pub enum Sample {
    /// A slot's marker.
    Marker(usize),
    /// A slot's hatched area.
    Swatch(usize),
    /// The line to compare with.
    Reference,
    /// A quiet area.
    Area,
    /// The full marker of a class of data points.
    Class(usize),
    /// A hollow marker.
    Hollow,
    /// A strong line.
    Strong,
    /// A bar that is struck through.
    Dropped,
}

/// Draws the key in rows from `top` and returns where it ends.
pub fn key(draft: &mut Draft, top: f64, width: f64, entries: &[(String, Sample)]) -> f64 {
    let (mut x, mut y) = (0.0, top);
    for (index, (name, sample)) in entries.iter().enumerate() {
        let name = fitted(name, 12.0, width - 24.0);
        let length = 24.0 + text_width(&name, 12.0);
        if x > 0.0 && x + length > width {
            (x, y) = (0.0, y + 20.0);
        }
        let id = format!("key-{index}");
        match *sample {
            Sample::Marker(slot) => {
                draft.push(Mark::new(id, marker(slot, [x + 8.0, y + 10.0], 5.0), Paint::Slot(slot)));
            }
            Sample::Swatch(slot) => {
                draft.rect(id, [x, y + 4.0], [16.0, 12.0], Paint::Hatch(slot));
            }
            Sample::Reference => {
                draft.line(id, [x, y + 10.0], [x + 16.0, y + 10.0], Paint::Reference);
            }
            Sample::Area => {
                draft.rect(id, [x, y + 4.0], [16.0, 12.0], Paint::Area);
            }
            Sample::Class(class) => {
                draft.push(Mark::new(id, class_marker(class, [x + 8.0, y + 10.0], 4.5), Paint::Dot));
            }
            Sample::Hollow => {
                draft.push(Mark::new(id, class_marker(0, [x + 8.0, y + 10.0], 4.5), Paint::Hollow));
            }
            Sample::Strong => {
                draft.line(id, [x, y + 10.0], [x + 16.0, y + 10.0], Paint::Strong);
            }
            Sample::Dropped => {
                struck(draft, &id, [x, y + 4.0], [16.0, 12.0]);
            }
        }
        draft.text(format!("key-name-{index}"), [x + 22.0, y + 14.0], name, Style::START);
        x += length + 16.0;
    }
    if entries.is_empty() { top } else { y + 28.0 }
}

/// Draws a rectangle that is struck through by slanted lines, which do not leave it, and returns it for its name.
pub fn struck<'a>(draft: &'a mut Draft, id: &str, at: [f64; 2], size: [f64; 2]) -> &'a mut Mark {
    let parts = slanted_lines(at, size, 6.0);
    if !parts.is_empty() {
        let shape = Shape::Path { parts, closed: false };
        draft.push(Mark::new(format!("{id}-strike"), shape, Paint::Dropped));
    }
    draft.rect(id, at, size, Paint::Dropped)
}

/// Lines from lower left to upper right through a rectangle, so far apart.
fn slanted_lines([left, top]: [f64; 2], [width, height]: [f64; 2], apart: f64) -> Vec<Vec<[f64; 2]>> {
    let count = ((width + height) / apart).min(400.0) as usize;
    let line = |index: usize| {
        // The line `across + down = distance`, measured from the upper left corner.
        let distance = apart * (index as f64 + 0.5);
        let from = [left + (distance - height).max(0.0), top + distance.min(height)];
        let to = [left + distance.min(width), top + (distance - width).max(0.0)];
        vec![from, to]
    };
    (0..count).map(line).collect()
}

/// The rectangle that data are drawn in, and the stretches of numbers it shows.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Upper edge.
    pub top: f64,
    /// Lower edge.
    pub bottom: f64,
    /// The horizontal stretch.
    pub x: Domain,
    /// The vertical stretch.
    pub y: Domain,
}

impl Frame {
    /// Where a horizontal value lies.
    pub fn across(&self, value: f64) -> f64 {
        self.left + self.x.position(value) * (self.right - self.left)
    }

    /// Where a vertical value lies.
    pub fn down(&self, value: f64) -> f64 {
        self.bottom - self.y.position(value) * (self.bottom - self.top)
    }

    /// Where a pair of values lies.
    pub fn place(&self, x: f64, y: f64) -> [f64; 2] {
        [self.across(x), self.down(y)]
    }
}

/// The vertical ticks for a frame of this height, and the room that their labels take.
pub fn vertical_ticks(domain: Domain, height: f64) -> (Ticks, f64) {
    let ticks = ticks(domain, (height / 48.0).clamp(2.0, 8.0) as usize);
    let room = ticks.marks.iter().fold(0.0_f64, |room, (_, label)| room.max(text_width(label, 12.0)));
    (ticks, room + 10.0)
}

/// Draws the vertical axis's title from `top` and returns where the data may begin.
pub fn vertical_title(draft: &mut Draft, axis: &Axis, ticks: &Ticks, (top, width): (f64, f64)) -> f64 {
    let title = with_offset(axis, ticks);
    if title.is_empty() {
        return top + 8.0;
    }
    draft.paragraph("axis-y-title", [0.0, top + 12.0], &title, (width, Style::START, Paint::Muted)) + 16.0
}

/// Draws the vertical axis: a rule and a label at each tick.
pub fn vertical_axis(draft: &mut Draft, frame: &Frame, ticks: &Ticks) {
    for (index, (value, label)) in ticks.marks.iter().enumerate() {
        let y = frame.down(*value);
        draft.line(format!("grid-y-{index}"), [frame.left, y], [frame.right, y], Paint::Rule);
        draft.text(format!("tick-y-{index}"), [frame.left - 8.0, y + 4.0], label.clone(), Style::END).paint =
            Paint::Muted;
    }
}

/// Draws the horizontal axis with as many ticks as fit, and its title; returns the lower end.
pub fn horizontal_axis(draft: &mut Draft, frame: &Frame, axis: &Axis, grid: bool) -> f64 {
    let ticks = fitting_ticks(frame);
    draft.line("axis-x", [frame.left, frame.bottom], [frame.right, frame.bottom], Paint::Edge);
    for (index, (value, label)) in ticks.marks.iter().enumerate() {
        let x = frame.across(*value);
        let upper = if grid { frame.top } else { frame.bottom };
        draft.line(format!("grid-x-{index}"), [x, upper], [x, frame.bottom + 4.0], Paint::Rule);
        draft.text(format!("tick-x-{index}"), [x, frame.bottom + 18.0], label.clone(), Style::MIDDLE).paint =
            Paint::Muted;
    }
    let title = with_offset(axis, &ticks);
    if title.is_empty() {
        return frame.bottom + 24.0;
    }
    let middle = (frame.left + frame.right) / 2.0;
    let set = (frame.right - frame.left, Style::MIDDLE, Paint::Muted);
    draft.paragraph("axis-x-title", [middle, frame.bottom + 38.0], &title, set) + 6.0
}

fn fitting_ticks(frame: &Frame) -> Ticks {
    let fits = |ticks: &Ticks| {
        ticks.marks.windows(2).all(|pair| {
            let [(first, first_label), (second, second_label)] = pair else { return true };
            let room = (text_width(first_label, 12.0) + text_width(second_label, 12.0)) / 2.0 + 8.0;
            frame.across(*second) - frame.across(*first) >= room
        })
    };
    let tries = (2..=8).rev().map(|count| ticks(frame.x, count));
    tries.into_iter().find(fits).unwrap_or_else(|| {
        let mut ticks = ticks(frame.x, 2);
        ticks.marks.truncate(1);
        ticks
    })
}

fn with_offset(axis: &Axis, ticks: &Ticks) -> String {
    match &ticks.offset {
        Some(offset) => format!("{}, above {offset}", axis.label()),
        None => axis.label(),
    }
}

/// Says beneath the picture how many values have no place in it; returns the lower end.
pub fn note_missing(draft: &mut Draft, missing: usize, what: &str, (bottom, width): (f64, f64)) -> f64 {
    if missing == 0 {
        return bottom;
    }
    let (plural, verb) = if missing == 1 { ("", "has") } else { ("s", "have") };
    let note =
        format!("{missing} {what}{plural} {verb} no finite value and cannot be drawn; the table lists all.");
    draft.paragraph("note-missing", [0.0, bottom + 16.0], &note, (width, Style::START, Paint::Muted)) + 6.0
}

/// Says in the middle of an empty frame that there is nothing to draw.
pub fn note_empty(draft: &mut Draft, frame: &Frame) {
    let middle = [(frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0 - 18.0];
    let set = (frame.right - frame.left, Style::MIDDLE.sized(14.0), Paint::Muted);
    draft.paragraph("note-empty", middle, "Nothing to draw: there are no values.", set);
}
