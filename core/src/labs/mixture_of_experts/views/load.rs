//! How much goes to each expert: the last batch where a limit drops, otherwise the held-out rows.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::words::{Load, experts, lower, percent};
use crate::plate::{Axis, BarSeries, Bars, Plate};
use crate::routing::{Fate, chosen_counts};

pub(super) fn view(seen: &Seen<'_>) -> View {
    let slots = seen.context.shape.count;
    let limited = seen.last.and_then(|last| {
        let capacity = seen.context.choosing.capacity(last.units, slots)?;
        Some((last, capacity))
    });
    let plate = match limited {
        Some((last, capacity)) => {
            let asked = chosen_counts(&last.edges, slots);
            let dropped: Vec<_> =
                last.edges.iter().filter(|edge| edge.fate == Fate::Dropped).copied().collect();
            let refused = chosen_counts(&dropped, slots);
            let load = Load { counts: &asked, rows: last.units, unit: seen.unit() };
            let busiest = load.busiest();
            let title = format!(
                "{} is asked for by {} of the batch; {} of {} choices are dropped",
                experts(&[busiest]),
                percent(load.share(busiest)),
                dropped.len(),
                last.edges.len()
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
            let load = Load { counts: &counts, rows: seen.classes.len(), unit: seen.unit() };
            let least = (0..slots).min_by_key(|&expert| counts[expert]).unwrap_or(0);
            let title =
                format!("{}, {} {}", load.headline(), lower(&experts(&[least])), percent(load.share(least)));
            let even = seen.classes.len() as f64 * seen.context.choosing.k as f64 / slots as f64;
            Bars {
                title,
                caption: format!(
                    "How many of the held-out {} each expert answers. On the line all would do equally much.",
                    seen.unit()
                ),
                line: Some((even, "even share".to_owned())),
                ..bars(seen, counts.iter().map(|&count| count as f64).collect(), Vec::new())
            }
        }
    };
    View::new("load", Place::Load, Plate::Bars(plate))
}

fn bars(seen: &Seen<'_>, values: Vec<f64>, dropped: Vec<f64>) -> Bars {
    let slots = seen.context.shape.count;
    Bars {
        y: Axis::new(seen.unit(), ""),
        groups: (0..slots).map(super::super::record::expert_name).collect(),
        series: vec![BarSeries { name: seen.unit().to_owned(), slot: 0, values, dropped }],
        group_slots: (0..slots).collect(),
        ..Bars::default()
    }
}
