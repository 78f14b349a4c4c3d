//! The labels in a field's regions: each slot's marker and number, where they cover little else.

use super::percent;
use super::regions::{Region, regions};
use crate::order;
use crate::plate::data_routing::{Field, slot_name};
use crate::plate::frame::Frame;
use crate::plate::palette::marker;
use crate::plate::scene::{Mark, Paint, Shape, Style, text_width};

/// The height of a label.
const CHIP: f64 = 20.0;

impl Field {
    /// A group for each slot that has cells: its labels, under a name that says what it wins.
    pub(super) fn labels(&self, frame: &Frame) -> Vec<Mark> {
        let mut groups: Vec<(u8, Vec<Mark>)> = Vec::new();
        let mut taken: Vec<[f64; 2]> = Vec::new();
        for region in regions(self.columns, &self.slots, &self.crowd(frame)) {
            let known = groups.iter().position(|(slot, _)| *slot == region.slot);
            let group = known.unwrap_or_else(|| {
                groups.push((region.slot, Vec::new()));
                groups.len() - 1
            });
            if let Some(at) = self.place_label(frame, &region, &taken, known.is_none()) {
                taken.push(at);
                let number = groups[group].1.len();
                let slot = usize::from(region.slot);
                groups[group].1.extend(chip(&format!("label-{slot}-{number}"), slot, at));
            }
        }
        order::sort_by_key(&mut groups, |(slot, _)| *slot);
        let shares = self.region_shares();
        let named = |(slot, marks): (u8, Vec<Mark>)| {
            let slot = usize::from(slot);
            let name = slot_name(&self.slot_names, slot);
            let name = format!(
                "{name}: {} of the plane, {} sure",
                percent(shares[slot]),
                percent(self.sureness(slot))
            );
            Mark::new(format!("region-{slot}"), Shape::Group { marks }, Paint::None).named(name)
        };
        groups.into_iter().map(named).collect()
    }

    /// The mean probability with which a slot wins where it wins.
    fn sureness(&self, slot: usize) -> f64 {
        let cells = self.slots.iter().enumerate().filter(|(_, other)| usize::from(**other) == slot);
        let (sum, count) = cells.fold((0.0, 0.0), |(sum, count), (cell, _)| {
            (sum + f64::from(self.strength.get(cell).copied().unwrap_or(255)), count + 1.0)
        });
        if count > 0.0 { sum / count / 255.0 } else { 0.0 }
    }

    /// How much a label on each cell would cover of the points and of the boundary.
    fn crowd(&self, frame: &Frame) -> Vec<f64> {
        let (columns, rows) = (self.columns, self.rows);
        // Sums over all cells above and to the left, so that any rectangle's sum takes four look-ups.
        let mut sums = vec![0.0; (columns + 1) * (rows + 1)];
        let points = self.points.iter().map(|point| [point.x, point.y]);
        for [x, y] in points.chain(self.boundary.iter().flatten().copied()) {
            let (across, up) = (frame.x.position(x), frame.y.position(y));
            if (0.0..1.0).contains(&across) && (0.0..1.0).contains(&(1.0 - up)) {
                let (column, row) = (across * columns as f64, (1.0 - up) * rows as f64);
                sums[(row as usize + 1) * (columns + 1) + column as usize + 1] += 1.0;
            }
        }
        for row in 1..=rows {
            for column in 1..=columns {
                let at = row * (columns + 1) + column;
                sums[at] += sums[at - 1] + sums[at - columns - 1] - sums[at - columns - 2];
            }
        }
        let wide = (20.0 * columns as f64 / (frame.right - frame.left)).ceil() as usize;
        let high = (CHIP / 2.0 * rows as f64 / (frame.bottom - frame.top)).ceil() as usize;
        let covered = |cell: usize| {
            let (row, column) = (cell / columns, cell % columns);
            let (top, bottom) = (row.saturating_sub(high), (row + high + 1).min(rows));
            let (left, right) = (column.saturating_sub(wide), (column + wide + 1).min(columns));
            let sum = |row: usize, column: usize| sums[row * (columns + 1) + column];
            sum(bottom, right) - sum(top, right) - sum(bottom, left) + sum(top, left)
        };
        (0..columns * rows).map(|cell| 0.08 * covered(cell)).collect()
    }

    /// Where a region's label lies: inside, and clear of all others. Only a slot's largest region has a label
    /// although it is too thin for one.
    fn place_label(
        &self,
        frame: &Frame,
        region: &Region,
        taken: &[[f64; 2]],
        largest: bool,
    ) -> Option<[f64; 2]> {
        let (across, down) = (frame.right - frame.left, frame.bottom - frame.top);
        let cell = [across / self.columns as f64, down / self.rows as f64];
        let half = chip_width(usize::from(region.slot)) / 2.0;
        let small = (region.cells as f64) < 0.02 * self.slots.len() as f64;
        let middle = |place: usize| {
            let (row, column) = ((place / self.columns) as f64, (place % self.columns) as f64);
            let x = (frame.left + (column + 0.5) * cell[0])
                .clamp(frame.left + half + 2.0, frame.right - half - 2.0);
            let y = (frame.top + (row + 0.5) * cell[1]).clamp(frame.top + 12.0, frame.bottom - 12.0);
            [x, y]
        };
        let clear = |at: &[f64; 2]| {
            taken.iter().all(|other| {
                (at[0] - other[0]).abs() > 2.0 * half + 8.0 || (at[1] - other[1]).abs() > CHIP + 2.0
            })
        };
        let fits = |deep: f64| deep * cell[0].min(cell[1]) >= CHIP / 2.0 + 2.0;
        let places = region.places.iter().filter(|place| largest || (!small && fits(place.1)));
        places.map(|place| middle(place.0)).find(clear)
    }
}

fn chip_width(slot: usize) -> f64 {
    25.0 + text_width(&slot.to_string(), 12.0)
}

/// A region's label: the slot's marker and number on paper.
fn chip(id: &str, slot: usize, [x, y]: [f64; 2]) -> [Mark; 3] {
    let width = chip_width(slot);
    let left = x - width / 2.0;
    let ground = Shape::Rect { at: [left, y - CHIP / 2.0], size: [width, CHIP], radius: 6.0 };
    let number =
        Shape::Text { at: [left + 18.0, y + 4.0], text: slot.to_string(), style: Style::START.strong() };
    [
        Mark::new(id, ground, Paint::Chip),
        Mark::new(format!("{id}-marker"), marker(slot, [left + 10.0, y], 4.5), Paint::Slot(slot)),
        Mark::new(format!("{id}-number"), number, Paint::Ink),
    ]
}
