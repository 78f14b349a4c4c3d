//! The curve of one measure: a chart where there is room, a line of bars where there is little.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style as Paint;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Paragraph, Sparkline};
use switchyard::plate::number::significant;

/// The fewest rows and columns of a chart with axes.
const ROOM: (u16, u16) = (5, 24);

/// Draws the values that are numbers; `paint` is that of the curve.
pub fn draw(frame: &mut Frame<'_>, area: Rect, points: &[(u64, f64)], paint: Paint) {
    let points: Vec<(f64, f64)> = points
        .iter()
        .filter(|(_, value)| value.is_finite())
        .map(|(step, value)| (*step as f64, *value))
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        frame.render_widget(Paragraph::new("nothing measured yet"), area);
        return;
    };
    let low = points.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    if area.height < ROOM.0 || area.width < ROOM.1 {
        draw_bars(frame, area, &points, (low, high, paint));
        return;
    }
    // A flat curve lies in the middle.
    let margin = if high > low { 0.0 } else { high.abs().max(1.0) * 0.01 };
    let ends = [low - margin, high + margin];
    let label = |value: f64| Span::raw(significant(value, 3));
    let y = Axis::default().bounds(ends).labels(ends.map(label));
    let steps = [first.0, last.0.max(first.0 + 1.0)];
    let x =
        Axis::default().bounds(steps).labels([first.0, last.0].map(|step| Span::raw(format!("step {step}"))));
    let curve =
        Dataset::default().data(&points).marker(Marker::Braille).graph_type(GraphType::Line).style(paint);
    frame.render_widget(Chart::new(vec![curve]).x_axis(x).y_axis(y), area);
}

/// Bars without axes, the newest value at the right, the ends written above.
fn draw_bars(
    frame: &mut Frame<'_>,
    area: Rect,
    points: &[(f64, f64)],
    (low, high, paint): (f64, f64, Paint),
) {
    let Some(bars) = area.height.checked_sub(1).filter(|rows| *rows > 0) else { return };
    let ends = format!("from {} to {}", significant(low, 3), significant(high, 3));
    frame.render_widget(Line::raw(ends), Rect { height: 1, ..area });
    let width = usize::from(area.width);
    let values: Vec<u64> = (0..width.min(points.len()))
        .map(|column| {
            let place = if points.len() <= width { column } else { (column + 1) * points.len() / width - 1 };
            let height = if high > low { (points[place].1 - low) / (high - low) } else { 0.5 };
            // The lowest value is still a bar.
            13 + (height * 87.0) as u64
        })
        .collect();
    let below = Rect { y: area.y + 1, height: bars, ..area };
    frame.render_widget(Sparkline::default().data(&values).max(100).style(paint), below);
}
