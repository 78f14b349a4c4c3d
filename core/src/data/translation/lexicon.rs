//! Word-by-word translation: IBM's model 1 (Brown et al. 1993), the probability of a target word given a source word, learned
//! by expectation and maximisation; a sentence is translated by the likeliest word of each, in the order of the source. It
//! knows words and no order, so it is the baseline that a network has to beat.

use std::collections::BTreeMap;

use super::Pair;

/// Which word a word is translated by.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexicon {
    /// The likeliest translation of each source word and its probability.
    best: BTreeMap<u32, (u32, f64)>,
}

impl Lexicon {
    /// Learns from pairs in so many rounds; 5 are usual.
    pub fn learn(pairs: &[Pair], rounds: usize) -> Self {
        // The probability of a target word given a source word, for words that meet in a pair.
        let mut table: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for pair in pairs {
            for source in &pair.source {
                for target in &pair.target {
                    table.insert((*source, *target), 1.0);
                }
            }
        }
        for _ in 0..rounds {
            let mut counts: BTreeMap<(u32, u32), f64> = BTreeMap::new();
            let mut totals: BTreeMap<u32, f64> = BTreeMap::new();
            for pair in pairs {
                for target in &pair.target {
                    let whole: f64 = pair.source.iter().map(|source| table[&(*source, *target)]).sum();
                    for source in &pair.source {
                        let share = table[&(*source, *target)] / whole;
                        *counts.entry((*source, *target)).or_default() += share;
                        *totals.entry(*source).or_default() += share;
                    }
                }
            }
            for ((source, target), probability) in &mut table {
                *probability = counts.get(&(*source, *target)).copied().unwrap_or(0.0) / totals[source];
            }
        }
        let mut best: BTreeMap<u32, (u32, f64)> = BTreeMap::new();
        for ((source, target), probability) in table {
            let known = best.entry(source).or_insert((target, probability));
            if probability > known.1 {
                *known = (target, probability);
            }
        }
        Self { best }
    }

    /// A sentence word by word; words that were never seen stay as they are.
    pub fn translate(&self, source: &[u32]) -> Vec<u32> {
        source.iter().map(|word| self.best.get(word).map_or(*word, |(target, _)| *target)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_occur_together_are_found() {
        // The classical example: das Haus, das Buch, ein Buch.
        let pair =
            |source: [u32; 2], target: [u32; 2]| Pair { source: source.to_vec(), target: target.to_vec() };
        let pairs = [pair([10, 11], [20, 21]), pair([10, 12], [20, 22]), pair([13, 12], [23, 22])];
        let lexicon = Lexicon::learn(&pairs, 20);
        assert_eq!(lexicon.translate(&[10, 11, 12, 13]), [20, 21, 22, 23]);
        assert_eq!(lexicon.translate(&[99]), [99]);
    }
}
