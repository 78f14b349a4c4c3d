//! How much goes to each expert: the last batch where a limit drops, otherwise the held-out rows.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::{Load, experts, lower, percent};
use crate::plate::{Axis, BarSeries, Bars, Plate};
use crate::routing::{Fate, chosen_counts};

pub(super) fn view(seen: &Seen<'_>) -> View {
    let (slots, count) = (seen.context.slot_names().len(), seen.counts().len());
    let limited = seen.last.and_then(|last| Some((last, last.routing.capacity?)));
    let plate = match limited {
        Some((last, capacity)) => {
            let edges = &last.routing.edges;
            let asked = chosen_counts(edges, slots);
            let dropped: Vec<_> = edges.iter().filter(|edge| edge.fate == Fate::Dropped).copied().collect();
            let refused = chosen_counts(&dropped, slots);
            let load = Load { counts: &asked[..count], rows: last.units, unit: seen.unit() };
            let busiest = load.busiest();
            let title = format!(
                "{} is asked for by {} of the batch; {} of {} choices are dropped",
                experts(&[busiest]),
                percent(load.share(busiest)),
                dropped.len(),
                edges.len()
            );
            let kept: Vec<f64> =
                asked.iter().zip(&refused).map(|(all, dropped)| (all - dropped) as f64).collect();
            Bars {
                title,
                caption: "How often each expert was chosen in the last batch. What lies above the line was dropped: \
                          the expert was full, and those rows got nothing from it."
                    .to_owned(),
                line: Some((capacity as f64, "capacity".to_owned())),
                ..bars(seen, kept, refused.iter().map(|&count| count as f64).collect())
            }
        }
        None => {
            let counts = seen.counts();
            let load = Load { counts, rows: seen.classes.len(), unit: seen.unit() };
            let least = (0..count).min_by_key(|&expert| counts[expert]).unwrap_or(0);
            let title =
                format!("{}, {} {}", load.headline(), lower(&experts(&[least])), percent(load.share(least)));
            let even = counts.iter().sum::<usize>() as f64 / count as f64;
            let all = chosen_counts(seen.answers.edges(), slots);
            Bars {
                title,
                caption: format!(
                    "How many of the held-out {} each expert answers. On the line all would do equally much.",
                    seen.unit()
                ),
                line: Some((even, "even share".to_owned())),
                ..bars(seen, all.iter().map(|&count| count as f64).collect(), Vec::new())
            }
        }
    };
    View::new("load", Place::Load, Plate::Bars(plate))
}

fn bars(seen: &Seen<'_>, values: Vec<f64>, dropped: Vec<f64>) -> Bars {
    let groups = seen.context.slot_names();
    Bars {
        y: Axis::new(seen.unit(), ""),
        series: vec![BarSeries { name: seen.unit().to_owned(), slot: 0, values, dropped }],
        group_slots: (0..groups.len()).collect(),
        groups,
        ..Bars::default()
    }
}
