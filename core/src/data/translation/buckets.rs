//! Batches of pairs of like length: little padding, and a bounded number of tokens in each.
//!
//! Pairs are put in random order, cut into windows, sorted by length within each window, and cut into batches; then the
//! batches are put in random order. A wide window pads little, a narrow one mixes more. Nothing here draws a random
//! number: the caller gives the permutations, so the same permutations give the same batches. Standard library only.

use std::fmt;

#[cfg(test)]
mod tests;

/// How batches are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucketing {
    /// The most tokens of a batch on each side, with padding: its pairs times its longest sequence.
    pub tokens: usize,
    /// How many pairs are sorted together.
    pub window: usize,
}

/// Pairs that are processed together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The pairs, by their numbers.
    pub pairs: Vec<usize>,
    /// The length of the longest source sequence.
    pub source: usize,
    /// The length of the longest target sequence.
    pub target: usize,
}

impl Batch {
    /// The tokens with padding, of the side that has more.
    pub fn tokens(&self) -> usize {
        self.pairs.len().saturating_mul(self.source.max(self.target))
    }

    /// The tokens with one pair more; empty pairs count as one token, so that they too fill a batch.
    fn grown(&self, (source, target): (usize, usize)) -> usize {
        (self.pairs.len() + 1).saturating_mul(self.source.max(self.target).max(source).max(target).max(1))
    }

    fn push(&mut self, pair: usize, (source, target): (usize, usize)) {
        self.pairs.push(pair);
        self.source = self.source.max(source);
        self.target = self.target.max(target);
    }
}

/// Every pair once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Epoch {
    /// The batches, in the order in which they are to be processed.
    pub batches: Vec<Batch>,
    /// The pairs that are in no batch because one sequence alone has too many tokens, in order.
    pub too_long: Vec<usize>,
}

impl Epoch {
    /// The share of padding in all places of all batches, from 0 to below 1; 0 when there is no batch.
    pub fn padding(&self, lengths: &[(usize, usize)]) -> f64 {
        let (mut places, mut tokens) = (0, 0);
        for batch in &self.batches {
            places += batch.pairs.len() * (batch.source + batch.target);
            tokens += batch.pairs.iter().map(|&pair| lengths[pair].0 + lengths[pair].1).sum::<usize>();
        }
        if places == 0 { 0.0 } else { 1.0 - tokens as f64 / places as f64 }
    }
}

/// Why no batches can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketError {
    /// A batch or a window of nothing is asked for.
    Nothing(Bucketing),
    /// The caller's permutation of so many numbers is none.
    NoPermutation(usize),
}

impl fmt::Display for BucketError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(Bucketing { tokens, window }) => write!(
                formatter,
                "batches of {tokens} tokens from windows of {window} pairs are asked for; both must be at least 1"
            ),
            Self::NoPermutation(count) => {
                write!(
                    formatter,
                    "the order of {count} things does not have each of them once; this is a bug"
                )
            }
        }
    }
}

impl std::error::Error for BucketError {}

/// The batches of an epoch, from the lengths of the source and target sequence of each pair.
///
/// `permutation` is called first with the number of pairs that fit, then with the number of batches, and returns the
/// numbers below it in random order.
///
/// # Errors
/// When a batch or window of nothing is asked for, or `permutation` returns none.
pub fn batches(
    lengths: &[(usize, usize)],
    bucketing: Bucketing,
    mut permutation: impl FnMut(usize) -> Vec<usize>,
) -> Result<Epoch, BucketError> {
    let Bucketing { tokens, window } = bucketing;
    if tokens == 0 || window == 0 {
        return Err(BucketError::Nothing(bucketing));
    }
    let fits = |pair: &usize| lengths[*pair].0.max(lengths[*pair].1) <= tokens;
    let (fitting, too_long): (Vec<usize>, Vec<usize>) = (0..lengths.len()).partition(fits);
    let mut order = permuted(&fitting, &mut permutation)?;
    let mut batches = Vec::new();
    for part in order.chunks_mut(window) {
        // Stable: pairs of the same lengths stay in random order.
        part.sort_by_key(|&pair| (lengths[pair].0.max(lengths[pair].1), lengths[pair]));
        cut(part, lengths, tokens, &mut batches);
    }
    let order = permuted(&(0..batches.len()).collect::<Vec<_>>(), &mut permutation)?;
    let batches = order.into_iter().map(|batch| std::mem::take(&mut batches[batch])).collect();
    Ok(Epoch { batches, too_long })
}

/// Cuts sorted pairs into batches that are as full as they can be in this order.
fn cut(pairs: &[usize], lengths: &[(usize, usize)], tokens: usize, batches: &mut Vec<Batch>) {
    let mut batch = Batch::default();
    for &pair in pairs {
        if batch.grown(lengths[pair]) > tokens && !batch.pairs.is_empty() {
            batches.push(std::mem::take(&mut batch));
        }
        batch.push(pair, lengths[pair]);
    }
    if !batch.pairs.is_empty() {
        batches.push(batch);
    }
}

/// `things` in the order that `permutation` gives, if it is one.
fn permuted(
    things: &[usize],
    permutation: &mut impl FnMut(usize) -> Vec<usize>,
) -> Result<Vec<usize>, BucketError> {
    let order = permutation(things.len());
    let mut seen = vec![false; things.len()];
    let once = |&place: &usize| seen.get_mut(place).is_some_and(|seen| !std::mem::replace(seen, true));
    if order.len() != things.len() || !order.iter().all(once) {
        return Err(BucketError::NoPermutation(things.len()));
    }
    Ok(order.into_iter().map(|place| things[place]).collect())
}
