//! What a router knows about a batch once its scorer has spoken: numbers only, no networks.

use crate::{Error, Result};

/// A batch as assigners see it.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// How many slots are scored, null slots included.
    pub slots: usize,
    /// The numbers that are compared before any activation, `[units, slots]`: raw logits, with noise in training
    /// where the router has it.
    pub logits: &'a [f32],
    /// The same after the router's activation (softmax, sigmoid…), `[units, slots]`; weights are made of these.
    pub affinities: &'a [f32],
    /// Which units count; everything when empty. Padding is sent nowhere and counts nowhere.
    pub valid: &'a [bool],
    /// How many units one sequence has; the whole batch is one sequence for 0.
    pub sequence: usize,
    /// What each unit is (a token's number), for routers that look at nothing else; may be empty.
    pub identities: &'a [u32],
    /// Whether this is a training step: some routers choose otherwise outside training.
    pub training: bool,
}

impl Scored<'_> {
    /// How many units the batch has, padding included.
    pub fn units(&self) -> usize {
        self.affinities.len() / self.slots.max(1)
    }

    /// Whether a unit counts.
    pub fn counts(&self, unit: usize) -> bool {
        self.valid.get(unit).copied().unwrap_or(true)
    }

    /// The units that count, in order.
    pub fn valid_units(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.units()).filter(|&unit| self.counts(unit))
    }

    /// The units that count, sequence by sequence.
    pub fn sequences(&self) -> Vec<Vec<usize>> {
        let (units, length) = (self.units(), if self.sequence == 0 { self.units() } else { self.sequence });
        let starts = (0..units).step_by(length.max(1));
        starts
            .map(|start| (start..(start + length).min(units)).filter(|&unit| self.counts(unit)).collect())
            .collect()
    }

    /// One unit's affinities.
    pub fn affinities_of(&self, unit: usize) -> &[f32] {
        &self.affinities[unit * self.slots..(unit + 1) * self.slots]
    }

    /// One unit's logits.
    pub fn logits_of(&self, unit: usize) -> &[f32] {
        &self.logits[unit * self.slots..(unit + 1) * self.slots]
    }

    /// Whether the numbers fill whole rows and are numbers, for the units that count.
    ///
    /// # Errors
    /// The first thing that is not so, with its unit and slot.
    pub fn check(&self) -> Result<()> {
        let problem = self.problem();
        problem.map_or(Ok(()), |problem| Err(Error::InvalidDecision { problem }))
    }

    fn problem(&self) -> Option<String> {
        if self.slots == 0 {
            return Some("a router needs at least one slot".to_owned());
        }
        let (cells, units) = (self.affinities.len(), self.units());
        if !cells.is_multiple_of(self.slots) || self.logits.len() != cells {
            return Some(format!(
                "{} logits and {cells} affinities do not fill the same rows of {} slots",
                self.logits.len(),
                self.slots
            ));
        }
        for (name, length) in [("validity mask", self.valid.len()), ("identities", self.identities.len())] {
            if length != 0 && length != units {
                return Some(format!("the {name}: {length} entries for {units} units"));
            }
        }
        let is_good = |number: &f32| number.is_finite();
        let is_bad =
            |unit: &usize| !self.logits_of(*unit).iter().chain(self.affinities_of(*unit)).all(is_good);
        self.valid_units().find(is_bad).map(|unit| {
            let row = self.logits_of(unit).iter().zip(self.affinities_of(unit));
            let slot = row.take_while(|(logit, affinity)| is_good(logit) && is_good(affinity)).count();
            format!(
                "unit {unit}, slot {slot} scores {}; the router has diverged, so try a lower learning rate",
                self.logits_of(unit)[slot]
            )
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A batch whose affinities are the softmax of these logits.
    pub(crate) fn softmax(logits: &[f32], slots: usize) -> Vec<f32> {
        let row = |row: &[f32]| {
            let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f32> = row.iter().map(|logit| libm::expf(logit - top)).collect();
            let sum: f32 = powers.iter().sum();
            powers.into_iter().map(move |power| power / sum).collect::<Vec<_>>()
        };
        logits.chunks(slots).flat_map(row).collect()
    }

    /// A whole batch in training, without padding.
    pub(crate) fn scored<'a>(logits: &'a [f32], affinities: &'a [f32], slots: usize) -> Scored<'a> {
        Scored { slots, logits, affinities, valid: &[], sequence: 0, identities: &[], training: true }
    }

    #[test]
    fn padding_may_hold_anything_and_other_units_only_numbers() {
        let numbers = [0.5, 0.5, f32::NAN, 0.0];
        let batch = scored(&numbers, &numbers, 2);
        let message = batch.check().expect_err("not a number").to_string();
        assert!(message.contains("unit 1, slot 0 scores NaN; the router has diverged"), "{message}");
        let padded = Scored { valid: &[true, false], ..batch };
        assert_eq!((padded.check(), padded.sequences()), (Ok(()), vec![vec![0]]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let numbers = [0.5; 6];
        let batch = scored(&numbers, &numbers, 2);
        for (bad, expected) in [
            (Scored { slots: 4, ..batch }, "do not fill the same rows of 4 slots"),
            (Scored { slots: 0, ..batch }, "at least one slot"),
            (Scored { valid: &[true], ..batch }, "the validity mask: 1 entries for 3 units"),
            (Scored { identities: &[1, 2], ..batch }, "the identities: 2 entries for 3 units"),
        ] {
            let message = bad.check().expect_err(expected).to_string();
            assert!(message.contains(expected), "{message}");
        }
        assert_eq!(Scored { sequence: 2, ..batch }.sequences(), [vec![0, 1], vec![2]]);
    }
}
