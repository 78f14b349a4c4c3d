//! Routes through two layers: does where a patch went say where it goes next?

use std::collections::BTreeMap;

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::token_routing::study::FirstChoices;
use crate::labs::words::percent;
use crate::plate::{Flow, FlowLink, FlowNode, FlowStage, Plate};
use crate::rng::Stream;

/// First choices of every layer, as ribbons from layer to layer; and the same with paths scrambled, for comparison.
pub(super) fn views(seen: &Seen<'_>) -> Vec<View> {
    let scrambled = scrambled(seen.firsts, &mut seen.context.streams.stream("scramble"));
    let (paths, scrambled) = (counts(seen.firsts), counts(&scrambled));
    let (as_is, by_chance) = (follow(&paths), follow(&scrambled));
    let noun = seen.noun();
    let share = percent(as_is);
    let title = format!("{share} of the {noun} follow the commonest way out of their slot");
    let caption = "From each slot of a layer to the next layer's, by first choices of held-out units. Whole ribbons: the next \
                   router repeats the one before.";
    let flow = plate(seen, &paths, [title, caption.to_owned()]);
    let title = format!("With scrambled paths {} would, not {share}", percent(by_chance));
    let caption = "The same choices, but in every layer above the first they belong to units drawn by chance: what the picture \
                   of paths would be if no router followed the one below.";
    let chance = plate(seen, &scrambled, [title, caption.to_owned()]);
    vec![
        View::new("flow", Place::More, Plate::Flow(flow)),
        View::new("scrambled", Place::More, Plate::Flow(chance)),
    ]
}

/// The same loads in every layer, but above the first layer each choice belongs to another unit.
fn scrambled(paths: &FirstChoices, stream: &mut Stream) -> FirstChoices {
    let mut paths = paths.clone();
    paths.iter_mut().skip(1).for_each(|layer| stream.shuffle(layer));
    paths
}

/// How many units go from a slot to a slot of the next layer, for each pair of layers.
type Counts = Vec<BTreeMap<(usize, usize), usize>>;

fn counts(paths: &FirstChoices) -> Counts {
    let pair = |pair: &[Vec<Option<usize>>]| {
        let mut counts = BTreeMap::new();
        for (from, to) in pair[0].iter().zip(&pair[1]) {
            if let (Some(from), Some(to)) = (from, to) {
                *counts.entry((*from, *to)).or_insert(0) += 1;
            }
        }
        counts
    };
    paths.windows(2).map(pair).collect()
}

/// The share of units that go where most units of their slot go, over all pairs of layers.
fn follow(counts: &Counts) -> f64 {
    let (mut most, mut total) = (BTreeMap::new(), 0);
    for (stage, pair) in counts.iter().enumerate() {
        for (&(from, _), &count) in pair {
            let largest = most.entry((stage, from)).or_insert(0);
            *largest = count.max(*largest);
            total += count;
        }
    }
    most.values().sum::<usize>() as f64 / total.max(1) as f64
}

fn plate(seen: &Seen<'_>, counts: &Counts, [title, caption]: [String; 2]) -> Flow {
    let names = seen.slot_names();
    let nodes: Vec<FlowNode> =
        names.into_iter().enumerate().map(|(slot, name)| FlowNode { name, slot: Some(slot) }).collect();
    let links = counts.iter().enumerate().flat_map(|(from_stage, pair)| {
        pair.iter().map(move |(&(from, to), &count)| FlowLink {
            from_stage,
            from,
            to,
            amount: count as f64,
            fate: "kept".to_owned(),
            slot: Some(to),
        })
    });
    let stage = |layer: usize| FlowStage { name: format!("layer {layer}"), nodes: nodes.clone() };
    Flow {
        title,
        caption,
        unit: seen.noun().to_owned(),
        stages: (0..=counts.len()).map(stage).collect(),
        links: links.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    #[test]
    fn scrambling_keeps_every_load_and_breaks_paths() {
        // The second layer repeats the first; a sixth of the units is taken by nobody.
        let layer: Vec<Option<usize>> = (0..600).map(|unit| (unit % 6 < 5).then_some(unit % 6)).collect();
        let paths = vec![layer.clone(), layer.clone()];
        let mixed = scrambled(&paths, &mut Streams::new(3).stream("scramble"));
        assert_eq!(mixed[0], layer);
        let load = |layer: &[Option<usize>]| {
            let mut all = layer.to_vec();
            all.sort_unstable();
            all
        };
        assert_eq!(load(&mixed[1]), load(&layer));
        assert_eq!(follow(&counts(&paths)), 1.0);
        let share = follow(&counts(&mixed));
        assert!(share < 0.4, "{share}");
    }
}
