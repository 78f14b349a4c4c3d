//! The bars plate: groups of hatched bars, side by side or stacked, what was dropped struck through on top of them,
//! and a line to compare with.

mod group;

use super::data::{Bars, Cell, Column, Table};
use super::frame::{
    Draft, Frame, LINE_HEIGHT, Sample, key, note_empty, note_missing, vertical_axis, vertical_ticks,
    vertical_title,
};
use super::number::{Domain, brief, drawable};
use super::scene::{Paint, Scene, Style, fitted, text_width, wrapped};

impl Bars {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let top = key(&mut draft, 0.0, width, &self.key_entries());
        let height = (width * 0.42).clamp(160.0, 260.0);
        let y = self.domain((height / 48.0) as usize);
        let (ticks, left) = vertical_ticks(y, height);
        let top = vertical_title(&mut draft, &self.y, &ticks, (top, width)) + 8.0;
        let across = Domain { low: 0.0, high: self.groups.len().max(1) as f64 };
        let frame = Frame { left, right: width - 8.0, top, bottom: top + height, x: across, y };
        vertical_axis(&mut draft, &frame, &ticks);
        let texts = self.texts(self.thickness(&frame));
        for (group, texts) in texts.iter().enumerate() {
            self.draw_group(&mut draft, &frame, group, texts);
        }
        let zero = frame.down(0.0);
        draft.line("zero", [frame.left, zero], [frame.right, zero], Paint::Edge);
        if let Some((value, name)) = self.reference() {
            let at = frame.down(value);
            let mark = draft.line("reference", [frame.left, at], [frame.right, at], Paint::Reference);
            mark.name = Some(format!("{name}: {}", brief(value)));
        }
        if self.groups.is_empty() || self.series.is_empty() {
            note_empty(&mut draft, &frame);
        }
        let bottom = self.draw_group_names(&mut draft, &frame);
        let bottom = note_missing(&mut draft, self.missing(), "bar", (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn value(&self, series: usize, group: usize) -> Option<f64> {
        self.series[series].values.get(group).copied().filter(|value| drawable(*value))
    }

    fn missing(&self) -> usize {
        let bars = (0..self.series.len())
            .flat_map(|series| (0..self.groups.len()).map(move |group| (series, group)));
        let dropped = self.series.iter().flat_map(|series| series.dropped.iter().take(self.groups.len()));
        bars.filter(|(series, group)| self.value(*series, *group).is_none()).count()
            + dropped.filter(|amount| !drawable(**amount)).count()
    }

    /// What was dropped on top of a bar, if anything was.
    fn dropped(&self, series: usize, group: usize) -> Option<f64> {
        let amount = self.series[series].dropped.get(group).copied();
        amount.filter(|amount| drawable(*amount) && *amount > 0.0)
    }

    fn any_dropped(&self) -> bool {
        let bars = |series| (0..self.groups.len()).map(move |group| (series, group));
        (0..self.series.len()).flat_map(bars).any(|(series, group)| self.dropped(series, group).is_some())
    }

    fn reference(&self) -> Option<(f64, &str)> {
        self.line.as_ref().filter(|(value, _)| drawable(*value)).map(|(value, name)| (*value, name.as_str()))
    }

    fn key_entries(&self) -> Vec<(String, Sample)> {
        let mut entries = Vec::new();
        if self.series.len() > 1 {
            entries
                .extend(self.series.iter().map(|series| (series.name.clone(), Sample::Swatch(series.slot))));
        }
        if self.any_dropped() {
            entries.push(("dropped".to_owned(), Sample::Dropped));
        }
        if let Some((value, name)) = self.reference() {
            entries.push((format!("{name} {}", brief(value)), Sample::Reference));
        }
        entries
    }

    /// Lower and upper end of every bar of a group, series by series.
    fn extents(&self, group: usize) -> Vec<Option<(f64, f64)>> {
        let (mut above, mut below) = (0.0, 0.0);
        let extent = |series| {
            let value: f64 = self.value(series, group)?;
            if !self.stacked {
                return Some((0.0, value));
            }
            let base = if value < 0.0 { &mut below } else { &mut above };
            let from = *base;
            *base += value;
            Some((from, *base))
        };
        (0..self.series.len()).map(extent).collect()
    }

    /// Lower and upper end of what was dropped of a group, series by series: on top of its bar, or of the stack.
    fn caps(&self, group: usize) -> Vec<Option<(f64, f64)>> {
        let extents = self.extents(group);
        let mut stack = extents.iter().flatten().fold(0.0_f64, |top, (_, to)| top.max(*to));
        let cap = |series: usize| {
            let amount = self.dropped(series, group)?;
            let from = if self.stacked { stack } else { extents[series].map_or(0.0, |(_, to)| to.max(0.0)) };
            stack = from + amount;
            drawable(stack).then_some((from, from + amount))
        };
        (0..self.series.len()).map(cap).collect()
    }

    fn domain(&self, steps: usize) -> Domain {
        let ends = (0..self.groups.len())
            .flat_map(|group| [self.extents(group), self.caps(group)].concat())
            .flatten();
        let values = ends.flat_map(|(from, to)| [from, to]).chain(self.reference().map(|(value, _)| value));
        let values: Vec<f64> = values.filter(|value| drawable(*value)).collect();
        if values.is_empty() || values.iter().all(|value| *value == 0.0) {
            return Domain { low: 0.0, high: 1.0 };
        }
        Domain::around(values.into_iter().chain([0.0]), 0.0).rounded(steps)
    }

    /// Writes the groups' names in lines, or upwards where they are too wide; returns the lower end.
    fn draw_group_names(&self, draft: &mut Draft, frame: &Frame) -> f64 {
        let step = (frame.right - frame.left) / self.groups.len().max(1) as f64;
        // A value written under a negative bar may reach below the frame.
        let top = frame.bottom + if frame.y.low < 0.0 { 16.0 } else { 2.0 };
        let whole = |name: &String| {
            name.split_whitespace().all(|word| text_width(word, 12.0) <= step - 6.0)
                && wrapped(name, 12.0, step - 6.0).len() <= 3
        };
        let middle = |group: usize| frame.left + step * (group as f64 + 0.5);
        if self.groups.iter().all(whole) {
            let mut bottom = top;
            for (group, name) in self.groups.iter().enumerate() {
                let set = (step - 6.0, Style::MIDDLE, Paint::Ink);
                bottom = draft
                    .paragraph(&format!("name-{group}"), [middle(group), top + 14.0], name, set)
                    .max(bottom);
            }
            return bottom + 8.0;
        }
        let every = (LINE_HEIGHT / step).ceil().max(1.0) as usize;
        let mut room = 0.0_f64;
        for (group, name) in self.groups.iter().enumerate().step_by(every) {
            let name = fitted(name, 12.0, 112.0);
            room = room.max(text_width(&name, 12.0));
            let style = Style { upright: true, ..Style::END };
            draft.text(format!("name-{group}"), [middle(group) + 4.0, top + 4.0], name, style);
        }
        top + room + 10.0
    }

    fn description(&self) -> String {
        let names: Vec<_> = self.series.iter().map(|series| series.name.as_str()).collect();
        let line = self.reference().map(|(value, name)| format!(" A line marks {name} at {}.", brief(value)));
        format!(
            "{} {} of {} in {} groups.{}",
            self.caption,
            self.y.label(),
            names.join(", "),
            self.groups.len(),
            line.unwrap_or_default()
        )
    }

    /// The table twin: one row per group, one column per series, and one more where it dropped anything.
    pub fn table(&self) -> Table {
        let mut columns = vec![Column::text("Group")];
        for series in &self.series {
            columns.push(Column::number(&series.name, &self.y.unit));
            if !series.dropped.is_empty() {
                columns.push(Column::number(format!("{}, dropped", series.name), &self.y.unit));
            }
        }
        let row = |(group, name): (usize, &String)| {
            let cell = |values: &[f64]| values.get(group).copied().map_or(Cell::Empty, Cell::number);
            let mut cells = vec![Cell::text(name)];
            for series in &self.series {
                cells.push(cell(&series.values));
                if !series.dropped.is_empty() {
                    cells.push(cell(&series.dropped));
                }
            }
            cells
        };
        let line =
            self.line.as_ref().map(|(value, name)| format!(" Line: {name} {value}.")).unwrap_or_default();
        Table {
            title: self.title.clone(),
            caption: format!("{}{line}", self.caption),
            columns,
            rows: self.groups.iter().enumerate().map(row).collect(),
        }
    }
}
