//! The flow plate: ribbons between stages, as wide as what they carry.

use super::data::{Cell, Column, Table};
use super::data_routing::{Flow, FlowLink};
use super::scene::Scene;

impl Flow {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        Scene { title: self.title.clone(), ..self.table().scene_at(width) }
    }

    fn stage_name(&self, stage: usize) -> String {
        self.stages.get(stage).map_or_else(|| format!("stage {stage}"), |stage| stage.name.clone())
    }

    fn node_name(&self, stage: usize, node: usize) -> String {
        let found = self.stages.get(stage).and_then(|stage| stage.nodes.get(node));
        found.map_or_else(|| format!("node {node}"), |node| node.name.clone())
    }

    /// The table twin: one row per link.
    pub fn table(&self) -> Table {
        let row = |link: &FlowLink| {
            let next = link.from_stage.saturating_add(1);
            vec![
                Cell::text(self.stage_name(link.from_stage)),
                Cell::text(self.node_name(link.from_stage, link.from)),
                Cell::text(self.stage_name(next)),
                Cell::text(self.node_name(next, link.to)),
                Cell::number(link.amount),
                Cell::text(&link.fate),
            ]
        };
        Table {
            title: self.title.clone(),
            caption: self.caption.clone(),
            columns: vec![
                Column::text("From stage"),
                Column::text("From"),
                Column::text("To stage"),
                Column::text("To"),
                Column::number("Amount", &self.unit),
                Column::text("Fate"),
            ],
            rows: self.links.iter().map(row).collect(),
        }
    }
}
