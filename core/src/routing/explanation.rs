//! Why did this go there? One unit of a routing record in numbers and in a sentence: what every slot scored, by how
//! much the winner led, and what became of the choice. It reads the record and computes nothing else.

use serde::{Deserialize, Serialize};

use super::{Checked, Edge, Fate};
use crate::order;
use crate::{Error, Result};

/// One unit's choice, explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The whole of it in one or two sentences.
    pub sentence: String,
    /// Every slot, the most probable first.
    pub slots: Vec<SlotReason>,
    /// How much more probable the last chosen slot was than the first one left out, in probability; nothing when
    /// every slot was chosen or there are no probabilities.
    pub margin: Option<f64>,
}

/// What one slot had to do with one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotReason {
    /// The slot, as an index into the slot table.
    pub slot: usize,
    /// The slot's label.
    pub label: String,
    /// Its raw logit, when kept.
    pub logit: Option<f64>,
    /// Its probability, when there are any.
    pub probability: Option<f64>,
    /// Its place among the unit's choices, 0 for the first; nothing when it was not chosen.
    pub rank: Option<usize>,
    /// The weight of what it returned, 0 when not chosen.
    pub combine: f64,
    /// What became of the choice: `kept`, `dropped`…; `not chosen` where there was none.
    pub fate: String,
}

/// The fate in a word or two.
pub fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Kept => "kept",
        Fate::Dropped => "dropped",
        Fate::Null => "null",
        Fate::Skipped => "skipped",
        Fate::Shared => "shared",
        Fate::Rerouted { .. } => "rerouted",
        Fate::Hit => "hit",
        Fate::Miss { .. } => "miss",
    }
}

/// Explains what `unit` chose in `group`.
///
/// # Errors
/// When the record has no such unit or group.
pub fn explain(decision: Checked<'_>, unit: usize, group: usize) -> Result<Explanation> {
    if unit >= decision.units || group >= decision.groups {
        let problem = format!(
            "unit {unit}, group {group} was asked for, but it has {} units of {} groups",
            decision.units, decision.groups
        );
        return Err(Error::InvalidDecision { problem });
    }
    let row = decision.row(unit, group);
    let number = |numbers: &Option<Vec<f32>>, slot: usize| {
        numbers.as_ref().map(|all| f64::from(all[row.clone()][slot]))
    };
    let edges: Vec<&Edge> =
        decision.edges.iter().filter(|edge| edge.unit == unit && edge.group == group).collect();
    let mut slots: Vec<SlotReason> = decision
        .slots
        .iter()
        .enumerate()
        .map(|(slot, entry)| {
            let edge = edges.iter().find(|edge| edge.slot == slot);
            SlotReason {
                slot,
                label: entry.label.clone(),
                logit: number(&decision.logits, slot),
                probability: number(&decision.probabilities, slot),
                rank: edge.filter(|edge| edge.fate.is_routed()).map(|edge| edge.rank),
                combine: edge.map_or(0.0, |edge| f64::from(edge.combine)),
                fate: edge.map_or("not chosen", |edge| fate_word(edge.fate)).to_owned(),
            }
        })
        .collect();
    order::sort(&mut slots, |a, b| {
        let weight = |reason: &SlotReason| reason.probability.unwrap_or(reason.combine);
        weight(b).total_cmp(&weight(a)).then(a.slot.cmp(&b.slot))
    });
    let margin = margin(&slots);
    Ok(Explanation { sentence: sentence(&slots, margin), slots, margin })
}

fn margin(slots: &[SlotReason]) -> Option<f64> {
    let chosen = slots.iter().filter(|reason| reason.rank.is_some()).filter_map(|reason| reason.probability);
    let left = slots.iter().filter(|reason| reason.rank.is_none()).filter_map(|reason| reason.probability);
    let (worst_chosen, best_left) = (chosen.reduce(f64::min)?, left.reduce(f64::max)?);
    Some(worst_chosen - best_left)
}

fn sentence(slots: &[SlotReason], margin: Option<f64>) -> String {
    let mut chosen: Vec<&SlotReason> = slots.iter().filter(|reason| reason.rank.is_some()).collect();
    order::sort_by_key(&mut chosen, |reason| reason.rank);
    let Some(first) = chosen.first() else { return "It goes nowhere: no slot was chosen.".to_owned() };
    let share = |reason: &SlotReason| {
        reason.probability.map(|p| format!(" with probability {p:.2}")).unwrap_or_default()
    };
    let mut text = format!("{} comes first{}", first.label, share(first));
    for reason in &chosen[1..] {
        text += &format!(", then {}{}", reason.label, share(reason));
    }
    text += ".";
    let left = slots.iter().find(|reason| reason.rank.is_none() && reason.fate == "not chosen");
    if let (Some(margin), Some(left)) = (margin, left) {
        text += &if margin < 0.0 {
            format!(" {} was more probable by {:.2} and was passed over.", left.label, -margin)
        } else if margin < 0.05 {
            format!(" It was close: {} misses by {margin:.3}.", left.label)
        } else {
            format!(" {} was next and misses by {margin:.2}.", left.label)
        };
    }
    for reason in chosen.iter().filter(|reason| reason.fate != "kept") {
        text += &format!(" {}: {}.", reason.label, reason.fate);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::{CombineMode, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

    fn decision(logits: Vec<f32>, k: usize) -> RoutingDecision {
        let slots = Slot::table(SlotKind::Expert, 3);
        RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Sample, logits.len() / 3, slots)
            .with_logits(logits)
            .and_then(|decision| decision.with_top_edges(k, CombineMode::MixOutputs))
            .expect("a whole record")
    }

    #[test]
    fn the_winner_its_lead_and_the_rest_are_told() {
        let record = decision(vec![0.0, 2.0, 1.0], 1);
        let told = explain(record.checked().expect("whole"), 0, 0).expect("unit 0 is there");
        assert_eq!(told.slots.iter().map(|reason| reason.slot).collect::<Vec<_>>(), [1, 2, 0]);
        let lead = told.slots[0].probability.unwrap_or(0.0) - told.slots[1].probability.unwrap_or(0.0);
        assert!((told.margin.unwrap_or(0.0) - lead).abs() < 1e-9);
        assert!(told.sentence.starts_with("1 comes first with probability 0.67."), "{}", told.sentence);
        assert_eq!((told.slots[0].rank, told.slots[1].rank), (Some(0), None));
    }

    #[test]
    fn a_dropped_choice_and_a_full_choice_are_named() {
        let mut record = decision(vec![0.0, 2.0, 1.0], 3);
        record.edges[0].fate = Fate::Dropped;
        (record.edges[0].dispatch, record.edges[0].combine) = (0.0, 0.0);
        let told = explain(record.checked().expect("whole"), 0, 0).expect("unit 0 is there");
        assert_eq!(told.margin, None);
        assert!(told.sentence.ends_with("1: dropped."), "{}", told.sentence);
    }

    #[test]
    fn a_unit_that_is_not_there_is_refused() {
        let record = decision(vec![0.0, 2.0, 1.0], 1);
        assert!(explain(record.checked().expect("whole"), 1, 0).is_err());
    }
}
