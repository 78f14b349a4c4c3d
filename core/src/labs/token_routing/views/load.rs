//! How much goes to each slot, layer by layer: the last batch where a limit drops, otherwise held-out images.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::{Load, percent};
use crate::plate::{Axis, BarSeries, Bars, Plate};
use crate::routing::{Fate, Routing, chosen_counts};

/// Bars of the first layer.
pub(super) fn view(seen: &Seen<'_>) -> View {
    let limited = seen.last.first().and_then(|routing| routing.capacity.map(|capacity| (routing, capacity)));
    let bars = match limited {
        Some((routing, capacity)) => in_training(seen, routing, capacity),
        None => held_out(seen),
    };
    View::new("load", Place::Load, Plate::Bars(bars))
}

fn in_training(seen: &Seen<'_>, routing: &Routing, capacity: usize) -> Bars {
    let slots = seen.recipe.slots();
    let asked = chosen_counts(&routing.edges, slots);
    let dropped: Vec<_> = routing.edges.iter().filter(|edge| edge.fate == Fate::Dropped).copied().collect();
    let refused = chosen_counts(&dropped, slots);
    let kept = asked.iter().zip(&refused).map(|(all, dropped)| (all - dropped) as f64).collect();
    Bars {
        title: format!(
            "{} of {} choices are dropped in the last batch",
            dropped.len(),
            routing.edges.len()
        ),
        caption: "How often each slot of layer 0 was chosen in the last batch. What lies above the line was dropped: the expert \
                  was full."
            .to_owned(),
        line: Some((capacity as f64, "capacity".to_owned())),
        ..bars(seen, kept, refused.iter().map(|&count| count as f64).collect())
    }
}

fn held_out(seen: &Seen<'_>) -> Bars {
    let (experts, slots) = (seen.recipe.pipeline().experts, seen.recipe.slots());
    let Some(layer) = seen.answers.layers.first() else { return Bars::default() };
    let served = layer.load(seen.recipe);
    let load = Load { counts: &served, rows: seen.units(), unit: seen.noun() };
    let mut counts = chosen_counts(&layer.edges, slots);
    counts[..experts].copy_from_slice(&served);
    let title = match seen.recipe.is_block {
        true => format!("{} of the {} pass through the block", percent(load.share(0)), seen.noun()),
        false => load.headline(),
    };
    let even = served.iter().sum::<usize>() as f64 / experts.max(1) as f64;
    Bars {
        title,
        caption: "How many held-out units each slot of layer 0 serves. On the line all experts would do equally much."
            .to_owned(),
        line: (experts > 1).then(|| (even, "even share".to_owned())),
        ..bars(seen, counts.iter().map(|&count| count as f64).collect(), Vec::new())
    }
}

fn bars(seen: &Seen<'_>, values: Vec<f64>, dropped: Vec<f64>) -> Bars {
    Bars {
        y: Axis::new(seen.noun(), ""),
        groups: seen.slot_names(),
        series: vec![BarSeries { name: seen.noun().to_owned(), slot: 0, values, dropped }],
        group_slots: (0..seen.recipe.slots()).collect(),
        ..Bars::default()
    }
}
