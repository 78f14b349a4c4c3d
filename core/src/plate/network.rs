//! The network plate: an architecture as strips of units, lit where a sub-network uses them, with the shares that
//! its weights are mixed from. Input stands left on a sheet and on top on a phone.

mod shares;
mod strip;

use shares::{percent, shown_shares};
use strip::{Strip, group, link};

use super::data::{Cell, Column, Table};
use super::data_routing::{Network, NetworkColumn, slot_name};
use super::frame::{Draft, LINE_HEIGHT, note_missing};
use super::number::drawable;
use super::scene::{Mark, Paint, Scene, Shape, Style, WIDEST_FONT, fitted, text_width, wrapped};

/// A layer needs so much width to stand beside its neighbours.
const ROOM_FOR_COLUMN: f64 = 84.0;
/// The height of the largest layer on a sheet.
const HEIGHT: f64 = 192.0;
/// More layers than this are refused.
const MOST_COLUMNS: usize = 64;

impl Network {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let count = self.columns.len();
        if count == 0 || count > MOST_COLUMNS {
            let problem = if count == 0 {
                "Nothing to draw: there are no layers.".to_owned()
            } else {
                format!(
                    "The network is too deep to be drawn: it has {count} layers, and at most {MOST_COLUMNS} fit."
                )
            };
            let bottom = draft.refusal(&problem, width);
            return draft.scene(&self.title, format!("{} {problem}", self.caption), [width, bottom]);
        }
        let beside = width >= ROOM_FOR_COLUMN * count as f64;
        let bottom =
            if beside { self.draw_beside(&mut draft, width) } else { self.draw_beneath(&mut draft, width) };
        let bottom = self.note_group(&mut draft, (bottom, width));
        let shares = self.columns.iter().flat_map(|column| &column.slot_shares);
        let missing = shares.filter(|share| !drawable(**share) || **share < 0.0).count();
        let bottom = note_missing(&mut draft, missing, "share", (bottom, width));
        draft.scene(&self.title, self.description(), [width, bottom])
    }

    fn largest(&self) -> usize {
        self.columns.iter().map(|column| column.total).max().unwrap_or(0).max(1)
    }

    /// Layers from left to right; returns the lower end.
    fn draw_beside(&self, draft: &mut Draft, width: f64) -> f64 {
        let step = (width / self.columns.len() as f64).min(168.0);
        let margin = (width - step * self.columns.len() as f64) / 2.0;
        let thickness = (step * 0.36).min(44.0);
        let middle = |index: usize| margin + step * (index as f64 + 0.5);
        let room = step - 12.0;
        let heights = self.columns.iter().map(|column| {
            let lines = |text: &str| wrapped(text, 12.0, room).len();
            (lines(&column.name), lines(&used(column)))
        });
        let (names, uses) = heights.fold((1, 1), |most, next| (most.0.max(next.0), most.1.max(next.1)));
        let top = (names + uses) as f64 * LINE_HEIGHT + 10.0;
        let strip = |index: usize| Strip {
            at: [middle(index) - thickness / 2.0, top],
            thickness,
            unit: HEIGHT / self.largest() as f64,
            group: group(self.largest()),
            upright: true,
        };
        self.draw_links(draft, &strip);
        let mut bottom = top + HEIGHT;
        for (index, column) in self.columns.iter().enumerate() {
            let mut marks = Draft::default();
            let x = middle(index);
            // Names end where the uses begin, whatever their lengths.
            let lines = wrapped(&column.name, 12.0, room).len();
            let baseline = 12.0 + (names - lines) as f64 * LINE_HEIGHT;
            let bold = Style::MIDDLE.strong();
            marks.paragraph(&format!("name-{index}"), [x, baseline], &column.name, (room, bold, Paint::Ink));
            let baseline = 12.0 + names as f64 * LINE_HEIGHT;
            let set = (room, Style::MIDDLE, Paint::Muted);
            marks.paragraph(&format!("used-{index}"), [x, baseline], &used(column), set);
            strip(index).draw(&mut marks, index, column);
            let shares = [x - room.min(104.0) / 2.0, top + HEIGHT + 16.0];
            let end = self.draw_shares(&mut marks, index, shares, room.min(104.0));
            bottom = bottom.max(end);
            self.push_column(draft, index, marks);
        }
        bottom + 4.0
    }

    /// Layers from above to below; returns the lower end.
    fn draw_beneath(&self, draft: &mut Draft, width: f64) -> f64 {
        let thickness = 18.0;
        let mut tops = Vec::new();
        let mut next = 0.0;
        for column in &self.columns {
            let apart =
                text_width(&column.name, 12.0) * WIDEST_FONT + text_width(&used(column), 12.0) + 12.0 > width;
            let lines = if apart { 2.0 } else { 1.0 };
            tops.push(next + lines * LINE_HEIGHT + 4.0);
            let shares = self.share_places(column, width);
            let mix = shares.last().map_or(0.0, |last| last.1[1] + 8.0);
            next += lines * LINE_HEIGHT + 4.0 + thickness + mix + 24.0;
        }
        let strip = |index: usize| Strip {
            at: [0.0, tops[index]],
            thickness,
            unit: width / self.largest() as f64,
            group: group(self.largest()),
            upright: false,
        };
        self.draw_links(draft, &strip);
        let mut bottom = 0.0_f64;
        for (index, column) in self.columns.iter().enumerate() {
            let mut marks = Draft::default();
            let apart =
                text_width(&column.name, 12.0) * WIDEST_FONT + text_width(&used(column), 12.0) + 12.0 > width;
            let baseline = tops[index] - 8.0;
            let name = fitted(&column.name, 12.0, width / WIDEST_FONT);
            let above = if apart { LINE_HEIGHT } else { 0.0 };
            marks.text(format!("name-{index}"), [0.0, baseline - above], name, Style::START.strong());
            let (x, style) = if apart { (0.0, Style::START) } else { (width, Style::END) };
            let used = fitted(&used(column), 12.0, width);
            marks.text(format!("used-{index}"), [x, baseline], used, style).paint = Paint::Muted;
            strip(index).draw(&mut marks, index, column);
            bottom = self.draw_share_line(&mut marks, index, tops[index] + thickness + 8.0, width);
            self.push_column(draft, index, marks);
        }
        bottom + 4.0
    }

    fn push_column(&self, draft: &mut Draft, index: usize, marks: Draft) {
        let group = Mark::new(format!("column-{index}"), Shape::Group { marks: marks.marks }, Paint::None);
        draft.push(group.named(self.name_of(&self.columns[index])).focused(index));
    }

    /// Links run from each layer in use to the next one in use, past those that are skipped.
    fn draw_links(&self, draft: &mut Draft, strip: &impl Fn(usize) -> Strip) {
        let used: Vec<usize> =
            (0..self.columns.len()).filter(|index| !self.columns[*index].skipped).collect();
        for pair in used.windows(2) {
            let &[from, to] = pair else { continue };
            let (first, second) = (strip(from), strip(to));
            link(
                draft,
                format!("link-{from}-{to}"),
                (&first, &self.columns[from]),
                (&second, &self.columns[to]),
            );
        }
    }

    fn note_group(&self, draft: &mut Draft, (bottom, width): (f64, f64)) -> f64 {
        let group = group(self.largest());
        if group == 1 {
            return bottom;
        }
        let note = format!("One cell stands for {group} units.");
        draft.paragraph("note-group", [0.0, bottom + 16.0], &note, (width, Style::START, Paint::Muted)) + 6.0
    }

    fn name_of(&self, column: &NetworkColumn) -> String {
        let shares = shown_shares(column).into_iter();
        let shares: Vec<String> = shares
            .map(|(slot, share)| format!("{} {}", slot_name(&self.slot_names, slot), percent(share)))
            .collect();
        let mixed =
            if shares.is_empty() { String::new() } else { format!("; weights from {}", shares.join(", ")) };
        format!("{}: {}{mixed}", column.name, used(column))
    }

    fn description(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| self.name_of(column)).collect();
        format!("{} From input to output: {}.", self.caption, names.join(". "))
    }

    /// The table twin: one row per layer, one column per expert.
    pub fn table(&self) -> Table {
        let slots = self.columns.iter().map(|column| column.slot_shares.len()).max().unwrap_or(0);
        let mut columns = vec![
            Column::text("Layer"),
            Column::text("Units"),
            Column::number("Used", ""),
            Column::number("Of", ""),
            Column::text("Skipped"),
        ];
        let share = |slot| Column::number(format!("Share of {}", slot_name(&self.slot_names, slot)), "");
        columns.extend((0..slots).map(share));
        let row = |column: &NetworkColumn| {
            let mut cells = vec![
                Cell::text(&column.name),
                Cell::text(&column.kind),
                Cell::number(column.lit as f64),
                Cell::number(column.total as f64),
                Cell::text(if column.skipped { "yes" } else { "no" }),
            ];
            let share = |slot: usize| column.slot_shares.get(slot).copied().map_or(Cell::Empty, Cell::number);
            cells.extend((0..slots).map(share));
            cells
        };
        Table {
            title: self.title.clone(),
            caption: self.caption.clone(),
            columns,
            rows: self.columns.iter().map(row).collect(),
        }
    }
}

/// How much of a layer is used, in words.
fn used(column: &NetworkColumn) -> String {
    let NetworkColumn { total, lit, kind, skipped, .. } = column;
    match (skipped, lit == total) {
        (true, _) => format!("skipped, {total} {kind}"),
        (false, true) => format!("all {total} {kind}"),
        (false, false) => format!("{lit} of {total} {kind}"),
    }
    .trim()
    .to_owned()
}
