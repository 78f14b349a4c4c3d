//! What a choice depends on: `I(S;Y) / H(S)` of the first choice and a key, against a permutation null.
//!
//! The definitions are those of [`metrics::specialisation`](mod@crate::routing::metrics::specialisation). Here many
//! keys share one permutation of the choices, and the table is never laid out: units stand in the order of a key, and
//! the slots of one key are counted at a time. So a key with as many values as units costs no more than any other.
//!
//! The interval resamples items and holds the cells' shares: `I` and `H(S)` are means over units of
//! `ln p(s,y)/p(s)p(y)` and `-ln p(s)`, and these means are resampled. Counting the cells anew in every resample would
//! raise `I` by itself, because a unit that is drawn twice agrees with itself. Where cells are nearly empty the interval
//! is too narrow; the null says so by being large.

use serde::Serialize;

use super::Measure;
use super::resampling::{Draws, Ratio};
use crate::rng::Stream;
use crate::routing::metrics::Specialisation;
use crate::{Error, Result};

/// The mark of a unit and group without a choice.
pub const NONE: u32 = u32::MAX;

/// How much the first choice depends on one key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeySummary {
    /// The key, in words.
    pub key: String,
    /// `I(S;Y)/H(S)` minus the null: how much of the choice the key explains.
    pub share_of_choice: Measure,
    /// The details, where they are defined.
    pub detail: Option<Detail>,
}

/// What the share of the choice rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Detail {
    /// How many different values the key has.
    pub values: usize,
    /// `I(S;Y)` from counts, in nats.
    pub raw: f64,
    /// The mean of `I(S;Y)` over permutations.
    pub null_mean: f64,
    /// Its standard deviation.
    pub null_deviation: f64,
    /// The share of permutations that reach the observed value, itself included.
    pub p_value: f64,
    /// How many permutations.
    pub permutations: usize,
    /// `H(S)`, in nats.
    pub slot_entropy: f64,
    /// `H(Y)`, in nats.
    pub key_entropy: f64,
}

/// The first choices of the units that take part.
pub struct Chosen<'a> {
    /// `unit * groups + group`; every one is a slot.
    pub slots: &'a [u32],
    /// How many choices each unit makes.
    pub groups: usize,
    /// The number of slots.
    pub width: usize,
}

/// One key of the units that take part.
pub struct Key<'a> {
    /// Its name.
    pub name: String,
    /// Its value for each unit.
    pub values: &'a [u32],
}

/// The units of a key, in the order of its values.
struct Ordered {
    order: Vec<u32>,
    /// Where each value's units begin, and the end.
    bounds: Vec<usize>,
}

impl Ordered {
    fn of(values: &[u32]) -> Self {
        let order = in_order(values);
        let mut bounds = vec![0];
        bounds.extend(
            (1..order.len()).filter(|&at| values[order[at] as usize] != values[order[at - 1] as usize]),
        );
        bounds.push(order.len());
        Self { order, bounds }
    }

    fn values(&self) -> usize {
        self.bounds.len() - 1
    }

    fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        self.bounds.windows(2).map(|pair| pair[1] - pair[0])
    }
}

/// The units by rising value, those of one value in their order.
fn in_order(values: &[u32]) -> Vec<u32> {
    let most = values.iter().copied().max().unwrap_or(0) as usize;
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    if most > 4 * values.len() {
        order.sort_by_key(|&unit| values[unit as usize]);
        return order;
    }
    // Values that lie close together are counted instead of compared.
    let mut next = vec![0u32; most + 2];
    values.iter().for_each(|&value| next[value as usize + 1] += 1);
    (1..next.len()).for_each(|at| next[at] += next[at - 1]);
    for (unit, &value) in values.iter().enumerate() {
        let at = &mut next[value as usize];
        order[*at as usize] = unit as u32;
        *at += 1;
    }
    order
}

/// `n ln n`, looked up for small numbers.
struct NumberLogs(Vec<f64>);

impl NumberLogs {
    fn new(most: usize) -> Self {
        Self(
            (0..=most.min(1 << 16))
                .map(|n| if n == 0 { 0.0 } else { n as f64 * libm::log(n as f64) })
                .collect(),
        )
    }

    fn of(&self, n: usize) -> f64 {
        self.0.get(n).copied().unwrap_or_else(|| n as f64 * libm::log(n as f64))
    }
}

/// `sum n ln n` over the cells of slots and keys, the choices standing in the order of the key.
fn joint(choices: &[u32], groups: usize, bounds: &[usize], counts: &mut [u32], logs: &NumberLogs) -> f64 {
    let mut sum = 0.0;
    for pair in bounds.windows(2) {
        let slots = &choices[pair[0] * groups..pair[1] * groups];
        slots.iter().for_each(|&slot| counts[slot as usize] += 1);
        for &slot in slots {
            sum += logs.of(std::mem::take(&mut counts[slot as usize]) as usize);
        }
    }
    sum
}

/// Measures every key against the same permutations.
///
/// # Errors
/// Never for the keys, whose trouble is told in their measure; if no unit takes part.
pub fn measure(
    chosen: &Chosen<'_>,
    keys: &[Key<'_>],
    (items, count, draws): (&[u32], usize, &Draws),
    (permutations, stream): (usize, &mut Stream),
) -> Result<Vec<KeySummary>> {
    let units = chosen.slots.len() / chosen.groups.max(1);
    if units == 0 {
        return Err(Error::Undefined {
            statistic: "the specialisation",
            problem: "no valid unit has a choice in every group".to_owned(),
        });
    }
    let ordered: Vec<Ordered> = keys.iter().map(|key| Ordered::of(key.values)).collect();
    // A key that tells all units apart, or none, has no null worth computing.
    let telling: Vec<usize> =
        (0..keys.len()).filter(|&key| (2..units).contains(&ordered[key].values())).collect();
    let logs = NumberLogs::new(units * chosen.groups);
    let nulls = nulls(
        chosen,
        &telling.iter().map(|&key| &ordered[key]).collect::<Vec<_>>(),
        (permutations, &logs),
        stream,
    );
    let summaries = keys.iter().zip(&ordered).enumerate().map(|(index, (key, ordered))| {
        let null = telling.iter().position(|&telling| telling == index).map(|at| nulls[at].as_slice());
        summary(chosen, key, ordered, null, (&logs, items, count, draws))
    });
    Ok(summaries.collect())
}

/// The values of `sum n ln n` under permutations, for each key.
fn nulls(
    chosen: &Chosen<'_>,
    keys: &[&Ordered],
    (permutations, logs): (usize, &NumberLogs),
    stream: &mut Stream,
) -> Vec<Vec<f64>> {
    let mut nulls = vec![Vec::with_capacity(permutations); keys.len()];
    if keys.is_empty() {
        return nulls;
    }
    let groups = chosen.groups;
    let mut counts = vec![0; chosen.width];
    let mut units: Vec<u32> = (0..(chosen.slots.len() / groups) as u32).collect();
    let mut permuted = chosen.slots.to_vec();
    for _ in 0..permutations {
        if groups == 1 {
            stream.shuffle(&mut permuted);
        } else {
            stream.shuffle(&mut units);
            for (place, &unit) in permuted.chunks_mut(groups).zip(&units) {
                place.copy_from_slice(&chosen.slots[unit as usize * groups..][..groups]);
            }
        }
        for (null, key) in nulls.iter_mut().zip(keys) {
            null.push(joint(&permuted, groups, &key.bounds, &mut counts, logs));
        }
    }
    nulls
}

fn summary(
    chosen: &Chosen<'_>,
    key: &Key<'_>,
    ordered: &Ordered,
    null: Option<&[f64]>,
    (logs, items, count, draws): (&NumberLogs, &[u32], usize, &Draws),
) -> KeySummary {
    let name = key.name.clone();
    let without = |reason: &str| KeySummary {
        key: name.clone(),
        share_of_choice: Measure::undefined(reason),
        detail: None,
    };
    let Some(null) = null else {
        return without(if ordered.values() < 2 {
            "every unit has the same value, so it cannot explain anything"
        } else {
            "every unit has a value of its own, so nothing can be told from chance"
        });
    };
    let groups = chosen.groups;
    let arranged: Vec<u32> = ordered
        .order
        .iter()
        .flat_map(|&unit| chosen.slots[unit as usize * groups..][..groups].iter().copied())
        .collect();
    let mut counts = vec![0u32; chosen.width];
    let mut totals = vec![0usize; chosen.width];
    chosen.slots.iter().for_each(|&slot| totals[slot as usize] += 1);
    let all = chosen.slots.len() as f64;
    let entropy = |sum: f64| libm::log(all) - sum / all;
    let slot_entropy = entropy(totals.iter().map(|&n| logs.of(n)).sum());
    let key_entropy = entropy(ordered.sizes().map(|n| logs.of(n * groups)).sum());
    let information = |sum: f64| slot_entropy + key_entropy - entropy(sum);
    let raw = information(joint(&arranged, groups, &ordered.bounds, &mut counts, logs));
    let nulls: Vec<f64> = null.iter().map(|&sum| information(sum)).collect();
    let against = Specialisation::against(raw, &nulls, slot_entropy, key_entropy);
    let detail = Detail {
        values: ordered.values(),
        raw,
        null_mean: against.null_mean,
        null_deviation: against.null_deviation,
        p_value: against.p_value,
        permutations: nulls.len(),
        slot_entropy,
        key_entropy,
    };
    let ratio = pointwise(chosen, ordered, &arranged, (&totals, items, count));
    let null_mean = against.null_mean;
    let resampled = draws.rows().map(|rows| rows.map(|times| ratio.share(times, null_mean)));
    KeySummary {
        key: name,
        share_of_choice: Measure::of(against.share_of_choice(), resampled),
        detail: Some(detail),
    }
}

/// Sums over each item of the pointwise information, of the surprise at the slot, and of the choices.
struct Pointwise {
    information: Vec<f64>,
    entropy: Vec<f64>,
    weight: Vec<f64>,
}

impl Pointwise {
    /// `(I - null) / H(S)` in one resample.
    fn share(&self, times: &[f64], null_mean: f64) -> f64 {
        let sum = |numbers: &[f64]| times.iter().zip(numbers).map(|(t, n)| t * n).sum::<f64>();
        let weight = sum(&self.weight);
        (sum(&self.information) / weight - null_mean) / (sum(&self.entropy) / weight)
    }
}

fn pointwise(
    chosen: &Chosen<'_>,
    ordered: &Ordered,
    arranged: &[u32],
    (totals, items, count): (&[usize], &[u32], usize),
) -> Pointwise {
    let groups = chosen.groups;
    let all = arranged.len() as f64;
    let mut sums =
        Pointwise { information: vec![0.0; count], entropy: vec![0.0; count], weight: vec![0.0; count] };
    let surprises: Vec<f64> =
        totals.iter().map(|&n| if n == 0 { 0.0 } else { -libm::log(n as f64 / all) }).collect();
    // The logarithm of each cell of a key is taken once.
    let (mut counts, mut cell_logs) = (vec![0u32; chosen.width], vec![0.0; chosen.width]);
    for pair in ordered.bounds.windows(2) {
        let slots = &arranged[pair[0] * groups..pair[1] * groups];
        slots.iter().for_each(|&slot| counts[slot as usize] += 1);
        for &slot in slots {
            let cell = std::mem::take(&mut counts[slot as usize]);
            if cell > 0 {
                cell_logs[slot as usize] = libm::log(f64::from(cell));
            }
        }
        let log_of_key = libm::log(slots.len() as f64);
        for (unit, slots) in ordered.order[pair[0]..pair[1]].iter().zip(slots.chunks(groups)) {
            let item = items[*unit as usize] as usize;
            for &slot in slots {
                let surprise = surprises[slot as usize];
                sums.information[item] += cell_logs[slot as usize] - log_of_key + surprise;
                sums.entropy[item] += surprise;
                sums.weight[item] += 1.0;
            }
        }
    }
    sums
}

/// Whether a ratio has anything under it.
pub(super) fn mean(statistic: &'static str, ratio: &Ratio, problem: &str) -> Result<f64> {
    match ratio.totals() {
        (_, 0.0) => Err(Error::Undefined { statistic, problem: problem.to_owned() }),
        (over, under) => Ok(over / under),
    }
}
