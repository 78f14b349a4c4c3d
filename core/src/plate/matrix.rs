//! The matrix plate: one shaded cell per row and column, its value written in it where it fits.

use super::data::{Cell, Column, Matrix, Scale, Table};
use super::frame::{Draft, LINE_HEIGHT, note_missing};
use super::number::{aligned, brief, drawable, significant};
use super::palette::Shade;
use super::scene::{Anchor, Mark, Paint, Scene, Shape, Style, WIDEST_FONT, fitted, text_width};

/// The most room that upright column names take.
const NAME_HEIGHT: f64 = 168.0;

/// Where the cells lie.
struct Grid {
    left: f64,
    top: f64,
    cell: [f64; 2],
}

impl Matrix {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let grid = self.grid(width);
        self.draw_titles(&mut draft, &grid, width);
        for row in 0..self.rows.len() {
            self.draw_row(&mut draft, &grid, row);
        }
        let bottom = grid.top + grid.cell[1] * self.rows.len() as f64;
        if self.rows.is_empty() || self.columns.is_empty() {
            let set = (width, Style::START.sized(14.0), Paint::Muted);
            let bottom = draft.paragraph(
                "note-empty",
                [0.0, bottom + 24.0],
                "Nothing to draw: there are no values.",
                set,
            );
            return draft.scene(&self.title, self.description(), [width, bottom + 12.0]);
        }
        let bottom = self.draw_scale(&mut draft, (grid.left, bottom + 16.0), width);
        let bottom = note_missing(&mut draft, self.undrawable(), "cell", (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn undrawable(&self) -> usize {
        self.values.iter().flatten().flatten().filter(|value| !drawable(**value)).count()
    }

    fn grid(&self, width: f64) -> Grid {
        let names = self.rows.iter().chain([&self.row_title]);
        let widest = names.fold(0.0_f64, |most, name| most.max(text_width(name, 12.0)));
        let left = (widest * WIDEST_FONT + 10.0).min(width * 0.36);
        let across = ((width - left) / self.columns.len().max(1) as f64).min(72.0);
        let down = match self.rows.len() {
            0..=64 => across.clamp(18.0, 28.0),
            rows => (1152.0 / rows as f64).max(2.0),
        };
        let names = self.columns.iter().map(|name| text_width(name, 12.0));
        let widest = names.fold(0.0_f64, f64::max);
        let heading =
            if widest + 6.0 <= across { LINE_HEIGHT } else { widest.min(NAME_HEIGHT) * WIDEST_FONT + 4.0 };
        Grid { left, top: 20.0 + heading + 6.0, cell: [across, down] }
    }

    fn draw_titles(&self, draft: &mut Draft, grid: &Grid, width: f64) {
        let row_title = fitted(&self.row_title, 12.0, grid.left - 8.0);
        let column_title = fitted(&self.column_title, 12.0, width - grid.left);
        draft.text("row-title", [0.0, grid.top - 8.0], row_title, Style::START).paint = Paint::Muted;
        draft.text("column-title", [grid.left, 12.0], column_title, Style::START).paint = Paint::Muted;
        let widest = self.columns.iter().map(|name| text_width(name, 12.0)).fold(0.0_f64, f64::max);
        let every = (15.0 / grid.cell[0]).ceil().max(1.0) as usize;
        for (column, name) in self.columns.iter().enumerate() {
            let middle = grid.left + grid.cell[0] * (column as f64 + 0.5);
            if widest + 6.0 <= grid.cell[0] {
                draft.text(format!("column-{column}"), [middle, grid.top - 8.0], name, Style::MIDDLE);
            } else if column.is_multiple_of(every) {
                let style = Style { upright: true, ..Style::START };
                let at = [(middle + 4.0).min(width - 3.0), grid.top - 6.0];
                draft.text(format!("column-{column}"), at, fitted(name, 12.0, NAME_HEIGHT), style);
            }
        }
    }

    fn draw_row(&self, draft: &mut Draft, grid: &Grid, row: usize) {
        let [across, down] = grid.cell;
        let y = grid.top + down * row as f64;
        let every = (15.0 / down).ceil().max(1.0) as usize;
        if row.is_multiple_of(every) {
            let name = fitted(&self.rows[row], 12.0, (grid.left - 8.0) / WIDEST_FONT);
            draft.text(format!("row-{row}"), [grid.left - 8.0, y + down / 2.0 + 4.0], name, Style::END);
        }
        let written = self.written(row, grid);
        let mut cells = Vec::new();
        for (column, name) in self.columns.iter().enumerate() {
            let value = self.value(row, column);
            let shade = value.filter(|value| drawable(*value)).map(|value| self.shade(value));
            let shape = Shape::Rect {
                at: [grid.left + across * column as f64 + 0.5, y + 0.5],
                size: [(across - 1.0).max(0.5), (down - 1.0).max(0.5)],
                radius: 0.0,
            };
            let said = value.map_or("no value".to_owned(), |value| self.with_unit(value));
            let id = format!("cell-{row}-{column}");
            let paint = shade.map_or(Paint::Null, Paint::Shade);
            cells.push(Mark::new(id, shape, paint).named(format!("{}, {name}: {said}", self.rows[row])));
            if let (Some(shade), Some(Some(text))) = (shade, written.get(column)) {
                let at = [grid.left + across * (column as f64 + 0.5), y + down / 2.0 + 4.0];
                let shape = Shape::Text { at, text: text.clone(), style: Style::MIDDLE };
                cells.push(Mark::new(format!("value-{row}-{column}"), shape, Paint::OnShade(shade)));
            }
        }
        let group = Mark::new(format!("cells-{row}"), Shape::Group { marks: cells }, Paint::None);
        draft.push(group.named(format!("{}: {} cells", self.rows[row], self.columns.len())).focused(row));
    }

    /// The texts of a row's cells, if all the matrix's values fit into their cells.
    fn written(&self, row: usize, grid: &Grid) -> Vec<Option<String>> {
        let all: Vec<f64> =
            self.values.iter().flatten().flatten().copied().filter(|value| drawable(*value)).collect();
        let [across, down] = grid.cell;
        if down < 18.0 || across < 20.0 {
            return Vec::new();
        }
        for digits in [3, 2] {
            let widest =
                aligned(&all, digits).iter().map(|text| text_width(text, 12.0)).fold(0.0_f64, f64::max);
            if widest + 6.0 > across {
                continue;
            }
            let texts = aligned(&all, digits);
            let write =
                |value: f64| all.iter().position(|other| *other == value).map(|place| texts[place].clone());
            return (0..self.columns.len())
                .map(|column| self.value(row, column).filter(|value| drawable(*value)).and_then(write))
                .collect();
        }
        Vec::new()
    }

    fn with_unit(&self, value: f64) -> String {
        let number = significant(value, 3);
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }

    fn shade(&self, value: f64) -> Shade {
        match self.scale {
            Scale::Sequential { min, max } => Shade::Quantity(ratio(value - min, max - min)),
            Scale::Diverging { centre, reach } => Shade::Difference(ratio(value - centre, reach)),
        }
    }

    /// Draws the strip that says which shade is which value; returns the lower end.
    fn draw_scale(&self, draft: &mut Draft, (left, top): (f64, f64), width: f64) -> f64 {
        let (low, high) = match self.scale {
            Scale::Sequential { min, max } => (min, max),
            Scale::Diverging { centre, reach } => (centre - reach, centre + reach),
        };
        let left = left.min(width / 3.0);
        let steps = 24;
        let length = (width - left).min(240.0);
        let step = length / f64::from(steps);
        for index in 0..steps {
            let part = f64::from(index) / f64::from(steps - 1);
            let shade = match self.scale {
                Scale::Sequential { .. } => Shade::Quantity(part),
                Scale::Diverging { .. } => Shade::Difference(part * 2.0 - 1.0),
            };
            let at = [left + step * f64::from(index), top];
            draft.rect(format!("scale-{index}"), at, [step + 0.3, 10.0], Paint::Shade(shade));
        }
        draft.rect("scale-frame", [left, top], [length, 10.0], Paint::Null);
        let baseline = top + 26.0;
        let ends = [brief(low), brief(high)];
        let place = |anchor| Style { anchor, ..Style::START };
        for (index, text) in ends.iter().enumerate() {
            let (x, anchor) = if index == 0 { (left, Anchor::Start) } else { (left + length, Anchor::End) };
            let text = fitted(text, 12.0, length * 0.36);
            draft.text(format!("scale-end-{index}"), [x, baseline], text, place(anchor)).paint = Paint::Muted;
        }
        let unit = fitted(
            &self.unit,
            12.0,
            (length - 2.0 * ends.iter().map(|end| text_width(end, 12.0)).fold(0.0, f64::max) - 16.0).max(0.0),
        );
        draft.text("scale-unit", [left + length / 2.0, baseline], unit, Style::MIDDLE).paint = Paint::Muted;
        baseline + 6.0
    }

    fn description(&self) -> String {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        format!(
            "{} {rows} rows ({}) by {columns} columns ({}).",
            self.caption, self.row_title, self.column_title
        )
    }

    /// The table twin: the matrix itself.
    pub fn table(&self) -> Table {
        let mut columns = vec![Column::text(&self.row_title)];
        columns.extend(self.columns.iter().map(|name| Column::number(name, &self.unit)));
        let cell = |row, column| self.value(row, column).map_or(Cell::Empty, Cell::number);
        let row = |(row, name): (usize, &String)| {
            [Cell::text(name)]
                .into_iter()
                .chain((0..self.columns.len()).map(|column| cell(row, column)))
                .collect()
        };
        Table {
            title: self.title.clone(),
            caption: self.caption.clone(),
            columns,
            rows: self.rows.iter().enumerate().map(row).collect(),
        }
    }
}

/// A share of a whole; nothing of an empty or undefined whole.
fn ratio(part: f64, whole: f64) -> f64 {
    let ratio = part / whole;
    if ratio.is_nan() { 0.0 } else { ratio }
}
