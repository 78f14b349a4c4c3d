//! The flow plate: ribbons between stages, as wide as what they carry (after Sankey). Nodes keep the order in which
//! they are given.

mod drawing;
mod placing;

use placing::Placing;

use super::data::{Cell, Column, Table};
use super::data_routing::{Flow, FlowLink};
use super::frame::Draft;
use super::number::brief;
use super::scene::Scene;

/// More links than this are refused: nobody could tell them apart.
const MOST_LINKS: usize = 4096;
/// More stages, or nodes in a stage, than this are refused.
const MOST_NODES: usize = 512;

impl Flow {
    /// The picture at a width in pixels.
    pub fn scene_at(&self, width: f64) -> Scene {
        match self.problem(width) {
            Some(problem) => {
                let mut draft = Draft::default();
                let bottom = draft.refusal(&problem, width);
                draft.scene(&self.title, format!("{} {problem}", self.caption), [width, bottom])
            }
            None => self.draw(width),
        }
    }

    /// Why there is nothing to draw, as a sentence.
    fn problem(&self, width: f64) -> Option<String> {
        let most = self.stages.iter().map(|stage| stage.nodes.len()).max().unwrap_or(0);
        if self.stages.len() < 2 || most == 0 {
            Some("Nothing to draw: a flow needs two stages with nodes.".to_owned())
        } else if self.links.len() > MOST_LINKS || most.max(self.stages.len()) > MOST_NODES {
            Some(format!(
                "The flow is too large to be drawn, with {} links: at most {MOST_LINKS} links and {MOST_NODES} \
                 nodes in a stage can be told apart. The table lists all.",
                self.links.len()
            ))
        } else if !self.has_room(width) {
            let stages = self.stages.len();
            Some(format!(
                "There is no room here for {stages} stages side by side. The table lists all links."
            ))
        } else {
            None
        }
    }

    fn node_name(&self, stage: usize, node: usize) -> String {
        let found = self.stages.get(stage).and_then(|stage| stage.nodes.get(node));
        found.map_or_else(|| format!("node {node}"), |node| node.name.clone())
    }

    fn stage_name(&self, stage: usize) -> String {
        self.stages.get(stage).map_or_else(|| format!("stage {stage}"), |stage| stage.name.clone())
    }

    fn description(&self, placing: &Placing) -> String {
        let names: Vec<String> =
            self.stages.iter().map(|stage| format!("{} ({} nodes)", stage.name, stage.nodes.len())).collect();
        let first = placing.stages.first().map_or(0.0, |nodes| nodes.iter().map(|node| node.leaving).sum());
        format!("{} {} {} go through {}.", self.caption, brief(first), self.unit, names.join(", then "))
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
