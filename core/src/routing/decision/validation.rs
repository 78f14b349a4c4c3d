//! Does a record contradict itself? Checked once, where it comes in; metrics take only [`Checked`] records.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::{Edge, Fate, KeyKind, RoutingDecision, RoutingTrace, SlotKind};
use crate::{Error, Result};

/// How far the sum of a row of probabilities may be from one: single precision over many slots.
const SUM_TOLERANCE: f64 = 1e-3;

/// The most choices (units times groups) in one record, so that a damaged file cannot ask for all memory.
const MOST_CHOICES: usize = 1 << 24;

/// The longest run of edges whose slots and ranks are compared pair by pair.
const LONGEST_RUN: usize = 64;

/// A decision that does not contradict itself.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    decision: &'a RoutingDecision,
}

impl Deref for Checked<'_> {
    type Target = RoutingDecision;

    fn deref(&self) -> &RoutingDecision {
        self.decision
    }
}

impl Checked<'_> {
    /// How many units count.
    pub fn valid_units(&self) -> usize {
        self.valid.iter().filter(|&&valid| valid).count()
    }

    /// The edges of the units that count.
    pub fn valid_edges(&self) -> impl Iterator<Item = &Edge> {
        self.decision.edges.iter().filter(|edge| self.decision.valid[edge.unit])
    }

    /// The first choice of each unit and group (`unit * groups + group`), before drops. `None` for padding and for
    /// units that no router sent anywhere.
    pub fn top_choices(&self) -> Vec<Option<usize>> {
        let mut best: Vec<Option<&Edge>> = vec![None; self.units * self.groups];
        for edge in self.valid_edges().filter(|edge| edge.fate.is_routed()) {
            let place = &mut best[edge.unit * self.groups + edge.group];
            if place.is_none_or(|other| edge.rank < other.rank) {
                *place = Some(edge);
            }
        }
        best.into_iter().map(|edge| edge.map(|edge| edge.slot)).collect()
    }

    /// All choices of each unit and group (`unit * groups + group`), before drops, in rising order of the slot.
    pub fn choices(&self) -> Vec<Vec<usize>> {
        let mut chosen = vec![Vec::new(); self.units * self.groups];
        for edge in self.valid_edges().filter(|edge| edge.fate.is_routed()) {
            chosen[edge.unit * self.groups + edge.group].push(edge.slot);
        }
        for slots in &mut chosen {
            slots.sort_unstable();
        }
        chosen
    }
}

impl RoutingDecision {
    /// The decision as metrics take it.
    ///
    /// # Errors
    /// If the decision contradicts itself; see [`RoutingDecision::validate`].
    pub fn checked(&self) -> Result<Checked<'_>> {
        self.validate()?;
        Ok(Checked { decision: self })
    }

    /// Checks that nothing in the decision contradicts anything else in it.
    ///
    /// # Errors
    /// An [`Error::InvalidDecision`] that names the first contradiction: a wrong length, an index out of range, a
    /// number that is not finite, probabilities that do not sum to one, two edges in one place, or a fate that does
    /// not fit its slot.
    pub fn validate(&self) -> Result<()> {
        self.check().map_err(|problem| Error::InvalidDecision {
            problem: format!("router `{}`, {:?}, step {}: {problem}", self.router, self.scope, self.step),
        })
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.slots.is_empty() || self.groups == 0 {
            return Err("it needs at least one slot and one group".to_owned());
        }
        if self.units.checked_mul(self.groups).is_none_or(|choices| choices > MOST_CHOICES) {
            return Err(format!(
                "{} units x {} groups are more than {MOST_CHOICES} choices; split the record",
                self.units, self.groups
            ));
        }
        self.check_slots()?;
        if self.valid.len() != self.units {
            return Err(format!(
                "the validity mask has {} entries for {} units",
                self.valid.len(),
                self.units
            ));
        }
        for kind in KeyKind::ALL {
            if let Some(values) = self.keys.get(kind).filter(|values| values.len() != self.units) {
                return Err(format!(
                    "the key {} has {} entries for {} units",
                    kind.name(),
                    values.len(),
                    self.units
                ));
            }
        }
        self.check_numbers("logits", &self.logits)?;
        self.check_numbers("probabilities", &self.probabilities)?;
        self.check_distributions()?;
        self.check_edges()
    }

    fn check_slots(&self) -> std::result::Result<(), String> {
        let mut ids = BTreeSet::new();
        for (index, slot) in self.slots.iter().enumerate() {
            if !ids.insert(slot.id) {
                return Err(format!("slot {index} repeats the id {}", slot.id));
            }
            let cost = slot.cost;
            for (name, value) in [
                ("flops", cost.flops),
                ("parameters", cost.parameters),
                ("bytes", cost.bytes),
                ("latency", cost.latency),
            ] {
                if !value.is_finite() || value < 0.0 {
                    return Err(format!(
                        "the cost `{name}` of slot {index} is {value}; it must be 0 or more"
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_numbers(&self, name: &str, numbers: &Option<Vec<f32>>) -> std::result::Result<(), String> {
        let Some(numbers) = numbers else { return Ok(()) };
        let (units, groups, slots) = (self.units, self.groups, self.slots.len());
        let expected = units.checked_mul(groups).and_then(|rows| rows.checked_mul(slots));
        if Some(numbers.len()) != expected {
            return Err(format!(
                "there are {} {name}, but {units} units x {groups} groups x {slots} slots are needed",
                numbers.len()
            ));
        }
        match numbers.iter().position(|number| !number.is_finite()) {
            None => Ok(()),
            Some(at) => Err(format!(
                "the {name} of unit {}, slot {} are {}; the router has diverged",
                at / slots / groups,
                at % slots,
                numbers[at]
            )),
        }
    }

    fn check_distributions(&self) -> std::result::Result<(), String> {
        let Some(probabilities) = &self.probabilities else { return Ok(()) };
        for (index, row) in probabilities.chunks(self.slots.len()).enumerate() {
            let unit = index / self.groups;
            if !self.valid[unit] {
                continue;
            }
            if let Some(slot) = row.iter().position(|p| !(0.0..=1.0).contains(p)) {
                return Err(format!("unit {unit} has the probability {} for slot {slot}", row[slot]));
            }
            let sum: f64 = row.iter().map(|&p| f64::from(p)).sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(format!(
                    "the probabilities of unit {unit} sum to {sum:.6}, not to 1; keep the full softmax, or none when \
                     the scorer gives no distribution"
                ));
            }
            let shared = row.iter().zip(&self.slots).position(|(&p, slot)| p > 0.0 && !slot.kind.is_scored());
            if let Some(slot) = shared {
                return Err(format!(
                    "unit {unit} has a probability for slot {slot}, which is shared and not scored"
                ));
            }
        }
        Ok(())
    }

    /// Whether no slot and no rank is there twice, seen in one pass over edges that stand unit by unit. `false` says
    /// nothing: the edges stand in another order, or there are too many of one unit.
    fn repeats_nothing(&self) -> bool {
        let mut previous = None;
        self.edges.chunk_by(|a, b| (a.unit, a.group) == (b.unit, b.group)).all(|run| {
            let here = Some((run[0].unit, run[0].group));
            let rises = std::mem::replace(&mut previous, here) < here;
            rises
                && run.len() <= LONGEST_RUN
                && run.iter().enumerate().all(|(at, edge)| {
                    run[..at].iter().all(|other| {
                        let ranked = edge.fate.is_routed() && other.fate.is_routed();
                        edge.slot != other.slot && !(ranked && edge.rank == other.rank)
                    })
                })
        })
    }

    fn check_edges(&self) -> std::result::Result<(), String> {
        let in_doubt = !self.repeats_nothing();
        let (mut places, mut ranks) = (BTreeSet::new(), BTreeSet::new());
        for (index, edge) in self.edges.iter().enumerate() {
            let here =
                || format!("edge {index} (unit {}, group {}, slot {})", edge.unit, edge.group, edge.slot);
            if edge.unit >= self.units || edge.group >= self.groups || edge.slot >= self.slots.len() {
                return Err(format!(
                    "{} is out of range: there are {} units, {} groups and {} slots",
                    here(),
                    self.units,
                    self.groups,
                    self.slots.len()
                ));
            }
            if in_doubt && !places.insert((edge.unit, edge.group, edge.slot)) {
                return Err(format!("{} is there twice", here()));
            }
            let ranked = in_doubt && edge.fate.is_routed();
            if ranked && !ranks.insert((edge.unit, edge.group, edge.rank)) {
                return Err(format!(
                    "{} has rank {}, which another edge of the unit has too",
                    here(),
                    edge.rank
                ));
            }
            let weights = [edge.dispatch, edge.combine];
            if !edge.score.is_finite() || weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
                return Err(format!(
                    "{} has score {}, dispatch {} and combine {}; they must be finite, and the last two 0 or more",
                    here(),
                    edge.score,
                    edge.dispatch,
                    edge.combine
                ));
            }
            self.check_fate(edge).map_err(|problem| format!("{}: {problem}", here()))?;
        }
        Ok(())
    }

    fn check_fate(&self, edge: &Edge) -> std::result::Result<(), String> {
        let kind = self.slots[edge.slot].kind;
        let fits = match edge.fate {
            Fate::Null => kind.is_null(),
            Fate::Shared => kind == SlotKind::Shared,
            Fate::Skipped => matches!(kind, SlotKind::Skip | SlotKind::Exit),
            Fate::Hit | Fate::Miss { .. } => kind == SlotKind::CacheLine,
            Fate::Kept => kind.is_balanced() && !matches!(kind, SlotKind::Skip | SlotKind::Exit),
            Fate::Dropped | Fate::Rerouted { .. } => kind.is_balanced(),
        };
        if !fits {
            return Err(format!("the fate {:?} does not fit a slot of kind {kind:?}", edge.fate));
        }
        match edge.fate {
            Fate::Dropped if edge.dispatch != 0.0 || edge.combine != 0.0 => Err(format!(
                "it was dropped, so dispatch and combine must be 0, not {} and {}",
                edge.dispatch, edge.combine
            )),
            Fate::Rerouted { slot }
                if slot == edge.slot || !self.slots.get(slot).is_some_and(|s| s.kind.is_balanced()) =>
            {
                Err(format!("it was rerouted to slot {slot}, which is not another slot that computes"))
            }
            _ => Ok(()),
        }
    }
}

impl RoutingTrace {
    /// Checks every decision, the digest, and that units come from earlier decisions only.
    ///
    /// # Errors
    /// An [`Error::InvalidDecision`] that names the first contradiction.
    pub fn validate(&self) -> Result<()> {
        let digest = &self.experiment_digest;
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::InvalidDecision {
                problem: format!("the trace's experiment digest `{digest}` is not 64 hexadecimal digits"),
            });
        }
        for (index, decision) in self.decisions.iter().enumerate() {
            decision.validate()?;
            let parents = decision.keys.parent_decision.iter().flatten().zip(&decision.valid);
            if let Some((parent, _)) =
                parents.into_iter().find(|&(&parent, &valid)| valid && parent as usize >= index)
            {
                return Err(Error::InvalidDecision {
                    problem: format!(
                        "decision {index} of the trace names decision {parent} as parent, which is not earlier"
                    ),
                });
            }
        }
        Ok(())
    }
}
