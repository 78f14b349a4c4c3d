//! Routes through two layers: does where a patch went say where it goes next?

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::percent;
use crate::plate::{Flow, FlowLink, FlowNode, FlowStage, Plate};

/// First choices of every layer, as ribbons from layer to layer.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let names = seen.slot_names();
    let firsts: Vec<_> = seen.answers.layers.iter().map(|layer| layer.first_slots(seen.units())).collect();
    let mut links = Vec::new();
    let (mut together, mut total) = (0, 0);
    for (stage, pair) in firsts.windows(2).enumerate() {
        let mut counts = vec![0usize; names.len() * names.len()];
        for (from, to) in pair[0].iter().zip(&pair[1]) {
            if let (Some(from), Some(to)) = (from, to) {
                counts[from * names.len() + to] += 1;
                total += 1;
            }
        }
        for from in 0..names.len() {
            together +=
                counts[from * names.len()..(from + 1) * names.len()].iter().max().copied().unwrap_or(0);
        }
        links.extend(counts.into_iter().enumerate().filter(|(_, count)| *count > 0).map(|(at, count)| {
            FlowLink {
                from_stage: stage,
                from: at / names.len(),
                to: at % names.len(),
                amount: count as f64,
                fate: "kept".to_owned(),
                slot: Some(at % names.len()),
            }
        }));
    }
    let stage = |layer: usize| FlowStage {
        name: format!("layer {layer}"),
        nodes: names
            .iter()
            .enumerate()
            .map(|(slot, name)| FlowNode { name: name.clone(), slot: Some(slot) })
            .collect(),
    };
    let share = together as f64 / total.max(1) as f64;
    let plate = Flow {
        title: format!("{} of the {} follow the commonest way out of their slot", percent(share), seen.noun()),
        caption: "From each slot of a layer to the next layer's, by first choices of held-out units. Whole ribbons: the next \
                  router repeats the one before."
            .to_owned(),
        unit: seen.noun().to_owned(),
        stages: (0..firsts.len()).map(stage).collect(),
        links,
    };
    View::new("flow", Place::More, Plate::Flow(plate))
}
