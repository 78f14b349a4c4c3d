//! The network plate: an architecture as columns of units, lit where a sub-network uses them, with the shares that
//! its weights are mixed from.

use super::data::{Cell, Column, Table};
use super::data_routing::{Network, NetworkColumn};
use super::scene::Scene;

impl Network {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        Scene { title: self.title.clone(), ..self.table().scene_at(width) }
    }

    fn slot_name(&self, slot: usize) -> String {
        self.slot_names.get(slot).cloned().unwrap_or_else(|| format!("expert {slot}"))
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
        columns
            .extend((0..slots).map(|slot| Column::number(format!("Share of {}", self.slot_name(slot)), "")));
        let row = |column: &NetworkColumn| {
            let mut cells = vec![
                Cell::text(&column.name),
                Cell::text(&column.kind),
                Cell::number(column.lit as f64),
                Cell::number(column.total as f64),
                Cell::text(if column.skipped { "yes" } else { "no" }),
            ];
            cells.extend(
                (0..slots)
                    .map(|slot| column.slot_shares.get(slot).copied().map_or(Cell::Empty, Cell::number)),
            );
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
