//! The token strip plate: tokens in reading order, each in a box with the slot it went to and what became of it.

use super::data::{Cell, Column, Table};
use super::data_routing::{StripToken, TokenRow, TokenStrip, slot_name};
use super::frame::{Draft, LINE_HEIGHT};
use super::number::{drawable, significant};
use super::palette::marker;
use super::scene::{Mark, Paint, Scene, Shape, Style, fitted, text_width};

/// The size of a token's text.
const SIZE: f64 = 14.0;
/// The height of a token's box.
const BOX: f64 = 54.0;
/// The room between the box and what stands in it.
const INSET: f64 = 8.0;
/// The room between two boxes.
const GAP: f64 = 6.0;
/// At most so many tokens are drawn.
const MOST_TOKENS: usize = 1000;

impl TokenStrip {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let count: usize = self.rows.iter().map(|row| row.tokens.len()).sum();
        if count == 0 {
            let bottom = draft.refusal("Nothing to draw: there are no tokens.", width);
            return draft.scene(&self.title, self.description(), [width, bottom]);
        }
        let mut bottom = 0.0;
        let mut place = 0;
        for (index, row) in self.rows.iter().enumerate() {
            if place < MOST_TOKENS {
                bottom = self.draw_row(&mut draft, (index, row), (bottom, width), &mut place);
            }
        }
        if count > MOST_TOKENS {
            let note = format!("The first {MOST_TOKENS} of {count} tokens are drawn; the table lists all.");
            let set = (width, Style::START, Paint::Muted);
            bottom = draft.paragraph("note-thinned", [0.0, bottom + 16.0], &note, set) + 6.0;
        }
        draft.scene(&self.title, self.description(), [width, bottom + 2.0])
    }

    /// Draws a row's name and its tokens in as many lines as they need; returns the lower end.
    fn draw_row(
        &self,
        draft: &mut Draft,
        (index, row): (usize, &TokenRow),
        (top, width): (f64, f64),
        place: &mut usize,
    ) -> f64 {
        let mut y = if top > 0.0 { top + 12.0 } else { top };
        if !row.name.is_empty() {
            let name = fitted(&row.name, 12.0, width);
            draft.text(format!("row-{index}"), [0.0, y + 12.0], name, Style::START).paint = Paint::Muted;
            y += LINE_HEIGHT + 4.0;
        }
        let mut x = 0.0;
        for (number, token) in row.tokens.iter().enumerate() {
            if *place == MOST_TOKENS {
                break;
            }
            let length = box_width(token).min(width);
            if x > 0.0 && x + length > width {
                (x, y) = (0.0, y + BOX + GAP);
            }
            let mut marks = Draft::default();
            draw_token(&mut marks, &format!("{index}-{number}"), token, ([x, y], length));
            let group = Shape::Group { marks: marks.marks };
            let mark = Mark::new(format!("token-{index}-{number}"), group, Paint::None);
            draft.push(mark.named(self.name_of(row, (number, token))).focused(*place));
            x += length + GAP;
            *place += 1;
        }
        if row.tokens.is_empty() { y } else { y + BOX }
    }

    fn name_of(&self, row: &TokenRow, (number, token): (usize, &StripToken)) -> String {
        let row = if row.name.is_empty() { String::new() } else { format!("{}, ", row.name) };
        let slot = token.slot.map(|slot| {
            let sure = if drawable(token.probability) {
                format!(" with probability {}", significant(token.probability, 2))
            } else {
                String::new()
            };
            format!(", {}{sure}", slot_name(&self.slot_names, slot))
        });
        let fate = if token.fate.is_empty() { "kept" } else { &token.fate };
        let marked = if token.marked { ", marked" } else { "" };
        let note = if token.note.is_empty() { String::new() } else { format!(". {}", token.note) };
        // What is to be seen comes first, so that it can be spoken to choose the token.
        format!(
            "“{}” {}, {row}token {}: {fate}{}{marked}{note}",
            visible(&token.text),
            label(token),
            number + 1,
            slot.unwrap_or_default()
        )
    }

    fn description(&self) -> String {
        let mut fates: Vec<(&str, usize)> = Vec::new();
        for token in self.rows.iter().flat_map(|row| &row.tokens) {
            let fate = if token.fate.is_empty() { "kept" } else { token.fate.as_str() };
            match fates.iter_mut().find(|(known, _)| *known == fate) {
                Some((_, count)) => *count += 1,
                None => fates.push((fate, 1)),
            }
        }
        let fates: Vec<String> = fates.into_iter().map(|(fate, count)| format!("{count} {fate}")).collect();
        let fates = if fates.is_empty() { "none".to_owned() } else { fates.join(", ") };
        format!("{} {} rows of tokens: {fates}.", self.caption, self.rows.len())
    }

    /// The table twin: one row per token.
    pub fn table(&self) -> Table {
        let cells = |row: &TokenRow, (place, token): (usize, &StripToken)| {
            vec![
                Cell::text(&row.name),
                Cell::number(place as f64 + 1.0),
                Cell::text(&token.text),
                token.slot.map_or(Cell::Empty, |slot| Cell::text(slot_name(&self.slot_names, slot))),
                Cell::number(token.probability),
                Cell::text(&token.fate),
                Cell::text(if token.marked { "yes" } else { "no" }),
                Cell::text(&token.note),
            ]
        };
        let rows = self
            .rows
            .iter()
            .flat_map(|row| row.tokens.iter().enumerate().map(move |token| cells(row, token)));
        Table {
            title: self.title.clone(),
            caption: self.caption.clone(),
            columns: vec![
                Column::text("Row"),
                Column::number("Place", ""),
                Column::text("Token"),
                Column::text("Goes to"),
                Column::number("Probability", ""),
                Column::text("Fate"),
                Column::text("Marked"),
                Column::text("Note"),
            ],
            rows: rows.collect(),
        }
    }
}

/// The text with its white space made visible.
fn visible(text: &str) -> String {
    if !text.trim().is_empty() {
        return text.trim().to_owned();
    }
    let sign = |letter| match letter {
        '\n' => '↵',
        '\t' => '⇥',
        _ => '␣',
    };
    text.chars().map(sign).collect()
}

/// What stands under a token: its slot's number, and its fate where it is not simply kept.
fn label(token: &StripToken) -> String {
    let number = token.slot.map(|slot| slot.to_string()).unwrap_or_default();
    let fate = if token.fate == "kept" { "" } else { token.fate.as_str() };
    format!("{number} {fate}").trim().to_owned()
}

fn box_width(token: &StripToken) -> f64 {
    let label = text_width(&label(token), 12.0) + if token.slot.is_some() { 14.0 } else { 0.0 };
    2.0 * INSET + text_width(&visible(&token.text), SIZE).max(label).max(24.0)
}

fn draw_token(draft: &mut Draft, id: &str, token: &StripToken, ([x, y], width): ([f64; 2], f64)) {
    let paint = match token.fate.as_str() {
        "null" => Paint::Unlit,
        "skipped" => Paint::Skipped,
        _ => Paint::Panel,
    };
    let shape = Shape::Rect { at: [x + 0.5, y + 0.5], size: [width - 1.0, BOX - 1.0], radius: 6.0 };
    draft.push(Mark::new(format!("box-{id}"), shape, paint));
    if token.marked {
        // Inside of the rounded corner.
        let (right, top) = (x + width - 1.0, y + 1.0);
        let corner = vec![[right - 13.0, top], [right - 3.5, top], [right, top + 3.5], [right, top + 13.0]];
        let shape = Shape::Path { parts: vec![corner], closed: true };
        draft.push(Mark::new(format!("marked-{id}"), shape, Paint::Bad));
    }
    let inner = width - 2.0 * INSET;
    let (left, dropped) = (x + INSET, token.fate == "dropped");
    let text = fitted(&visible(&token.text), SIZE, inner);
    let length = text_width(&text, SIZE);
    draft.text(format!("text-{id}"), [left, y + 19.0], text, Style::START.sized(SIZE));
    if dropped {
        draft.line(
            format!("strike-{id}"),
            [left - 2.0, y + 14.5],
            [left + length + 2.0, y + 14.5],
            Paint::Strong,
        );
    }
    let Some(slot) = token.slot else {
        let text = fitted(&label(token), 12.0, inner);
        draft.text(format!("label-{id}"), [left, y + 46.0], text, Style::START).paint = Paint::Muted;
        return;
    };
    let sure = if drawable(token.probability) { token.probability.clamp(0.0, 1.0) } else { 1.0 };
    if !dropped {
        draft.rect(format!("slot-{id}"), [left, y + 26.0], [inner * sure, 7.0], Paint::Hatch(slot));
    }
    draft.rect(format!("track-{id}"), [left, y + 26.0], [inner, 7.0], Paint::Unlit);
    draft.push(Mark::new(
        format!("marker-{id}"),
        marker(slot, [left + 5.0, y + 42.0], 4.5),
        Paint::Slot(slot),
    ));
    let text = fitted(&label(token), 12.0, inner - 14.0);
    draft.text(format!("label-{id}"), [left + 14.0, y + 46.0], text, Style::START);
}
