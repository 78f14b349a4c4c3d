//! The field plate: which slot wins where in a plane, how surely, and the data points that lie in it.

use super::data::{Cell, Column, Table};
use super::data_routing::{Field, FieldPoint};
use super::frame::Frame;
use super::number::{Domain, drawable, significant};
use super::scene::Scene;

impl Field {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        Scene { title: self.title.clone(), ..self.table().scene_at(width) }
    }

    /// The rectangle of the plane in the picture of this width.
    fn frame(&self, width: f64) -> Frame {
        let domain = |[low, high]: [f64; 2]| Domain { low, high };
        let (x, y) = (domain(self.x_range), domain(self.y_range));
        Frame { left: 48.0, right: width - 8.0, top: 24.0, bottom: width, x, y }
    }

    /// The place in the plane under a pixel of the picture of this width, if the pixel lies in the plane.
    pub fn data_at(&self, [across, down]: [f64; 2], width: f64) -> Option<[f64; 2]> {
        let frame = self.frame(width);
        let x = (across - frame.left) / (frame.right - frame.left);
        let y = (frame.bottom - down) / (frame.bottom - frame.top);
        let inside = [x, y].iter().all(|part| (0.0..=1.0).contains(part));
        inside.then(|| {
            [frame.x.low + x * (frame.x.high - frame.x.low), frame.y.low + y * (frame.y.high - frame.y.low)]
        })
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

    /// What a slot is called.
    fn slot_name(&self, slot: usize) -> String {
        self.slot_names.get(slot).cloned().unwrap_or_else(|| format!("expert {slot}"))
    }

    /// What a class is called.
    fn class_name(&self, class: usize) -> String {
        self.class_names.get(class).cloned().unwrap_or_else(|| format!("class {class}"))
    }

    /// The table twin: the slots with their shares of the plane, then the points.
    pub fn table(&self) -> Table {
        let slot = |(slot, share): (usize, f64)| {
            let name = self.slot_name(slot);
            vec![Cell::text("region"), Cell::text(name), Cell::number(share * 100.0)]
        };
        let point = |point: &FieldPoint| {
            vec![
                Cell::text(if point.held_out { "held-out point" } else { "point" }),
                Cell::text(self.slot_name(point.slot)),
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
