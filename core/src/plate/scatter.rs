//! The scatter plate: points of several series, the line of equal values and the noise band around it, the front of
//! the best points, and the one that was chosen.

mod front;
mod highlight;

use super::data::{Cell, Column, Highlight, Point, Scatter, Series, Table};
use super::frame::{
    Draft, Frame, Sample, horizontal_axis, key, note_empty, note_missing, vertical_axis, vertical_ticks,
    vertical_title,
};
use super::number::{Domain, brief, drawable, interval, significant};
use super::palette::marker;
use super::scene::{Mark, Paint, Scene, Shape};

impl Scatter {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let top = key(&mut draft, 0.0, width, &self.key_entries());
        let (x, y) = self.domains();
        let height = (width * 0.72).clamp(200.0, 440.0);
        let (ticks, left) = vertical_ticks(y, height);
        let top = vertical_title(&mut draft, &self.y, &ticks, (top, width));
        let frame = Frame { left, right: width - 24.0, top, bottom: top + height, x, y };
        self.draw_reference(&mut draft, &frame);
        vertical_axis(&mut draft, &frame, &ticks);
        let bottom = horizontal_axis(&mut draft, &frame, &self.x, true);
        self.draw_front(&mut draft, &frame);
        for (index, series) in self.series.iter().enumerate() {
            self.draw_series(&mut draft, &frame, (index, series));
        }
        self.draw_highlight(&mut draft, &frame);
        let missing = self.points().filter(|point| !has_place(point)).count();
        if self.points().next().is_none() {
            note_empty(&mut draft, &frame);
        }
        let bottom = note_missing(&mut draft, missing, "point", (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }

    fn key_entries(&self) -> Vec<(String, Sample)> {
        let mut entries: Vec<_> =
            self.series.iter().map(|series| (series.name.clone(), Sample::Marker(series.slot))).collect();
        if self.identity {
            entries.push(("equal values".to_owned(), Sample::Reference));
        }
        if let Some(ceiling) = self.band() {
            entries.push((format!("noise, ±{}", brief(ceiling)), Sample::Area));
        }
        if let Some(front) = &self.front {
            entries.push((front.name.clone(), Sample::Strong));
        }
        entries
    }

    fn band(&self) -> Option<f64> {
        self.ceiling.filter(|ceiling| drawable(*ceiling) && *ceiling > 0.0)
    }

    /// Both stretches; the same one twice where equal values are to be compared and it costs little room.
    fn domains(&self) -> (Domain, Domain) {
        let with_ends = |value: fn(&Point) -> f64, ends: fn(&Point) -> Option<[f64; 2]>| {
            let shown = self.points().filter(|point| has_place(point));
            shown.flat_map(move |point| [value(point)].into_iter().chain(ends(point).into_iter().flatten()))
        };
        let (across, down) = (
            with_ends(|point| point.x, |point| point.x_interval),
            with_ends(|point| point.y, |point| point.y_interval),
        );
        let (across, down): (Vec<f64>, Vec<f64>) = (across.collect(), down.collect());
        let (x, y) =
            (Domain::around(across.iter().copied(), 0.05), Domain::around(down.iter().copied(), 0.05));
        let both = Domain::around(across.into_iter().chain(down), 0.05);
        let longest = 2.5 * (x.high - x.low).min(y.high - y.low);
        if self.identity && both.high - both.low <= longest { (both, both) } else { (x, y) }
    }

    fn draw_reference(&self, draft: &mut Draft, frame: &Frame) {
        if let Some(ceiling) = self.band().filter(|_| self.identity) {
            let upper = clipped_diagonal(frame, ceiling);
            let lower = clipped_diagonal(frame, -ceiling);
            let corners = band_polygon(frame, ceiling);
            if upper.is_some() || lower.is_some() || corners.len() > 2 {
                let shape = Shape::Path { parts: vec![corners], closed: true };
                draft.push(Mark::new("noise-band", shape, Paint::Area)).name =
                    Some(format!("noise band: ±{} around equal values", brief(ceiling)));
            }
        }
        if let Some((from, to)) = clipped_diagonal(frame, 0.0).filter(|_| self.identity) {
            draft.line("identity", from, to, Paint::Reference).name = Some("equal values".to_owned());
        }
    }

    fn draw_series(&self, draft: &mut Draft, frame: &Frame, (index, series): (usize, &Series)) {
        let mut whiskers = Draft::default();
        let mut markers = Draft::default();
        for (number, point) in series.points.iter().enumerate().filter(|(_, point)| has_place(point)) {
            let at = frame.place(point.x, point.y);
            let id = format!("point-{index}-{number}");
            if let Some([low, high]) = finite(point.x_interval) {
                let (from, to) = ([frame.across(low), at[1]], [frame.across(high), at[1]]);
                whiskers.line(format!("{id}-x"), from, to, Paint::Whisker(series.slot));
            }
            if let Some([low, high]) = finite(point.y_interval) {
                let (from, to) = ([at[0], frame.down(low)], [at[0], frame.down(high)]);
                whiskers.line(format!("{id}-y"), from, to, Paint::Whisker(series.slot));
            }
            markers.push(
                Mark::new(id, marker(series.slot, at, 4.5), Paint::Slot(series.slot))
                    .named(self.name_of(series, point)),
            );
        }
        let count = series.points.len();
        let group = Shape::Group { marks: whiskers.marks.into_iter().chain(markers.marks).collect() };
        let name = format!("{}: {count} point{}", series.name, if count == 1 { "" } else { "s" });
        draft.push(Mark::new(format!("series-{index}"), group, Paint::None).named(name).focused(index));
    }

    fn name_of(&self, series: &Series, point: &Point) -> String {
        let value = |value, ends: Option<[f64; 2]>| match ends {
            Some([low, high]) => interval(value, low, high),
            None => significant(value, 3),
        };
        format!(
            "{}, {}: {} {}, {} {}",
            series.name,
            point.label,
            self.x.title,
            value(point.x, point.x_interval),
            self.y.title,
            value(point.y, point.y_interval)
        )
    }

    fn description(&self) -> String {
        let counts: Vec<_> = self
            .series
            .iter()
            .map(|series| format!("{} ({} points)", series.name, series.points.len()))
            .collect();
        let front = self
            .front
            .as_ref()
            .map(|front| format!(" {} holds {} of the points.", front.name, self.front_points().len()));
        let chosen = self
            .chosen()
            .map(|(chosen, series, point)| format!(" {} is {}.", chosen.name, self.name_of(series, point)));
        format!(
            "{} {} against {}: {}.{}{}",
            self.caption,
            self.y.label(),
            self.x.label(),
            counts.join(", "),
            front.unwrap_or_default(),
            chosen.unwrap_or_default()
        )
    }

    /// The table twin: one row per point.
    pub fn table(&self) -> Table {
        let value = |value, ends: Option<[f64; 2]>| match ends {
            Some([low, high]) => Cell::interval(value, low, high),
            None => Cell::number(value),
        };
        let best = self.front_points();
        let chosen =
            |highlight: &Highlight, place: (usize, usize)| (highlight.series, highlight.point) == place;
        let mut columns = vec![
            Column::text("Series"),
            Column::text("Point"),
            Column::number(&self.x.title, &self.x.unit),
            Column::number(&self.y.title, &self.y.unit),
        ];
        columns.extend(self.front.iter().map(|front| Column::text(&front.name)));
        columns.extend(self.highlight.iter().map(|highlight| Column::text(&highlight.name)));
        let mut rows = Vec::new();
        for (index, series) in self.series.iter().enumerate() {
            for (number, point) in series.points.iter().enumerate() {
                let mut row = vec![
                    Cell::text(&series.name),
                    Cell::text(&point.label),
                    value(point.x, point.x_interval),
                    value(point.y, point.y_interval),
                ];
                row.extend(self.front.iter().map(|_| yes_or_no(best.contains(&(index, number)))));
                row.extend(
                    self.highlight.iter().map(|highlight| yes_or_no(chosen(highlight, (index, number)))),
                );
                rows.push(row);
            }
        }
        let ceiling = self.ceiling.map(|ceiling| format!(" Noise ceiling: ±{ceiling}.")).unwrap_or_default();
        Table { title: self.title.clone(), caption: format!("{}{ceiling}", self.caption), columns, rows }
    }
}

fn yes_or_no(holds: bool) -> Cell {
    Cell::text(if holds { "yes" } else { "no" })
}

fn has_place(point: &Point) -> bool {
    drawable(point.x) && drawable(point.y)
}

fn finite(ends: Option<[f64; 2]>) -> Option<[f64; 2]> {
    ends.filter(|ends| ends.iter().all(|end| drawable(*end)))
}

/// The part of the line `y = x + shift` that lies in the frame.
fn clipped_diagonal(frame: &Frame, shift: f64) -> Option<([f64; 2], [f64; 2])> {
    let low = frame.x.low.max(frame.y.low - shift);
    let high = frame.x.high.min(frame.y.high - shift);
    (low < high).then(|| (frame.place(low, low + shift), frame.place(high, high + shift)))
}

/// The part of the band `|y - x| <= half` that lies in the frame, corner by corner.
fn band_polygon(frame: &Frame, half: f64) -> Vec<[f64; 2]> {
    let (x, y) = (frame.x, frame.y);
    let edge = |shift: f64| {
        // The line `y = x + shift` followed from left to right along the frame's border where it lies outside.
        let stops =
            [x.low, (y.low - shift).clamp(x.low, x.high), (y.high - shift).clamp(x.low, x.high), x.high];
        stops.map(|across| (across, (across + shift).clamp(y.low, y.high)))
    };
    let (upper, lower) = (edge(half), edge(-half));
    upper.into_iter().chain(lower.into_iter().rev()).map(|(across, down)| frame.place(across, down)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_band_has_its_width_around_the_identity() {
        let unit = Domain { low: 0.0, high: 10.0 };
        let frame = Frame { left: 0.0, right: 10.0, top: 0.0, bottom: 10.0, x: unit, y: unit };
        let corners = band_polygon(&frame, 2.0);
        let area: f64 = corners
            .iter()
            .zip(corners.iter().cycle().skip(1))
            .map(|(from, to)| from[0] * to[1] - to[0] * from[1])
            .sum::<f64>()
            .abs()
            / 2.0;
        assert!((area - (100.0 - 64.0)).abs() < 1e-9, "{area}");
        assert_eq!(clipped_diagonal(&frame, 20.0), None);
    }
}
