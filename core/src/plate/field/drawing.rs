//! How a field is drawn: cells, lines between regions, the boundary of classes, points, and a label in each region.

use super::regions::outlines;
use super::{LIST, Layout, percent};
use crate::plate::data_routing::{Field, FieldPoint, numbered_name};
use crate::plate::frame::{Draft, Frame, horizontal_axis, vertical_axis};
use crate::plate::number::drawable;
use crate::plate::palette::{class_marker, marker};
use crate::plate::scene::{Mark, Paint, Scene, Shape, Style, fitted, text_width};

/// At most so many points are drawn.
const MOST_POINTS: usize = 600;
/// The height of a row of the list of slots.
const ROW: f64 = 20.0;

impl Field {
    pub(super) fn draw(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let Layout { frame, ticks, beside } = self.layout(&mut draft, width);
        // Short ticks outside: lines would show through the cells.
        vertical_axis(&mut draft, &Frame { left: frame.left - 4.0, right: frame.left, ..frame }, &ticks);
        let bottom = horizontal_axis(&mut draft, &frame, &self.x, false);
        let size = [frame.right - frame.left, frame.bottom - frame.top];
        let cells = Shape::Pixels {
            at: [frame.left, frame.top],
            size,
            columns: self.columns,
            rows: self.rows,
            slots: self.slots.clone(),
            strength: self.strength.clone(),
        };
        draft.push(Mark::new("cells", cells, Paint::None));
        self.draw_lines(&mut draft, &frame);
        draft.rect("edge", [frame.left, frame.top], size, Paint::Unlit);
        let labels = self.labels(&frame);
        let missing = self.draw_points(&mut draft, &frame, labels.len());
        for (place, label) in labels.into_iter().enumerate() {
            draft.push(label.focused(place));
        }
        let bottom = if beside {
            let room = frame.bottom - frame.top;
            self.draw_list(&mut draft, [frame.right + 24.0, frame.top], [LIST, room]).max(bottom)
        } else {
            self.draw_list(&mut draft, [0.0, bottom + 12.0], [width, f64::INFINITY])
        };
        let bottom = self.note_points(&mut draft, missing, (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn draw_lines(&self, draft: &mut Draft, frame: &Frame) {
        let cell =
            [(frame.right - frame.left) / self.columns as f64, (frame.bottom - frame.top) / self.rows as f64];
        let place = |[x, y]: [usize; 2]| [frame.left + x as f64 * cell[0], frame.top + y as f64 * cell[1]];
        let parts: Vec<Vec<[f64; 2]>> =
            outlines(self.columns, &self.slots).into_iter().map(|line| line.map(place).to_vec()).collect();
        if !parts.is_empty() {
            draft.push(Mark::new("borders", Shape::Path { parts, closed: false }, Paint::Border));
        }
        let parts: Vec<_> = self.boundary.iter().flat_map(|line| clipped(frame, line)).collect();
        if !parts.is_empty() {
            let shape = Shape::Path { parts, closed: false };
            draft.push(Mark::new("boundary-halo", shape.clone(), Paint::Halo));
            let name = "boundary between the predicted classes";
            draft.push(Mark::new("boundary", shape, Paint::Strong).named(name));
        }
    }

    /// Every how manieth point is drawn.
    fn thinning(&self) -> usize {
        self.points.len().div_ceil(MOST_POINTS).max(1)
    }

    /// Draws the points and returns how many have no place.
    fn draw_points(&self, draft: &mut Draft, frame: &Frame, first: usize) -> usize {
        let inside = |point: &&FieldPoint| {
            drawable(point.x) && drawable(point.y) && frame.x.holds(point.x) && frame.y.holds(point.y)
        };
        let radius = if self.points.len() > 250 { 3.2 } else { 4.0 };
        let shown =
            self.points.iter().enumerate().step_by(self.thinning()).filter(|(_, point)| inside(point));
        for (place, (index, point)) in shown.enumerate() {
            let shape = class_marker(point.class, frame.place(point.x, point.y), radius);
            let paint = if point.held_out { Paint::Hollow } else { Paint::Dot };
            let mark = Mark::new(format!("point-{index}"), shape, paint);
            draft.push(mark.named(self.name_of(point)).focused(first + place));
        }
        self.points.iter().filter(|point| !inside(point)).count()
    }

    /// Says beneath the picture which points are not in it; returns the lower end.
    fn note_points(&self, draft: &mut Draft, missing: usize, (bottom, width): (f64, f64)) -> f64 {
        let (every, all) = (self.thinning(), self.points.len());
        let thinned = format!("One in {every} of the {all} points is drawn; the table lists all.");
        let outside = format!("Not drawn, because they lie outside of the plane: {missing} of {all} points.");
        let notes = [(every > 1, "note-thinned", thinned), (missing > 0, "note-missing", outside)];
        notes.into_iter().filter(|note| note.0).fold(bottom, |bottom, (_, id, note)| {
            draft.paragraph(id, [0.0, bottom + 16.0], &note, (width, Style::START, Paint::Muted)) + 6.0
        })
    }

    /// Lists the slots with their shares of the plane; returns the lower end.
    fn draw_list(&self, draft: &mut Draft, [left, top]: [f64; 2], [width, height]: [f64; 2]) -> f64 {
        let shares = self.region_shares();
        let lanes = if width >= 400.0 { 2 } else { 1 };
        let gap = 24.0;
        let lane = (width - gap * (lanes - 1) as f64) / lanes as f64;
        let room = (((height - 24.0) / ROW).min(16.0) as usize).max(1) * lanes;
        let shown = if shares.len() > room { room - 1 } else { shares.len() };
        draft.text("list-title", [left, top + 12.0], "share of the plane", Style::START).paint = Paint::Muted;
        let rows = shares.len().min(room).div_ceil(lanes);
        let place = |entry: usize| {
            [
                left + (entry / rows.max(1)) as f64 * (lane + gap),
                top + 20.0 + (entry % rows.max(1)) as f64 * ROW,
            ]
        };
        for (slot, share) in shares.iter().enumerate().take(shown) {
            let [x, y] = place(slot);
            let share = percent(*share);
            draft.push(Mark::new(
                format!("list-{slot}"),
                marker(slot, [x + 6.0, y + 10.0], 5.0),
                Paint::Slot(slot),
            ));
            let name =
                fitted(&numbered_name(&self.slot_names, slot), 12.0, lane - 26.0 - text_width(&share, 12.0));
            draft.text(format!("list-name-{slot}"), [x + 18.0, y + 14.0], name, Style::START);
            draft.text(format!("list-share-{slot}"), [x + lane, y + 14.0], share, Style::END);
        }
        if shown < shares.len() {
            let [x, y] = place(shown);
            let rest = fitted(&format!("and {} more, in the table", shares.len() - shown), 12.0, lane);
            draft.text("list-rest", [x, y + 14.0], rest, Style::START).paint = Paint::Muted;
        }
        top + 20.0 + rows as f64 * ROW + 8.0
    }
}

/// The parts of a line through points that lie in the frame.
fn clipped(frame: &Frame, line: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
    let mut parts: Vec<Vec<[f64; 2]>> = Vec::new();
    for pair in line.windows(2) {
        let &[from, to] = pair else { continue };
        let Some([from, to]) = clipped_segment(frame, from, to) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// The part of a straight line that lies in the frame, in pixels (after Liang and Barsky).
fn clipped_segment(frame: &Frame, from: [f64; 2], to: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    if ![from[0], from[1], to[0], to[1]].into_iter().all(drawable) {
        return None;
    }
    let (from, to) = (frame.place(from[0], from[1]), frame.place(to[0], to[1]));
    let reach = [to[0] - from[0], to[1] - from[1]];
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (start, step, low, high) in
        [(from[0], reach[0], frame.left, frame.right), (from[1], reach[1], frame.top, frame.bottom)]
    {
        if step == 0.0 {
            if start < low || start > high {
                return None;
            }
            continue;
        }
        let (enter, leave) = ((low - start) / step, (high - start) / step);
        first = first.max(enter.min(leave));
        last = last.min(enter.max(leave));
    }
    let at = |part: f64| [from[0] + part * reach[0], from[1] + part * reach[1]];
    // Whole segments keep their ends exactly, so that neighbours join.
    let end = if last >= 1.0 { to } else { at(last) };
    (first <= last).then(|| [if first <= 0.0 { from } else { at(first) }, end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::number::Domain;

    #[test]
    fn a_boundary_is_cut_where_it_leaves_the_plane() {
        let unit = Domain { low: 0.0, high: 10.0 };
        let frame = Frame { left: 0.0, right: 10.0, top: 0.0, bottom: 10.0, x: unit, y: unit };
        let line = [[-5.0, 5.0], [5.0, 5.0], [5.0, 15.0], [f64::NAN, 0.0], [1.0, 1.0], [2.0, 1.0]];
        let parts = clipped(&frame, &line);
        assert_eq!(parts, [vec![[0.0, 5.0], [5.0, 5.0], [5.0, 0.0]], vec![[1.0, 9.0], [2.0, 9.0]]]);
        assert!(clipped(&frame, &[[11.0, -1.0], [11.0, 11.0]]).is_empty());
    }
}
