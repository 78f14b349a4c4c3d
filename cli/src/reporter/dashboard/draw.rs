//! The picture of the dashboard. What has no room is left out, the last first: numbers and table, curve, tasks
//! beyond the one that is shown. Colour never says what a word or a sign does not.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Paint};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};
use switchyard::plate::Table;
use switchyard::plate::number::significant;

use super::chart;
use super::view::View;
use crate::reporter::{Style, duration};
use crate::watch::Row;

/// Rows of tasks when there is room for everything.
const TASKS: u16 = 8;
/// Rows that the curve keeps before numbers and tables get any.
const CURVE: u16 = 8;
/// Rows of numbers and table, with their title.
const NUMBERS: u16 = 8;
/// Warnings that are shown, the last ones.
const WARNINGS: usize = 3;
/// The fewest columns of a window that has room for bars and step counts.
const WIDE: usize = 60;
/// Columns of a bar.
const BAR: usize = 12;

/// Colours that are used where the reader wants colours.
struct Paints {
    quiet: Paint,
    done: Paint,
    warn: Paint,
    curve: Paint,
}

impl Paints {
    fn new(style: Style) -> Self {
        let paint = |color| if style.is_coloured() { Paint::new().fg(color) } else { Paint::new() };
        Self {
            quiet: Paint::new().add_modifier(Modifier::DIM),
            done: paint(Color::Green),
            warn: paint(Color::Yellow),
            curve: paint(Color::Cyan),
        }
    }
}

/// Takes rows from the top of an area.
struct Space(Rect);

impl Space {
    fn rows(&mut self, rows: u16) -> Rect {
        let height = rows.min(self.0.height);
        let area = Rect { height, ..self.0 };
        self.0.y += height;
        self.0.height -= height;
        area
    }
}

/// Draws the view.
pub fn draw(frame: &mut Frame<'_>, view: &View, style: Style) {
    let paints = Paints::new(style);
    let whole = frame.area();
    let mut space = Space(Rect { height: whole.height.saturating_sub(1), ..whole });
    draw_head(frame, &mut space, view);
    draw_keys(
        frame,
        Rect { y: whole.height.saturating_sub(1), height: whole.height.min(1), ..whole },
        view,
        &paints,
    );
    let below = remarks(view);
    let remarks = u16::try_from(below.len()).unwrap_or(0).min(space.0.height.saturating_sub(5));
    let bottom = Rect { y: space.0.y + space.0.height - remarks, height: remarks, ..space.0 };
    space.0.height -= remarks;
    let rows = view.board.rows();
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX).clamp(1, TASKS);
    let most = if space.0.height >= 16 { TASKS } else { (space.0.height / 2).max(1) };
    draw_tasks(frame, space.rows(count.min(most)), view, &paints);
    if let Some((_, row)) = view.task(&rows) {
        draw_task(frame, &mut space, (view, row), &paints);
    }
    for (place, (text, warns)) in below.iter().rev().take(usize::from(remarks)).rev().enumerate() {
        let row = Rect { y: bottom.y + place as u16, height: 1, ..bottom };
        frame.render_widget(Line::styled(text.clone(), if *warns { paints.warn } else { paints.quiet }), row);
    }
}

/// Title, stage, speed.
fn draw_head(frame: &mut Frame<'_>, space: &mut Space, view: &View) {
    let (board, stage) = (&view.board, &view.board.stage);
    let title = Line::styled(format!("Switchyard · {}", view.title), Modifier::BOLD);
    frame.render_widget(title, space.rows(1));
    let width = usize::from(space.0.width);
    let mut parts = vec![format!("{} {}/{} tasks", stage.name, stage.done, stage.tasks)];
    if let Some(part) = stage.fraction() {
        let bar = if width < WIDE { String::new() } else { format!("{} ", bar(part)) };
        parts.insert(0, format!("{bar}{:>3.0}%", part * 100.0));
    }
    if let Some(seconds) = stage.remaining(board.seconds) {
        parts.push(format!("ETA {}", duration(seconds)));
    }
    let mut speeds = Vec::new();
    if let Some(speed) = board.speed() {
        speeds.push(format!("{} steps/s", significant(speed, 3)));
    }
    if let Some(speed) = board.words_per_second() {
        speeds.push(format!("{} words/s", significant(speed, 3)));
    }
    speeds.push(format!("running for {}", duration(board.seconds)));
    // One row where both have room in it, else two.
    let joined = [parts.join(" · "), speeds.join(" · ")].join(" · ");
    if joined.chars().count() <= width {
        frame.render_widget(Line::raw(joined), space.rows(1));
    } else {
        frame.render_widget(Line::raw(whole_parts(parts, " · ", width)), space.rows(1));
        frame.render_widget(Line::raw(whole_parts(speeds, " · ", width)), space.rows(1));
    }
}

/// The parts that fit, each of them whole: half a number would be another number.
fn whole_parts(mut parts: Vec<String>, between: &str, width: usize) -> String {
    while parts.len() > 1 && parts.join(between).chars().count() > width {
        parts.pop();
    }
    parts.join(between)
}

fn draw_keys(frame: &mut Frame<'_>, area: Rect, view: &View, paints: &Paints) {
    let line = if view.is_stopping() {
        Line::styled("Stopping after the current steps; Ctrl-C stops at once", paints.warn)
    } else if view.board.conclusion.is_some() {
        Line::styled("Writing the record and the report", paints.quiet)
    } else if usize::from(area.width) < 76 {
        Line::styled("q stop, saved · ↑↓ task · ←→ measure", paints.quiet)
    } else {
        Line::styled(
            "q stop, finished tasks are saved · ↑↓ or p another task · ←→ another measure",
            paints.quiet,
        )
    };
    frame.render_widget(line, area);
}

/// What is written above the keys, and whether it warns: the last warnings, the verdict, the last note.
fn remarks(view: &View) -> Vec<(String, bool)> {
    let warnings = &view.board.warnings;
    let last = &warnings[warnings.len().saturating_sub(WARNINGS)..];
    let mut remarks: Vec<(String, bool)> = last.iter().map(|text| (format!("! {text}"), true)).collect();
    remarks.extend(view.note.iter().map(|text| (text.clone(), false)));
    let conclusion = view.board.conclusion.as_ref();
    remarks.extend(conclusion.map(|(word, sentence)| (format!("verdict {word}: {sentence}"), false)));
    remarks
}

fn draw_tasks(frame: &mut Frame<'_>, area: Rect, view: &View, paints: &Paints) {
    let rows = view.board.rows();
    let Some((chosen, _)) = view.task(&rows) else {
        frame.render_widget(Line::styled("No task has begun yet.", paints.quiet), area);
        return;
    };
    let height = usize::from(area.height).max(1);
    let first = (chosen + 1).saturating_sub(height);
    // Names stand one under the other, and leave room for how far the task is.
    let widest = rows.iter().skip(first).take(height).map(|row| row.name.chars().count()).max().unwrap_or(0);
    let name = widest.min(usize::from(area.width) / 2);
    for (place, row) in rows.iter().enumerate().skip(first).take(height) {
        let line = task_line(row, (name, usize::from(area.width)), place == chosen, paints);
        frame.render_widget(line, Rect { y: area.y + (place - first) as u16, height: 1, ..area });
    }
}

fn task_line(row: &Row, (name, width): (usize, usize), chosen: bool, paints: &Paints) -> Line<'static> {
    let mark = if chosen { "> " } else { "  " };
    let shown = fitted(&row.name, name);
    let mut spans = vec![Span::raw(format!("{mark}{shown:<name$}  "))];
    if chosen {
        spans[0].style = Paint::new().add_modifier(Modifier::BOLD);
    }
    if let Some(summary) = &row.summary {
        spans.push(Span::styled("done  ", paints.done));
        spans.push(Span::styled(summary.clone(), paints.quiet));
        return Line::from(spans);
    }
    let wide = width >= WIDE;
    let mut parts = Vec::new();
    if let Some(part) = row.fraction() {
        let bar = if wide { format!("{} ", bar(part)) } else { String::new() };
        parts.push(format!("{bar}{:>3.0}%", part * 100.0));
    }
    if wide || row.fraction().is_none() {
        let of = if row.steps > 0 { format!("/{}", row.steps) } else { String::new() };
        parts.push(format!("step {}{of}", row.step));
    }
    if row.steps > 0 && row.step >= row.steps {
        parts.push("measuring".to_owned());
    } else if let Some(seconds) = row.remaining() {
        parts.push(format!("ETA {}", duration(seconds)));
    }
    if let Some(speed) = row.speed().filter(|_| wide) {
        parts.push(format!("{}/s", significant(speed, 3)));
    }
    spans.push(Span::raw(whole_parts(parts, "  ", width.saturating_sub(name + 4))));
    Line::from(spans)
}

/// The task that is shown: its curve, and its numbers beside the routing table if there is one.
fn draw_task(frame: &mut Frame<'_>, space: &mut Space, (view, row): (&View, &Row), paints: &Paints) {
    let below = if space.0.height >= CURVE + NUMBERS { NUMBERS } else { 0 };
    let curve = space.rows(space.0.height - below);
    if let Some(name) = view.measure(row) {
        let last = row.last(name).map_or_else(String::new, |value| format!(" {}", significant(value, 4)));
        let inside = titled(frame, curve, format!("{}{last} · {}", name.replace('_', " "), row.name));
        let points = row.measures.get(name).map(Vec::as_slice).unwrap_or_default();
        chart::draw(frame, inside, points, paints.curve);
    } else {
        let inside = titled(frame, curve, row.name.clone());
        frame.render_widget(Line::styled("nothing measured yet", paints.quiet), inside);
    }
    if below == 0 {
        return;
    }
    let area = space.rows(below);
    let half = if view.board.routing.is_some() { area.width / 2 } else { area.width };
    let numbers = titled(frame, Rect { width: half, ..area }, "measured last".to_owned());
    let lines = row.curves().into_iter().filter_map(|name| {
        Some(Line::raw(format!("{:<16} {:>10}", name.replace('_', " "), significant(row.last(name)?, 4))))
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), numbers);
    if let Some(table) = &view.board.routing {
        let place = Rect { x: area.x + half, width: area.width - half, ..area };
        let inside = titled(frame, place, table.title.clone());
        frame.render_widget(Paragraph::new(table_lines(table)), inside);
    }
}

/// A rule with a title; gives what is left below it.
fn titled(frame: &mut Frame<'_>, area: Rect, title: String) -> Rect {
    let block = Block::new().borders(Borders::TOP).title(title);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// The table in columns, as far as it fits.
fn table_lines(table: &Table) -> Vec<Line<'static>> {
    let head: Vec<String> = table.columns.iter().map(switchyard::plate::Column::label).collect();
    let body =
        table.rows.iter().map(|row| row.iter().map(switchyard::plate::Cell::shown).collect::<Vec<_>>());
    let all: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
    let width = |column: usize| {
        all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        Line::raw(cells.collect::<Vec<_>>().join("  "))
    };
    all.iter().map(line).collect()
}

fn bar(part: f64) -> String {
    let full = ((part * BAR as f64).round() as usize).min(BAR);
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}

/// A name in at most so many columns; its end says more than its beginning.
fn fitted(name: &str, width: usize) -> String {
    let count = name.chars().count();
    if count <= width {
        return name.to_owned();
    }
    let end = name.chars().skip(count - width.saturating_sub(1));
    std::iter::once('…').chain(end).take(width).collect()
}

#[cfg(test)]
mod tests;
