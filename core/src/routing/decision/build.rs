//! Building a record: the empty one, the softmax of logits, and the edges of the two simplest assigners.

use super::{CombineMode, Edge, Fate, Keys, RoutingDecision, Scope, Slot, SlotKind, UnitKind};
use crate::{Error, Result};

impl RoutingDecision {
    /// A decision of one group about `units` valid units, at step 0, without scores and without edges.
    pub fn new(
        router: impl Into<String>,
        scope: Scope,
        unit_kind: UnitKind,
        units: usize,
        slots: Vec<Slot>,
    ) -> Self {
        Self {
            router: router.into(),
            scope,
            step: 0,
            unit_kind,
            units,
            groups: 1,
            slots,
            combine_mode: CombineMode::Select,
            edges: Vec::new(),
            logits: None,
            probabilities: None,
            valid: vec![true; units],
            keys: Keys::default(),
        }
    }

    /// The same decision with `groups` separate choices per unit. Set this before the logits.
    pub fn with_groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The same decision with raw logits and their softmax over the scored slots (shared slots get 0). The softmax
    /// subtracts the largest logit first, so it does not overflow.
    ///
    /// # Errors
    /// If the number of logits is wrong, one is not finite, or no slot is scored.
    pub fn with_logits(mut self, logits: Vec<f32>) -> Result<Self> {
        let width = self.slots.len();
        let expected = self.units * self.groups * width;
        if logits.len() != expected {
            return Err(invalid(format!("it needs {expected} logits, but {} were given", logits.len())));
        }
        if let Some(at) = logits.iter().position(|logit| !logit.is_finite()) {
            return Err(invalid(format!("logit {at} is {}; the router has diverged", logits[at])));
        }
        if !self.slots.iter().any(|slot| slot.kind.is_scored()) {
            return Err(invalid("none of its slots is scored, so logits mean nothing".to_owned()));
        }
        let mut probabilities = Vec::with_capacity(expected);
        for row in logits.chunks(width) {
            let scored = || {
                row.iter().zip(&self.slots).map(|(&x, slot)| slot.kind.is_scored().then_some(f64::from(x)))
            };
            let largest = scored().flatten().fold(f64::NEG_INFINITY, f64::max);
            let weight = |logit: f64| libm::exp(logit - largest);
            let sum: f64 = scored().flatten().map(weight).sum();
            probabilities.extend(scored().map(|logit| logit.map_or(0.0, |x| (weight(x) / sum) as f32)));
        }
        self.logits = Some(logits);
        self.probabilities = Some(probabilities);
        Ok(self)
    }

    /// The same decision with an edge from each unit and group to its `k` most probable slots (token choice, no
    /// capacity). Their `combine` weights are the probabilities divided by their sum. The lower slot wins a tie.
    ///
    /// # Errors
    /// If there are no probabilities yet, or `k` is 0 or more than there are scored slots.
    pub fn with_top_edges(mut self, k: usize, combine_mode: CombineMode) -> Result<Self> {
        let Some(probabilities) = &self.probabilities else {
            return Err(invalid(
                "edges were asked for before it has probabilities; set its logits first".to_owned(),
            ));
        };
        let mut scored: Vec<usize> =
            (0..self.slots.len()).filter(|&s| self.slots[s].kind.is_scored()).collect();
        if k == 0 || k > scored.len() {
            return Err(invalid(format!(
                "k is {k}, but must be between 1 and its {} scored slots",
                scored.len()
            )));
        }
        let mut edges = Vec::with_capacity(self.units * self.groups * k);
        for unit in 0..self.units {
            for group in 0..self.groups {
                let row = &probabilities[self.row(unit, group)];
                scored.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
                let sum: f32 = scored[..k].iter().map(|&slot| row[slot]).sum();
                for (rank, &slot) in scored[..k].iter().enumerate() {
                    let (score, combine) = (row[slot], row[slot] / sum);
                    let fate = natural_fate(self.slots[slot].kind);
                    edges.push(Edge { unit, group, slot, rank, score, dispatch: 1.0, combine, fate });
                }
            }
        }
        self.edges = edges;
        self.combine_mode = combine_mode;
        Ok(self)
    }

    /// The same decision with an edge from each unit and group to every scored slot, weighted by its probability:
    /// a dense mixture.
    ///
    /// # Errors
    /// If there are no probabilities yet.
    pub fn with_dense_edges(self, combine_mode: CombineMode) -> Result<Self> {
        let scored = self.slots.iter().filter(|slot| slot.kind.is_scored()).count();
        self.with_top_edges(scored, combine_mode)
    }
}

fn natural_fate(kind: SlotKind) -> Fate {
    match kind {
        SlotKind::NullZero | SlotKind::NullIdentity => Fate::Null,
        SlotKind::Skip | SlotKind::Exit => Fate::Skipped,
        _ => Fate::Kept,
    }
}

fn invalid(problem: String) -> Error {
    Error::InvalidDecision { problem }
}
