//! The curve plate: lines with interval bands, each named where it ends.

use super::data::{Cell, Column, Curve, CurvePoint, Line, Table};
use super::frame::{
    Draft, Frame, LINE_HEIGHT, Sample, horizontal_axis, key, note_empty, note_missing, vertical_axis,
    vertical_ticks, vertical_title,
};
use super::number::{Domain, drawable, interval, significant};
use super::palette::marker;
use super::scene::{Mark, Paint, Scene, Shape, Style, fitted, text_width};
use crate::order;

/// Below this width lines are named in a key above instead of at their ends.
const ROOM_FOR_LABELS: f64 = 480.0;

impl Curve {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let height = (width * 0.5).clamp(180.0, 320.0);
        let direct = width >= ROOM_FOR_LABELS && self.lines.len() as f64 * LINE_HEIGHT <= height;
        let entries: Vec<_> =
            self.lines.iter().map(|line| (line.name.clone(), Sample::Marker(line.slot))).collect();
        let top = key(&mut draft, 0.0, width, if direct { &[] } else { &entries });
        let (x, y) = self.domains();
        let (ticks, left) = vertical_ticks(y, height);
        let top = vertical_title(&mut draft, &self.y, &ticks, (top, width));
        let names = self.lines.iter().map(|line| text_width(&line.name, 12.0));
        let room = if direct { names.fold(0.0_f64, f64::max).min(width * 0.3) + 26.0 } else { 24.0 };
        let frame = Frame { left, right: width - room, top, bottom: top + height, x, y };
        vertical_axis(&mut draft, &frame, &ticks);
        let bottom = horizontal_axis(&mut draft, &frame, &self.x, false);
        for (index, line) in self.lines.iter().enumerate() {
            draw_band(&mut draft, &frame, (index, line));
        }
        for (index, line) in self.lines.iter().enumerate() {
            self.draw_line(&mut draft, &frame, (index, line));
        }
        if direct {
            self.draw_names(&mut draft, &frame, room - 26.0);
        }
        if self.lines.iter().all(|line| line.points.is_empty()) {
            note_empty(&mut draft, &frame);
        }
        let missing =
            self.lines.iter().flat_map(|line| &line.points).filter(|point| !has_place(point)).count();
        let bottom = note_missing(&mut draft, missing, "point", (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn domains(&self) -> (Domain, Domain) {
        let shown = || self.lines.iter().flat_map(|line| &line.points).filter(|point| has_place(point));
        let values = shown().flat_map(|point| [Some(point.y), point.low, point.high].into_iter().flatten());
        (Domain::around(shown().map(|point| point.x), 0.0), Domain::around(values, 0.06))
    }

    fn draw_line(&self, draft: &mut Draft, frame: &Frame, (index, line): (usize, &Line)) {
        let parts: Vec<Vec<[f64; 2]>> = runs(&line.points)
            .map(|run| run.iter().map(|point| frame.place(point.x, point.y)).collect())
            .collect();
        let shape = Shape::Path { parts, closed: false };
        let mut marks = vec![Mark::new(format!("path-{index}"), shape, Paint::Stroke(line.slot))];
        let shown: Vec<&CurvePoint> = line.points.iter().filter(|point| has_place(point)).collect();
        let every = shown.len().div_ceil(8).max(1);
        for (number, point) in shown.iter().enumerate().rev() {
            if (shown.len() - 1 - number).is_multiple_of(every) {
                let shape = marker(line.slot, frame.place(point.x, point.y), 4.0);
                let mark = Mark::new(format!("point-{index}-{number}"), shape, Paint::Slot(line.slot));
                marks.push(mark.named(self.name_of(line, point)));
            }
        }
        let name = format!("{}: {} points", line.name, line.points.len());
        let group = Mark::new(format!("line-{index}"), Shape::Group { marks }, Paint::None);
        draft.push(group.named(name).focused(index));
    }

    fn name_of(&self, line: &Line, point: &CurvePoint) -> String {
        let value = match (point.low, point.high) {
            (Some(low), Some(high)) => interval(point.y, low, high),
            _ => significant(point.y, 3),
        };
        format!("{}, {} {}: {} {value}", line.name, self.x.title, significant(point.x, 3), self.y.title)
    }

    /// Writes each line's name beside its end, pushed apart where ends lie close.
    fn draw_names(&self, draft: &mut Draft, frame: &Frame, room: f64) {
        let mut ends: Vec<(f64, f64, &Line, usize)> = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            if let Some(last) = line.points.iter().rev().find(|point| has_place(point)) {
                let [x, y] = frame.place(last.x, last.y);
                ends.push((y, x, line, index));
            }
        }
        order::sort(&mut ends, |a, b| a.0.total_cmp(&b.0).then(a.3.cmp(&b.3)));
        let mut rows: Vec<f64> = ends.iter().map(|end| end.0).collect();
        for index in 1..rows.len() {
            rows[index] = rows[index].max(rows[index - 1] + LINE_HEIGHT);
        }
        let mut limit = frame.bottom;
        for row in rows.iter_mut().rev() {
            *row = row.min(limit);
            limit = *row - LINE_HEIGHT;
        }
        for ((y, x, line, index), row) in ends.into_iter().zip(rows) {
            draft.line(format!("leader-{index}"), [x + 4.0, y], [frame.right + 12.0, row], Paint::Rule);
            let sample = marker(line.slot, [frame.right + 15.0, row], 4.0);
            draft.push(Mark::new(format!("sample-{index}"), sample, Paint::Slot(line.slot)));
            let name = fitted(&line.name, 12.0, room);
            draft.text(format!("name-{index}"), [frame.right + 24.0, row + 4.0], name, Style::START);
        }
    }

    fn description(&self) -> String {
        let end = |line: &Line| match line.points.iter().rev().find(|point| has_place(point)) {
            Some(last) => format!("{} ends at {}", line.name, significant(last.y, 3)),
            None => format!("{} has no points", line.name),
        };
        let ends: Vec<_> = self.lines.iter().map(end).collect();
        format!("{} {} over {}: {}.", self.caption, self.y.label(), self.x.label(), ends.join(", "))
    }

    /// The table twin: one row per point.
    pub fn table(&self) -> Table {
        let row = |line: &Line, point: &CurvePoint| {
            let value = match (point.low, point.high) {
                (None, None) => Cell::number(point.y),
                (low, high) => Cell::interval(point.y, low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN)),
            };
            vec![Cell::text(&line.name), Cell::number(point.x), value]
        };
        let columns = vec![
            Column::text("Line"),
            Column::number(&self.x.title, &self.x.unit),
            Column::number(&self.y.title, &self.y.unit),
        ];
        let rows = self.lines.iter().flat_map(|line| line.points.iter().map(move |point| row(line, point)));
        Table { title: self.title.clone(), caption: self.caption.clone(), columns, rows: rows.collect() }
    }
}

fn has_place(point: &CurvePoint) -> bool {
    drawable(point.x) && drawable(point.y)
}

/// The stretches of points without a gap.
fn runs(points: &[CurvePoint]) -> impl Iterator<Item = &[CurvePoint]> {
    points.split(|point| !has_place(point)).filter(|run| !run.is_empty())
}

fn draw_band(draft: &mut Draft, frame: &Frame, (index, line): (usize, &Line)) {
    let ends = |point: &CurvePoint| match (point.low, point.high) {
        (Some(low), Some(high)) if drawable(low) && drawable(high) && has_place(point) => {
            Some((point.x, low, high))
        }
        _ => None,
    };
    let all: Vec<_> = line.points.iter().map(ends).collect();
    let mut parts: Vec<Vec<[f64; 2]>> = Vec::new();
    for run in all.split(Option::is_none).filter(|run| run.len() > 1) {
        let lower = run.iter().flatten().map(|(x, low, _)| frame.place(*x, *low));
        let upper = run.iter().flatten().rev().map(|(x, _, high)| frame.place(*x, *high));
        parts.push(lower.chain(upper).collect());
    }
    if !parts.is_empty() {
        let shape = Shape::Path { parts, closed: true };
        draft.push(Mark::new(format!("band-{index}"), shape, Paint::Band(line.slot)));
    }
}
