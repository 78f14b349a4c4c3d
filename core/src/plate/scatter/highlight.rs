//! The chosen point of a scatter: a ring around it, and its name where it covers few other points.

use super::has_place;
use crate::plate::data::{Highlight, Point, Scatter, Series};
use crate::plate::frame::{Draft, Frame};
use crate::plate::scene::{Mark, Paint, Shape, Style, fitted, text_width};

impl Scatter {
    /// The chosen point, if it is one of the points and has a place.
    pub(super) fn chosen(&self) -> Option<(&Highlight, &Series, &Point)> {
        let chosen = self.highlight.as_ref()?;
        let series = self.series.get(chosen.series)?;
        let point = series.points.get(chosen.point).filter(|point| has_place(point))?;
        Some((chosen, series, point))
    }

    /// Draws a ring around the chosen point, and its name beside it.
    pub(super) fn draw_highlight(&self, draft: &mut Draft, frame: &Frame) {
        let Some((chosen, series, point)) = self.chosen() else { return };
        let at = frame.place(point.x, point.y);
        let ring = Shape::Circle { at, radius: 9.0 };
        let mut marks = Draft::default();
        marks.push(Mark::new("chosen-halo", ring.clone(), Paint::Halo));
        marks.push(Mark::new("chosen-ring", ring, Paint::Strong));
        let name = fitted(&chosen.name, 12.0, (frame.right - frame.left) / 2.0 - 26.0);
        let size = [text_width(&name, 12.0) + 12.0, 20.0];
        let [left, top] = self.free_place(frame, at, size);
        let ground = Shape::Rect { at: [left, top], size, radius: 6.0 };
        marks.push(Mark::new("chosen-ground", ground, Paint::Chip));
        marks.text("chosen-name", [left + 6.0, top + 14.0], name, Style::START.strong());
        let group = Mark::new("chosen", Shape::Group { marks: marks.marks }, Paint::None);
        let name = format!("{}: {}", chosen.name, self.name_of(series, point));
        draft.push(group.named(name).focused(self.series.len()));
    }

    /// Where a label of this size lies beside a point: in the frame, over as few points as possible.
    fn free_place(&self, frame: &Frame, [x, y]: [f64; 2], [width, height]: [f64; 2]) -> [f64; 2] {
        let (middle, level) = (x - width / 2.0, y - height / 2.0);
        let around =
            [[middle, y + 14.0], [middle, y - 14.0 - height], [x + 14.0, level], [x - 14.0 - width, level]];
        let inside = |[left, top]: [f64; 2]| {
            let (last, lowest) = (frame.right - width, frame.bottom - height);
            (frame.left..=last.max(frame.left)).contains(&left)
                && (frame.top..=lowest.max(frame.top)).contains(&top)
        };
        let shown: Vec<[f64; 2]> = self
            .points()
            .filter(|point| has_place(point))
            .map(|point| frame.place(point.x, point.y))
            .collect();
        let covered = |[left, top]: [f64; 2]| {
            let over = |point: &&[f64; 2]| {
                (left - 5.0..left + width + 5.0).contains(&point[0])
                    && (top - 5.0..top + height + 5.0).contains(&point[1])
            };
            shown.iter().filter(over).count()
        };
        // A frame too small for any of them has the label in its corner.
        let corner = [frame.left, frame.top];
        around.into_iter().filter(|at| inside(*at)).min_by_key(|at| covered(*at)).unwrap_or(corner)
    }
}
