//! How one group of bars is drawn: each bar, what was dropped on top of it, and its value where there is room.

use crate::plate::data::{BarSeries, Bars};
use crate::plate::frame::{Draft, Frame, struck};
use crate::plate::number::{aligned, brief, drawable};
use crate::plate::scene::{Mark, Paint, Shape, Style, text_width};

impl Bars {
    /// How thick each bar is.
    pub(super) fn thickness(&self, frame: &Frame) -> f64 {
        let count = if self.stacked { 1 } else { self.series.len().max(1) };
        let step = (frame.right - frame.left) / self.groups.len().max(1) as f64;
        (step * 0.76 / count as f64).min(64.0)
    }

    /// The slot of a bar: its group's where groups are slots and only one series is shown, else its series'.
    fn slot(&self, series: usize, group: usize) -> usize {
        let slots = self.group_slots.get(group).filter(|_| self.series.len() == 1);
        slots.copied().unwrap_or(self.series[series].slot)
    }

    /// Draws a group with the texts at its bars' ends.
    pub(super) fn draw_group(
        &self,
        draft: &mut Draft,
        frame: &Frame,
        group: usize,
        texts: &[Option<String>],
    ) {
        let step = (frame.right - frame.left) / self.groups.len() as f64;
        let count = if self.stacked { 1 } else { self.series.len().max(1) };
        let thickness = self.thickness(frame);
        let start = frame.left + step * (group as f64 + 0.5) - thickness * count as f64 / 2.0;
        let mut marks = Draft::default();
        let caps = self.caps(group);
        for (series, extent) in self.extents(group).into_iter().enumerate() {
            let row = if self.stacked { 0 } else { series };
            let x = start + thickness * row as f64;
            let high = |(from, to): (f64, f64)| frame.down(from.max(to));
            let size =
                |ends: (f64, f64)| [(thickness - 1.0).max(0.5), frame.down(ends.0.min(ends.1)) - high(ends)];
            let name = &self.series[series].name;
            if let (Some(ends), Some(value)) = (extent, self.value(series, group)) {
                let paint = Paint::Hatch(self.slot(series, group));
                let id = format!("bar-{group}-{series}");
                marks.rect(id, [x + 0.5, high(ends)], size(ends), paint).name =
                    Some(format!("{}, {name}: {}", self.groups[group], brief(value)));
            }
            if let Some(ends) = caps[series] {
                let id = format!("dropped-{group}-{series}");
                let amount = brief(ends.1 - ends.0);
                struck(&mut marks, &id, [x + 0.5, high(ends)], size(ends)).name =
                    Some(format!("{}, {name}: {amount} dropped", self.groups[group]));
            }
            if let (Some(ends), Some(text)) = (extent, &texts[series]) {
                let below = ends.1 < 0.0;
                let top = caps[series].map_or(high(ends), high);
                let y = if below { frame.down(ends.1) + 13.0 } else { self.clear_of_line(frame, top - 4.0) };
                let at = [x + thickness / 2.0, y];
                marks.text(format!("value-{group}-{series}"), at, text, Style::MIDDLE);
            }
        }
        let mark = Mark::new(format!("group-{group}"), Shape::Group { marks: marks.marks }, Paint::None);
        draft.push(mark.named(self.name_of(group)).focused(group));
    }

    /// The baseline of a value, moved above the line to compare with where that would cross it.
    fn clear_of_line(&self, frame: &Frame, baseline: f64) -> f64 {
        let line = self.reference().map(|(value, _)| frame.down(value));
        let crossed = line.filter(|line| (baseline - 11.0..baseline + 3.0).contains(line));
        crossed.map_or(baseline, |line| line - 4.0)
    }

    /// A group and all its bars in words.
    fn name_of(&self, group: usize) -> String {
        let bar = |series: usize| {
            let value = self.value(series, group).map_or("no value".to_owned(), brief);
            let dropped = self.dropped(series, group).map(|amount| format!(", {} dropped", brief(amount)));
            format!("{} {value}{}", self.series[series].name, dropped.unwrap_or_default())
        };
        let bars: Vec<String> = (0..self.series.len()).map(bar).collect();
        format!("{}: {}", self.groups[group], bars.join("; "))
    }

    /// The texts at the bars' ends, group by group; none at all where one of them is wider than its bar.
    pub(super) fn texts(&self, thickness: f64) -> Vec<Vec<Option<String>>> {
        let values = self.aligned(|series| &series.values);
        let dropped = self.aligned(|series| &series.dropped);
        let text = |series: usize, group: usize| {
            let value = values[series].get(group).cloned().flatten()?;
            let refused = self.dropped(series, group).and_then(|_| dropped[series][group].clone());
            Some(refused.map_or(value.clone(), |refused| format!("{value}+{refused}")))
        };
        let row = |group| (0..self.series.len()).map(|series| text(series, group)).collect();
        let texts: Vec<Vec<Option<String>>> = (0..self.groups.len()).map(row).collect();
        let widths = texts.iter().flatten().flatten().map(|text| text_width(text, 12.0));
        let widest = widths.fold(0.0_f64, f64::max);
        if self.stacked || widest + 4.0 > thickness {
            return vec![vec![None; self.series.len()]; self.groups.len()];
        }
        texts
    }

    /// The texts of all values of one kind, with as many decimals each.
    fn aligned(&self, kind: impl Fn(&BarSeries) -> &Vec<f64>) -> Vec<Vec<Option<String>>> {
        let has_place = |value: &f64| drawable(*value);
        let all: Vec<f64> = self.series.iter().flat_map(&kind).copied().filter(has_place).collect();
        let mut texts = aligned(&all, 3).into_iter();
        let row = |series: &BarSeries| {
            kind(series).iter().map(|value| if has_place(value) { texts.next() } else { None }).collect()
        };
        self.series.iter().map(row).collect()
    }
}
