//! Where the nodes of a flow lie and where its ribbons leave and arrive. It measures in pixels and draws nothing.

use crate::order::sort_by_key;
use crate::plate::data_routing::Flow;
use crate::plate::number::drawable;

/// The width of a node.
pub const NODE: f64 = 10.0;

/// A flow's nodes and ribbons in a picture.
pub struct Placing {
    /// Each stage's nodes, from above.
    pub stages: Vec<Vec<Node>>,
    /// The ribbons, in the order of the links that are drawn.
    pub ribbons: Vec<Ribbon>,
    /// The lower end of everything.
    pub bottom: f64,
}

/// A node as a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Node {
    /// Its upper end.
    pub top: f64,
    /// Its height.
    pub height: f64,
    /// What arrives.
    pub arriving: f64,
    /// What leaves.
    pub leaving: f64,
}

/// A ribbon between two neighbouring stages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ribbon {
    /// Which link it is.
    pub link: usize,
    /// Its upper end where it leaves.
    pub leaves: f64,
    /// Its upper end where it arrives.
    pub arrives: f64,
    /// How thick it is.
    pub thickness: f64,
}

impl Flow {
    /// The link's nodes if both exist and it carries something that can be drawn.
    pub(super) fn carries(&self, link: usize) -> bool {
        let link = &self.links[link];
        let nodes = |stage: usize| self.stages.get(stage).map_or(0, |stage| stage.nodes.len());
        let next = link.from_stage.saturating_add(1);
        link.from < nodes(link.from_stage)
            && link.to < nodes(next)
            && drawable(link.amount)
            && link.amount > 0.0
    }

    /// Places everything between `top` and about `height` below it.
    pub(super) fn placing(&self, top: f64, height: f64) -> Placing {
        let drawn: Vec<usize> = (0..self.links.len()).filter(|link| self.carries(*link)).collect();
        let mut stages: Vec<Vec<Node>> =
            self.stages.iter().map(|stage| vec![Node::default(); stage.nodes.len()]).collect();
        for link in drawn.iter().map(|link| &self.links[*link]) {
            stages[link.from_stage][link.from].leaving += link.amount;
            stages[link.from_stage + 1][link.to].arriving += link.amount;
        }
        let through = |node: &Node| node.arriving.max(node.leaving);
        let totals = stages.iter().map(|nodes| nodes.iter().map(through).sum::<f64>());
        let scale = height / totals.fold(f64::MIN_POSITIVE, f64::max);
        let scale = if scale.is_finite() { scale } else { 0.0 };
        let mut bottom = top;
        for nodes in &mut stages {
            bottom = bottom.max(stack(nodes, top, |node| through(node) * scale));
        }
        for nodes in &mut stages {
            // Stages that need less room lie in the middle.
            let end = nodes.last().map_or(top, |node| node.top + node.height.max(0.0));
            nodes.iter_mut().for_each(|node| node.top += ((bottom - end) / 2.0).max(0.0));
        }
        let ribbons = self.ribbons(&drawn, &stages, scale);
        Placing { stages, ribbons, bottom }
    }

    /// Ribbons leave in the order of their targets and arrive in the order of their sources, so that few cross.
    fn ribbons(&self, drawn: &[usize], stages: &[Vec<Node>], scale: f64) -> Vec<Ribbon> {
        let mut ribbons: Vec<Ribbon> = drawn
            .iter()
            .map(|link| {
                let thickness = self.links[*link].amount * scale;
                Ribbon { link: *link, leaves: 0.0, arrives: 0.0, thickness }
            })
            .collect();
        let middle = |node: &Node, amount: f64| node.top + (node.height - amount * scale).max(0.0) / 2.0;
        let mut used: Vec<Vec<[f64; 2]>> = stages.iter().map(|nodes| vec![[0.0; 2]; nodes.len()]).collect();
        let mut order: Vec<usize> = (0..ribbons.len()).collect();
        sort_by_key(&mut order, |index| (self.links[ribbons[*index].link].to, ribbons[*index].link));
        for index in &order {
            let link = &self.links[ribbons[*index].link];
            let node = &stages[link.from_stage][link.from];
            let used = &mut used[link.from_stage][link.from][0];
            ribbons[*index].leaves = middle(node, node.leaving) + *used;
            *used += ribbons[*index].thickness;
        }
        sort_by_key(&mut order, |index| (self.links[ribbons[*index].link].from, ribbons[*index].link));
        for index in &order {
            let link = &self.links[ribbons[*index].link];
            let node = &stages[link.from_stage + 1][link.to];
            let used = &mut used[link.from_stage + 1][link.to][1];
            ribbons[*index].arrives = middle(node, node.arriving) + *used;
            *used += ribbons[*index].thickness;
        }
        ribbons
    }
}

/// Places nodes one beneath the other, with room for a label each while there are not too many; returns the end.
fn stack(nodes: &mut [Node], top: f64, height: impl Fn(&Node) -> f64) -> f64 {
    let count = nodes.len().max(1) as f64;
    let (room, gap) = ((1024.0 / count).min(14.0), (256.0 / count).min(5.0));
    let mut next = top;
    for node in nodes {
        node.height = height(node).max(0.5);
        let pitch = node.height.max(room);
        node.top = next + (pitch - node.height) / 2.0;
        next += pitch + gap;
    }
    next - gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::data_routing::{FlowLink, FlowNode, FlowStage};

    fn flow() -> Flow {
        let stage =
            |nodes: usize| FlowStage { nodes: vec![FlowNode::default(); nodes], ..FlowStage::default() };
        let link =
            |from_stage, from, to, amount| FlowLink { from_stage, from, to, amount, ..FlowLink::default() };
        Flow {
            stages: vec![stage(3), stage(2), stage(2)],
            links: vec![
                link(0, 0, 1, 5.0),
                link(0, 0, 0, 3.0),
                link(0, 1, 1, 4.0),
                link(0, 2, 0, 8.0),
                link(1, 0, 1, 11.0),
                link(1, 1, 0, 2.0),
                link(1, 1, 7, 2.0),
                link(2, 0, 0, 2.0),
                link(0, 1, 1, f64::NAN),
            ],
            ..Flow::default()
        }
    }

    #[test]
    fn ribbons_fill_their_nodes_without_overlapping() {
        let plate = flow();
        let placing = plate.placing(10.0, 200.0);
        assert_eq!(placing.ribbons.iter().map(|ribbon| ribbon.link).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        for (stage, nodes) in placing.stages.iter().enumerate() {
            for (place, node) in nodes.iter().enumerate() {
                let leaving = placing.ribbons.iter().filter(|ribbon| {
                    let link = &plate.links[ribbon.link];
                    (link.from_stage, link.from) == (stage, place)
                });
                let arriving = placing.ribbons.iter().filter(|ribbon| {
                    let link = &plate.links[ribbon.link];
                    (link.from_stage + 1, link.to) == (stage, place)
                });
                let spans = [
                    leaving.map(|ribbon| (ribbon.leaves, ribbon.thickness)).collect::<Vec<_>>(),
                    arriving.map(|ribbon| (ribbon.arrives, ribbon.thickness)).collect(),
                ];
                for mut span in spans {
                    span.sort_by(|a, b| a.0.total_cmp(&b.0));
                    assert!(span.windows(2).all(|pair| (pair[0].0 + pair[0].1 - pair[1].0).abs() < 1e-9));
                    for (start, thickness) in span {
                        assert!(start > node.top - 1e-9 && start + thickness < node.top + node.height + 1e-9);
                    }
                }
            }
        }
    }

    #[test]
    fn what_leaves_above_arrives_from_above() {
        let placing = flow().placing(0.0, 200.0);
        let leaves = |index: usize| placing.ribbons[index].leaves;
        // The second link goes to the upper node, so it leaves above the first one.
        assert!(leaves(1) < leaves(0));
        assert_eq!(placing.stages[0][1].arriving, 0.0);
        assert_eq!(placing.stages[1][1].arriving, 9.0);
    }
}
