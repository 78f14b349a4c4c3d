//! Units whose chosen experts all have one weight: a router seldom gives that, padding and warm-up passes do.

use std::fmt::Write as _;

use crate::interchange::{Options, Routes};
use crate::routing::{Edge, RoutingDecision};

/// Notes the units with equal weights, and makes them padding if the options say so.
pub(in crate::interchange) fn look(routes: &mut Routes, options: &Options) {
    if !routes.weights_known {
        if options.leave_out_ties {
            routes
                .notes
                .push("The file has no weights, so no unit with equal weights can be left out.".to_owned());
        }
        return;
    }
    let mut told = 0;
    for traced in &mut routes.decisions {
        let tied = tied_units(&traced.decision);
        let (Some(first), Some(last)) = (tied.first().copied(), tied.last().copied()) else { continue };
        let decision = &mut traced.decision;
        let mut note = format!(
            "{}, step {}: {} of {} units (the first is {first}, the last {last}) have equal weights on all of their \
             slots. Padding and warm-up passes look like this. ",
            decision.scope,
            decision.step,
            tied.len(),
            decision.valid.iter().filter(|&&valid| valid).count()
        );
        if options.leave_out_ties {
            tied.iter().for_each(|&unit| decision.valid[unit] = false);
            let _ = write!(note, "They are left out.");
        } else {
            let _ = write!(note, "They are counted; `--leave-out-ties` leaves them out.");
        }
        told += 1;
        if told <= 8 {
            routes.notes.push(note);
        }
    }
    if told > 8 {
        routes.notes.push(format!("{} more layers or steps have such units too.", told - 8));
    }
}

/// The valid units with at least two served edges whose weights are all equal, in rising order. Dense mixtures of all
/// slots are left alone: there a tie is a start.
fn tied_units(decision: &RoutingDecision) -> Vec<usize> {
    let scored = decision.slots.iter().filter(|slot| slot.kind.is_scored()).count();
    let mut seen = vec![(0usize, 0f32, true); decision.units * decision.groups];
    let is_served = |edge: &&Edge| edge.fate.is_routed() && edge.served_by().is_some();
    for edge in decision.edges.iter().filter(is_served) {
        let (count, weight, equal) = &mut seen[edge.unit * decision.groups + edge.group];
        *equal &= *count == 0 || *weight == edge.combine;
        (*count, *weight) = (*count + 1, edge.combine);
    }
    let tied = |unit: &usize| {
        let rows = &seen[unit * decision.groups..(unit + 1) * decision.groups];
        rows.iter().all(|&(count, _, equal)| count > 1 && count < scored && equal)
    };
    (0..decision.units).filter(|&unit| decision.valid[unit]).filter(tied).collect()
}
