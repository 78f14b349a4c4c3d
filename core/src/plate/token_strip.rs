//! The token strip plate: tokens in reading order, each with the slot it went to and what became of it.

use super::data::{Cell, Column, Table};
use super::data_routing::{StripToken, TokenRow, TokenStrip};
use super::scene::Scene;

impl TokenStrip {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        Scene { title: self.title.clone(), ..self.table().scene_at(width) }
    }

    fn slot_name(&self, slot: usize) -> String {
        self.slot_names.get(slot).cloned().unwrap_or_else(|| format!("expert {slot}"))
    }

    /// The table twin: one row per token.
    pub fn table(&self) -> Table {
        let cells = |row: &TokenRow, (place, token): (usize, &StripToken)| {
            vec![
                Cell::text(&row.name),
                Cell::number(place as f64 + 1.0),
                Cell::text(&token.text),
                token.slot.map_or(Cell::Empty, |slot| Cell::text(self.slot_name(slot))),
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
