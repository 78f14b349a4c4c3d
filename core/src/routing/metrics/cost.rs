//! Cost: floating-point operations of a decision, from the slot table, against a reference.

use super::{choices_that_count, undefined};
use crate::Result;
use crate::routing::Checked;

/// What a decision's cost is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CostReference {
    /// Every unit (and group) goes to every slot.
    AllSlots,
    /// Every unit (and group) goes to the k slots that cost most, and to the shared ones.
    CostliestSlots(usize),
    /// So many operations per unit (and group).
    Flops(f64),
}

/// Floating-point operations per valid unit (and group): the costs of the slots that served it, shared ones
/// included, dropped edges free. One edge costs what its slot's table row says. For `MixWeights` that is the cost of
/// mixing, not of the layer that uses the mixed weights.
///
/// # Errors
/// If there is no valid unit.
pub fn flops_per_unit(decision: Checked<'_>) -> Result<f64> {
    let choices = choices_that_count("the cost", decision)?;
    let served = decision.valid_edges().filter_map(|edge| edge.served_by());
    Ok(served.map(|slot| decision.slots[slot].cost.flops).sum::<f64>() / choices)
}

/// [`flops_per_unit`] over the reference: below 1 is saved.
///
/// # Errors
/// If there is no valid unit, the reference costs nothing, or it asks for more slots than there are.
pub fn flops_ratio(decision: Checked<'_>, reference: CostReference) -> Result<f64> {
    const NAME: &str = "the FLOPs ratio";
    let flops = |scored: bool| {
        let slots = decision.slots.iter().filter(move |slot| slot.kind.is_scored() == scored);
        slots.map(|slot| slot.cost.flops).collect::<Vec<_>>()
    };
    let reference = match reference {
        CostReference::AllSlots => flops(true).iter().chain(&flops(false)).sum(),
        CostReference::CostliestSlots(k) => {
            let mut scored = flops(true);
            if k > scored.len() {
                let problem =
                    format!("the reference asks for {k} slots, but only {} are scored", scored.len());
                return Err(undefined(NAME, problem));
            }
            scored.sort_by(|a, b| b.total_cmp(a));
            scored[..k].iter().chain(&flops(false)).sum()
        }
        CostReference::Flops(flops) => flops,
    };
    if !(reference > 0.0 && reference.is_finite()) {
        return Err(undefined(
            NAME,
            format!("the reference costs {reference} operations; give the slots their costs"),
        ));
    }
    Ok(flops_per_unit(decision)? / reference)
}
