//! How much two labels of the same units tell about each other, against a permutation null: for choices that are not a
//! whole routing record, and among units that share a third label.

use std::collections::BTreeMap;

use super::specialisation::{LEAST_PERMUTATIONS, Specialisation, against_null};
use super::{Contingency, undefined};
use crate::Result;
use crate::rng::Stream;

const NAME: &str = "the conditional information";

/// `I(key; choice)` of units that have a choice, in nats, with its null. "Slot" in the result is the choice.
///
/// # Errors
/// If no unit has a choice, the lists differ in length, or there are fewer than [`LEAST_PERMUTATIONS`] permutations.
pub fn information(
    keys: &[usize],
    choices: &[Option<usize>],
    permutations: usize,
    stream: &mut Stream,
) -> Result<Specialisation> {
    same_length("the information", keys.len(), choices.len())?;
    let observed: Vec<_> =
        keys.iter().zip(choices).filter_map(|(key, choice)| Some((*key, vec![((*choice)?, 1.0)]))).collect();
    against_null(&observed, permutations, stream)
}

/// `I(first; second | given) = sum_z p(z) I(first; second among units with z)` of units that have both, in nats, less its
/// mean when the second labels are permuted among units with the same `z`. 0 when `given` explains all that the two have
/// in common.
///
/// # Errors
/// As [`information`].
pub fn conditional_information(
    first: &[Option<usize>],
    second: &[Option<usize>],
    given: &[usize],
    permutations: usize,
    stream: &mut Stream,
) -> Result<f64> {
    same_length(NAME, first.len(), second.len())?;
    same_length(NAME, first.len(), given.len())?;
    if permutations < LEAST_PERMUTATIONS {
        let problem =
            format!("{permutations} permutations are too few for a null; use {LEAST_PERMUTATIONS} or more");
        return Err(undefined(NAME, problem));
    }
    let mut groups: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for ((first, second), given) in first.iter().zip(second).zip(given) {
        if let (Some(first), Some(second)) = (first, second) {
            let group = groups.entry(*given).or_default();
            group.0.push(*first);
            group.1.push(*second);
        }
    }
    let units: usize = groups.values().map(|group| group.0.len()).sum();
    if units == 0 {
        return Err(undefined(NAME, "no unit has both choices"));
    }
    let total = |groups: &BTreeMap<usize, (Vec<usize>, Vec<usize>)>| -> Result<f64> {
        let terms = groups.values().map(|(first, second)| {
            Ok(first.len() as f64 / units as f64 * table(first, second).mutual_information()?)
        });
        terms.sum()
    };
    let raw = total(&groups)?;
    let mut null = 0.0;
    for _ in 0..permutations {
        groups.values_mut().for_each(|group| stream.shuffle(&mut group.1));
        null += total(&groups)?;
    }
    Ok(raw - null / permutations as f64)
}

fn table(first: &[usize], second: &[usize]) -> Contingency {
    let size = |labels: &[usize]| labels.iter().max().map_or(0, |largest| largest + 1);
    let mut table = Contingency::new(size(first), size(second));
    first.iter().zip(second).for_each(|(row, column)| table.add(*row, *column, 1.0));
    table
}

fn same_length(statistic: &'static str, one: usize, other: usize) -> Result<()> {
    if one == other {
        return Ok(());
    }
    Err(undefined(statistic, format!("{one} labels meet {other}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn some(labels: &[usize]) -> Vec<Option<usize>> {
        labels.iter().map(|&label| Some(label)).collect()
    }

    #[test]
    fn what_a_third_label_explains_is_not_counted() {
        let stream = &mut Streams::new(1).stream("null");
        // Both follow the third label and nothing else.
        let given: Vec<usize> = (0..400).map(|unit| unit % 4).collect();
        let same = some(&given);
        let explained = conditional_information(&same, &same, &given, 20, stream).expect("defined");
        assert!(explained.abs() < 1e-9, "{explained}");
        let plain = information(&given, &same, 20, stream).expect("defined");
        assert!((plain.raw - 4f64.ln()).abs() < 1e-9 && plain.corrected() > 1.3);
        // Equal coins inside each group are ln 2, whatever the group is.
        let coins: Vec<usize> = (0..400).map(|unit| (unit / 4) % 2).collect();
        let shared =
            conditional_information(&some(&coins), &some(&coins), &given, 20, stream).expect("defined");
        assert!((shared - 2f64.ln()).abs() < 0.03, "{shared}");
    }

    #[test]
    fn independent_labels_share_nothing_after_the_correction() {
        let streams = Streams::new(7);
        let stream = &mut streams.stream("labels");
        let draw = |stream: &mut Stream| -> Vec<usize> { (0..600).map(|_| stream.below(5)).collect() };
        let (first, second, given) = (draw(stream), draw(stream), draw(stream));
        let value =
            conditional_information(&some(&first), &some(&second), &given, 50, stream).expect("defined");
        assert!(value.abs() < 0.03, "{value}");
        let missing = vec![None; 600];
        assert!(conditional_information(&missing, &some(&second), &given, 50, stream).is_err());
        assert!(conditional_information(&some(&first), &some(&second), &given, 3, stream).is_err());
        assert!(information(&given, &some(&first[..3]), 50, stream).is_err());
    }
}
