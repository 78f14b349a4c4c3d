//! The table plate: its cells as text, as a picture, and as CSV with full precision.

use super::data::{Cell, Table};
use super::frame::Draft;
use super::number::{interval, significant};
use super::scene::{Paint, Scene, Style, fitted, text_width};

/// Height of one row of the picture.
const ROW: f64 = 24.0;

impl Cell {
    /// The cell as it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number { value, digits } => significant(*value, *digits),
            Self::Interval { mean, low, high } => interval(*mean, *low, *high),
            Self::Empty => "–".to_owned(),
        }
    }
}

impl Table {
    /// The picture at a width in pixels; columns share it by the length of what they hold.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let edges = self.edges(width);
        let mut cell = |id: String, column: usize, y: f64, text: String| {
            let (left, right) = edges[column];
            let text = fitted(&text, 12.0, right - left);
            let numeric = self.columns[column].numeric;
            let (x, style) = if numeric { (right, Style::END) } else { (left, Style::START) };
            draft.text(id, [x, y], text, style).paint = if y < ROW { Paint::Muted } else { Paint::Ink };
        };
        for (column, heading) in self.columns.iter().enumerate() {
            cell(format!("heading-{column}"), column, 16.0, heading.label());
            for (row, cells) in self.rows.iter().enumerate() {
                let text = cells.get(column).map(Cell::shown).unwrap_or_default();
                cell(format!("cell-{row}-{column}"), column, 16.0 + ROW * (row + 1) as f64, text);
            }
        }
        for row in 0..=self.rows.len() {
            let y = ROW * (row + 1) as f64;
            let paint = if row == 0 { Paint::Edge } else { Paint::Rule };
            draft.line(format!("rule-{row}"), [0.0, y], [width, y], paint);
        }
        let height = ROW * (self.rows.len() + 1) as f64 + 2.0;
        let description = format!("{} A table of {} rows.", self.caption, self.rows.len());
        draft.scene(&self.title, description, [width, height])
    }

    /// Left and right edge of each column's text.
    fn edges(&self, width: f64) -> Vec<(f64, f64)> {
        let longest = |column: usize| {
            let cells = self.rows.iter().filter_map(|cells| cells.get(column)).map(Cell::shown);
            let texts = cells.chain([self.columns[column].label()]);
            texts.map(|text| text_width(&text, 12.0)).fold(24.0_f64, f64::max)
        };
        let wanted: Vec<f64> = (0..self.columns.len()).map(longest).collect();
        let gap = 16.0_f64.min(width / (2 * self.columns.len()).max(1) as f64);
        let room = width - gap * self.columns.len().saturating_sub(1) as f64;
        let share = (room / wanted.iter().sum::<f64>()).min(1.0);
        // What is left over widens the gaps, so that the last column ends at the edge.
        let rest = (room - share * wanted.iter().sum::<f64>()) / wanted.len().saturating_sub(1).max(1) as f64;
        let mut left = 0.0;
        let place = |wanted: f64| {
            let edges = (left, left + wanted * share);
            left = edges.1 + gap + rest;
            edges
        };
        wanted.into_iter().map(place).collect()
    }

    /// Whether a column holds intervals, which take three columns in CSV.
    fn has_intervals(&self, column: usize) -> bool {
        self.rows.iter().any(|cells| matches!(cells.get(column), Some(Cell::Interval { .. })))
    }

    /// The table as CSV (RFC 4180), numbers with all their digits, intervals as three columns.
    pub fn csv(&self) -> String {
        let wide: Vec<bool> = (0..self.columns.len()).map(|column| self.has_intervals(column)).collect();
        let mut heading = Vec::new();
        for (column, wide) in self.columns.iter().zip(&wide) {
            heading.push(column.label());
            if *wide {
                heading.extend([format!("{} low", column.title), format!("{} high", column.title)]);
            }
        }
        let mut lines = vec![record(&heading)];
        for cells in &self.rows {
            let mut fields = Vec::new();
            for (column, wide) in wide.iter().enumerate() {
                let cell = cells.get(column).unwrap_or(&Cell::Empty);
                fields.push(field(cell));
                match cell {
                    Cell::Interval { low, high, .. } => fields.extend([exact(*low), exact(*high)]),
                    _ if *wide => fields.extend([String::new(), String::new()]),
                    _ => {}
                }
            }
            lines.push(record(&fields));
        }
        lines.concat()
    }
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number { value, .. } => exact(*value),
        Cell::Interval { mean, .. } => exact(*mean),
        Cell::Empty => String::new(),
    }
}

/// The shortest text that reads back as the same number.
pub fn exact(value: f64) -> String {
    format!("{value:?}").to_lowercase()
}

fn record(fields: &[String]) -> String {
    let quoted = |field: &String| {
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.clone()
        }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}
