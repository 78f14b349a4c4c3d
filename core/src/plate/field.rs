//! The field plate: which slot wins where in a plane, how surely, and the data points that lie in it.

mod drawing;
mod labels;
mod regions;

use super::data::{Cell, Column, Table};
use super::data_routing::{Field, FieldPoint, slot_name};
use super::frame::{Draft, Frame, Sample, key, vertical_ticks, vertical_title};
use super::number::{Domain, Ticks, drawable, significant, ticks};
use super::scene::{Scene, text_width};

/// From this width on, the slots are listed beside the plane instead of beneath it.
const ROOM_FOR_LIST: f64 = 560.0;
/// The width of that list.
const LIST: f64 = 172.0;
/// The longest side of the plane.
const LONGEST: f64 = 640.0;
/// Planes of more cells are refused.
const MOST_CELLS: usize = 512 * 512;

/// Where everything lies in a picture of some width.
struct Layout {
    frame: Frame,
    ticks: Ticks,
    /// Whether the slots are listed beside the plane.
    beside: bool,
}

impl Field {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        match self.problem() {
            Some(problem) => {
                let mut draft = Draft::default();
                let bottom = draft.refusal(&problem, width);
                draft.scene(&self.title, format!("{} {problem}", self.caption), [width, bottom])
            }
            None => self.draw(width),
        }
    }

    /// Why the plane cannot be drawn, as a sentence.
    fn problem(&self) -> Option<String> {
        let (columns, rows) = (self.columns, self.rows);
        let forward = |[low, high]: [f64; 2]| drawable(low) && drawable(high) && low < high;
        if columns == 0 || rows == 0 {
            Some("Nothing to draw: the plane has no cells.".to_owned())
        } else if columns.checked_mul(rows) != Some(self.slots.len()) {
            let held = self.slots.len();
            Some(format!("The plane cannot be drawn: it is {columns} by {rows} cells, but {held} are given."))
        } else if self.slots.len() > MOST_CELLS {
            Some(format!("The plane is too fine to be drawn: at most {MOST_CELLS} cells are."))
        } else if !forward(self.x_range) || !forward(self.y_range) {
            Some("The plane cannot be drawn: one of its sides has no length.".to_owned())
        } else {
            None
        }
    }

    /// Draws what stands above the plane and says where everything else lies.
    fn layout(&self, draft: &mut Draft, width: f64) -> Layout {
        let top = key(draft, 0.0, width, &self.key_entries());
        let domain = |[low, high]: [f64; 2]| Domain { low, high };
        let (x, y) = (domain(self.x_range), domain(self.y_range));
        let beside = width >= ROOM_FOR_LIST;
        // The last tick's label may reach past the plane.
        let labels = ticks(x, 4).marks.into_iter().map(|(_, label)| text_width(&label, 12.0) / 2.0 + 1.0);
        let room = width - if beside { LIST + 24.0 } else { labels.fold(8.0, f64::max) };
        // Equal lengths of both axes are equally long, within reason.
        let shape = ((y.high - y.low) / (x.high - x.low)).clamp(0.6, 1.2);
        let shape = if shape.is_nan() { 1.0 } else { shape };
        let (steps, left) = vertical_ticks(y, ((room - 48.0) * shape).min(LONGEST));
        let left = left + 4.0;
        let across = (room - left).min(LONGEST / shape.max(1.0));
        let top = vertical_title(draft, &self.y, &steps, (top, width)).max(top + 8.0);
        let frame = Frame { left, right: left + across, top, bottom: top + (across * shape).round(), x, y };
        Layout { frame, ticks: steps, beside }
    }

    fn frame(&self, width: f64) -> Frame {
        self.layout(&mut Draft::default(), width).frame
    }

    /// The place in the plane under a pixel of the picture of this width, if the pixel lies in the plane.
    pub fn data_at(&self, [across, down]: [f64; 2], width: f64) -> Option<[f64; 2]> {
        let Frame { left, right, top, bottom, x, y } = self.frame(width);
        let (across, up) = ((across - left) / (right - left), (bottom - down) / (bottom - top));
        let inside = [across, up].iter().all(|part| (0.0..=1.0).contains(part));
        let place = [x.low + across * (x.high - x.low), y.low + up * (y.high - y.low)];
        (self.problem().is_none() && inside).then_some(place)
    }

    /// The pixel of a place in the plane, in the picture of this width.
    pub fn pixel_of(&self, [x, y]: [f64; 2], width: f64) -> [f64; 2] {
        self.frame(width).place(x, y)
    }

    /// The share of the plane that goes to each slot; a slot without a cell has none.
    pub fn region_shares(&self) -> Vec<f64> {
        let last = self.slots.iter().map(|slot| usize::from(*slot) + 1).max().unwrap_or(0);
        let mut counts = vec![0_usize; last.max(self.slot_names.len())];
        for slot in &self.slots {
            counts[usize::from(*slot)] += 1;
        }
        let all = self.slots.len().max(1) as f64;
        counts.into_iter().map(|count| count as f64 / all).collect()
    }

    /// What a class is called.
    fn class_name(&self, class: usize) -> String {
        self.class_names.get(class).cloned().unwrap_or_else(|| format!("class {class}"))
    }

    fn key_entries(&self) -> Vec<(String, Sample)> {
        let classes = self.points.iter().map(|point| point.class + 1).max().unwrap_or(0);
        let mut entries: Vec<_> =
            (0..classes.min(12)).map(|class| (self.class_name(class), Sample::Class(class))).collect();
        if self.points.iter().any(|point| point.held_out) {
            entries.push(("hollow: held out".to_owned(), Sample::Hollow));
        }
        if !self.boundary.is_empty() {
            entries.push(("boundary between classes".to_owned(), Sample::Strong));
        }
        entries
    }

    fn name_of(&self, point: &FieldPoint) -> String {
        let label = if point.label.is_empty() { String::new() } else { format!("{}: ", point.label) };
        let class = self.class_name(point.class);
        let word = if class.starts_with("class") { "" } else { "class " };
        format!(
            "{label}Point at ({}, {}), {word}{class}, goes to {}{}",
            significant(point.x, 2),
            significant(point.y, 2),
            slot_name(&self.slot_names, point.slot),
            if point.held_out { ", held out" } else { "" }
        )
    }

    fn description(&self) -> String {
        let shares = self.region_shares().into_iter().enumerate();
        let shares: Vec<String> = shares
            .map(|(slot, share)| format!("{} {}", slot_name(&self.slot_names, slot), percent(share)))
            .collect();
        format!(
            "{} {} against {}. Shares of the plane: {}. {} points.",
            self.caption,
            self.y.label(),
            self.x.label(),
            shares.join(", "),
            self.points.len()
        )
    }

    /// The table twin: the slots with their shares of the plane, then the points.
    pub fn table(&self) -> Table {
        let slot = |(slot, share): (usize, f64)| {
            vec![
                Cell::text("region"),
                Cell::text(slot_name(&self.slot_names, slot)),
                Cell::number(share * 100.0),
            ]
        };
        let point = |point: &FieldPoint| {
            vec![
                Cell::text(if point.held_out { "held-out point" } else { "point" }),
                Cell::text(slot_name(&self.slot_names, point.slot)),
                Cell::Empty,
                Cell::text(self.class_name(point.class)),
                Cell::number(point.x),
                Cell::number(point.y),
                Cell::text(&point.label),
            ]
        };
        let regions = self.region_shares().into_iter().enumerate().map(slot);
        Table {
            title: self.title.clone(),
            caption: self.caption.clone(),
            columns: vec![
                Column::text("What"),
                Column::text("Goes to"),
                Column::number("Share of the plane", "%"),
                Column::text("Class"),
                Column::number(&self.x.title, &self.x.unit),
                Column::number(&self.y.title, &self.y.unit),
                Column::text("Label"),
            ],
            rows: regions.chain(self.points.iter().map(point)).collect(),
        }
    }
}

/// A share in whole per cent; a share that is not nothing is never written as 0%.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 { "< 1%".to_owned() } else { format!("{:.0}%", share * 100.0) }
}
