//! How a flow is drawn: headings, ribbons, and on top of them the nodes with their labels.

use super::placing::{NODE, Node, Placing, Ribbon};
use crate::order::sort_by_key;
use crate::plate::data_routing::{Flow, FlowLink, FlowNode, numbered};
use crate::plate::frame::{Draft, note_missing};
use crate::plate::number::brief;
use crate::plate::palette::marker;
use crate::plate::scene::{Anchor, Mark, Paint, Scene, Shape, Style, shortened, text_width};

/// The room for the stages' names.
const HEADING: f64 = 28.0;
/// The room between a node and its label.
const GAP: f64 = 6.0;
/// The room for a label's marker.
const MARKER: f64 = 14.0;

/// The least room for ribbons between two stages.
const NARROWEST: f64 = 6.0;

/// Where the stages stand.
struct Columns {
    /// The left edge of each stage's nodes.
    lefts: Vec<f64>,
    width: f64,
}

/// A drawn flow's places in the order of focus: stage by stage each node, then the ribbons that leave it.
struct Places {
    nodes: Vec<Vec<usize>>,
    ribbons: Vec<usize>,
}

impl Flow {
    /// Whether the stages stand far enough apart for ribbons between them.
    pub(super) fn has_room(&self, width: f64) -> bool {
        let lefts = self.columns(width).lefts;
        lefts.windows(2).all(|pair| pair[1] - pair[0] >= NODE + NARROWEST)
    }

    pub(super) fn draw(&self, width: f64) -> Scene {
        let mut draft = Draft::default();
        let placing = self.placing(HEADING, (width * 0.5).clamp(180.0, 360.0));
        let columns = self.columns(width);
        self.draw_headings(&mut draft, &columns);
        let places = self.places(&placing);
        for (ribbon, place) in placing.ribbons.iter().zip(&places.ribbons) {
            let link = &self.links[ribbon.link];
            let sent = placing.stages[link.from_stage][link.from].leaving;
            self.draw_ribbon(&mut draft, ribbon, &columns, (self.name_of(link, sent), *place));
        }
        for (stage, nodes) in placing.stages.iter().enumerate() {
            self.draw_nodes(&mut draft, (stage, nodes), &columns, &places.nodes[stage]);
        }
        let lost = (0..self.links.len())
            .filter(|link| !self.carries(*link) && self.links[*link].amount != 0.0)
            .count();
        let bottom = note_missing(&mut draft, lost, "link", (placing.bottom + 8.0, width));
        draft.scene(&self.title, self.description(&placing), [width, bottom])
    }

    /// The first and the last stage leave room for their labels outside, the less the more stages there are.
    fn columns(&self, width: f64) -> Columns {
        let most = (width - self.stages.len() as f64 * 2.4 * NODE) / 2.0;
        let outside = |stage: usize| {
            let labels = self.stages[stage].nodes.iter().map(room_of_label);
            labels.fold(0.0_f64, f64::max).min(most.clamp(24.0, width * 0.3))
        };
        let last = self.stages.len() - 1;
        let (first, end) = (outside(0), width - NODE - outside(last));
        let step = (end - first) / last as f64;
        Columns { lefts: (0..=last).map(|stage| first + step * stage as f64).collect(), width }
    }

    fn draw_headings(&self, draft: &mut Draft, columns: &Columns) {
        let last = self.stages.len() - 1;
        let between = |stage: usize| (columns.lefts[stage] + columns.lefts[stage + 1] + NODE) / 2.0;
        let mut free = 0.0;
        for (stage, held) in self.stages.iter().enumerate() {
            let left = if stage == 0 { 0.0 } else { between(stage - 1) + 4.0 };
            let right = if stage == last { columns.width } else { between(stage) - 4.0 };
            let name = shortened(&held.name, 12.0, right - left);
            let length = text_width(&name, 12.0);
            let (start, anchor) = match stage {
                0 => (0.0, Anchor::Start),
                stage if stage == last => (columns.width - length, Anchor::End),
                _ => (columns.lefts[stage] + (NODE - length) / 2.0, Anchor::Middle),
            };
            if start >= free && !name.is_empty() {
                free = start + length + 4.0;
                let part = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => 0.5,
                    Anchor::End => 1.0,
                };
                let at = [start + length * part, 12.0];
                draft.text(format!("stage-{stage}"), at, name, Style { anchor, ..Style::START }).paint =
                    Paint::Muted;
            }
        }
    }

    fn places(&self, placing: &Placing) -> Places {
        let source = |ribbon: &Ribbon| (self.links[ribbon.link].from_stage, self.links[ribbon.link].from);
        let mut order: Vec<usize> = (0..placing.ribbons.len()).collect();
        sort_by_key(&mut order, |index| (source(&placing.ribbons[*index]), *index));
        let mut order = order.into_iter().peekable();
        let mut places = Places { nodes: Vec::new(), ribbons: vec![0; placing.ribbons.len()] };
        let mut next = 0..;
        let mut take = || next.next().unwrap_or(usize::MAX);
        for (stage, nodes) in placing.stages.iter().enumerate() {
            let mut row = Vec::new();
            for node in 0..nodes.len() {
                row.push(take());
                while let Some(index) =
                    order.next_if(|index| source(&placing.ribbons[*index]) == (stage, node))
                {
                    places.ribbons[index] = take();
                }
            }
            places.nodes.push(row);
        }
        places
    }

    fn draw_ribbon(
        &self,
        draft: &mut Draft,
        ribbon: &Ribbon,
        columns: &Columns,
        (name, place): (String, usize),
    ) {
        let link = &self.links[ribbon.link];
        let (from, to) = (columns.lefts[link.from_stage] + NODE, columns.lefts[link.from_stage + 1]);
        let slot = |stage: usize, node: usize| self.stages[stage].nodes[node].slot;
        let slot = link
            .slot
            .or_else(|| slot(link.from_stage + 1, link.to))
            .or_else(|| slot(link.from_stage, link.from));
        let paint = match link.fate.as_str() {
            "dropped" => Paint::Dropped,
            "null" => Paint::Unlit,
            "skipped" => Paint::Skipped,
            _ => slot.map_or(Paint::Area, Paint::Ribbon),
        };
        let thickness = ribbon.thickness.max(0.75);
        let id = format!("ribbon-{}", ribbon.link);
        if link.fate == "dropped" {
            let ends = ([from, ribbon.leaves], [to, ribbon.arrives]);
            let shape = Shape::Path { parts: strikes(ends, thickness), closed: false };
            draft.push(Mark::new(format!("{id}-strike"), shape, Paint::Dropped));
        }
        let parts = vec![outline([from, ribbon.leaves], [to, ribbon.arrives], thickness)];
        draft.push(Mark::new(id, Shape::Path { parts, closed: true }, paint).named(name).focused(place));
    }

    /// The link in words: how much of what its source sends out.
    fn name_of(&self, link: &FlowLink, sent: f64) -> String {
        let plain = matches!(link.fate.as_str(), "" | "kept");
        let fate = if plain { String::new() } else { format!(", {}", link.fate) };
        format!(
            "From {} to {}: {} of {} {}{fate}",
            self.node_name(link.from_stage, link.from),
            self.node_name(link.from_stage + 1, link.to),
            brief(link.amount),
            brief(sent),
            self.unit
        )
    }

    fn draw_nodes(
        &self,
        draft: &mut Draft,
        (stage, nodes): (usize, &[Node]),
        columns: &Columns,
        places: &[usize],
    ) {
        let mut free = f64::NEG_INFINITY;
        for (index, node) in nodes.iter().enumerate() {
            let held = &self.stages[stage].nodes[index];
            let mut marks = Draft::default();
            let paint = held.slot.map_or(Paint::Lit, Paint::Hatch);
            let at = [columns.lefts[stage], node.top];
            marks.rect(format!("bar-{stage}-{index}"), at, [NODE, node.height], paint);
            let middle = node.top + node.height / 2.0;
            if middle - 7.0 >= free {
                free = middle + 7.0;
                self.draw_label(&mut marks, (stage, index), columns, middle);
            }
            let amount = |amount: f64, way: &str| format!("{} {} {way}", brief(amount), self.unit);
            let amounts = match (stage, stage + 1 == self.stages.len()) {
                (0, _) => amount(node.leaving, "leave"),
                (_, true) => amount(node.arriving, "arrive"),
                _ => format!("{}, {}", amount(node.arriving, "arrive"), amount(node.leaving, "leave")),
            };
            let name = format!("{}, {}: {amounts}", self.stages[stage].name, held.name);
            let group = Shape::Group { marks: marks.marks };
            let mark = Mark::new(format!("node-{stage}-{index}"), group, Paint::None);
            draft.push(mark.named(name).focused(places[index]));
        }
    }

    /// Writes a node's name: outside of the first and the last stage, on the ribbons of those between.
    fn draw_label(&self, draft: &mut Draft, (stage, index): (usize, usize), columns: &Columns, middle: f64) {
        let node = &self.stages[stage].nodes[index];
        let left = columns.lefts[stage];
        let room = match columns.lefts.get(stage + 1) {
            _ if stage == 0 => left - GAP,
            None => columns.width - left - NODE - GAP,
            // Ribbons are to be seen beside the label.
            Some(next) => (next - left - NODE) * 0.55,
        };
        // Away from the node, by so much.
        let at = |offset: f64| {
            let x = if stage == 0 { left - GAP - offset } else { left + NODE + GAP + offset };
            [x, middle]
        };
        let mut offset = 0.0;
        if let Some(slot) = node.slot.filter(|_| room >= 10.0) {
            let shape = marker(slot, at(5.0), 4.5);
            draft.push(Mark::new(format!("marker-{stage}-{index}"), shape, Paint::Slot(slot)));
            offset = MARKER;
        }
        let text = shortened(&label(node), 12.0, room - offset);
        if !text.is_empty() {
            let style = if stage == 0 { Style::END } else { Style::START };
            let [x, y] = at(offset);
            draft.text(format!("label-{stage}-{index}"), [x, y + 4.0], text, style).paint = Paint::Label;
        }
    }
}

/// A node's name, with its slot's number.
fn label(node: &FlowNode) -> String {
    node.slot.map_or_else(|| node.name.clone(), |slot| numbered(&node.name, slot))
}

/// How far a node's label reaches from the node.
fn room_of_label(node: &FlowNode) -> f64 {
    GAP + text_width(&label(node), 12.0) + if node.slot.is_some() { MARKER } else { 0.0 }
}

/// Three strokes aslant across the middle of a ribbon.
fn strikes((from, to): ([f64; 2], [f64; 2]), thickness: f64) -> Vec<Vec<[f64; 2]>> {
    let stroke = |offset: f64| {
        let part = 0.5 + (offset / (to[0] - from[0])).clamp(-0.25, 0.25);
        let [x, y] = on_ribbon(from, to, part);
        vec![[x - 3.0, y + thickness + 3.0], [x + 3.0, y - 3.0]]
    };
    [-7.0, 0.0, 7.0].map(stroke).into()
}

/// A point of a ribbon's upper edge.
fn on_ribbon(from: [f64; 2], to: [f64; 2], part: f64) -> [f64; 2] {
    let rise = part * part * (3.0 - 2.0 * part);
    [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * rise]
}

/// A ribbon's outline: level where it leaves and where it arrives, and everywhere as high as it is thick.
fn outline(from: [f64; 2], to: [f64; 2], thickness: f64) -> Vec<[f64; 2]> {
    let steps = if (from[1] - to[1]).abs() < 0.5 { 1 } else { 14 };
    let upper: Vec<[f64; 2]> =
        (0..=steps).map(|step| on_ribbon(from, to, f64::from(step) / f64::from(steps))).collect();
    let lower = upper.iter().rev().map(|[x, y]| [*x, y + thickness]);
    upper.iter().copied().chain(lower).collect()
}
