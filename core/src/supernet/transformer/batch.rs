//! Pairs of sentences as a network reads them: padded to the longest of each side.

use burn::prelude::*;

use super::attention::padding;
use crate::nn::attention::Sequences;

/// Fills the end of a shorter sentence.
pub const PAD: u32 = 0;
/// Stands before a translation.
pub const BEGIN: u32 = 1;
/// Ends a sentence.
pub const END: u32 = 2;

/// A batch of pairs on a device. Sentences end with [`END`]; translations begin with [`BEGIN`].
#[derive(Debug, Clone)]
pub struct PairBatch {
    /// Source words, `[pairs, longest source]`.
    pub source: Tensor<2, Int>,
    /// What is taken from the scores of padding in the source.
    pub padding: Option<Tensor<4>>,
    /// What the decoder reads, `[pairs, longest target]`.
    pub target: Tensor<2, Int>,
    /// Which of its flattened places count, `[words]`.
    pub places: Tensor<1, Int>,
    /// What should follow at each of them, `[words]`.
    pub expected: Tensor<1, Int>,
    /// How many words that is.
    pub words: usize,
}

impl PairBatch {
    /// Pads pairs of plain sentences, which hold none of the special words.
    ///
    /// # Panics
    /// If there is no pair.
    pub fn new(pairs: &[(&[u32], &[u32])], device: &Device) -> Self {
        assert!(!pairs.is_empty(), "a batch needs at least one pair");
        let longest = |side: fn(&(&[u32], &[u32])) -> usize| pairs.iter().map(side).max().unwrap_or(0) + 1;
        let (sources, targets) = (longest(|pair| pair.0.len()), longest(|pair| pair.1.len()));
        let padded = |words: &mut dyn Iterator<Item = u32>, length: usize| -> Vec<i32> {
            words.chain(std::iter::repeat(PAD)).take(length).map(|word| word as i32).collect()
        };
        let (mut source, mut target, mut places, mut expected) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, (from, to)) in pairs.iter().enumerate() {
            source.extend(padded(&mut from.iter().copied().chain([END]), sources));
            target.extend(padded(&mut std::iter::once(BEGIN).chain(to.iter().copied()), targets));
            places.extend((0..=to.len()).map(|place| (index * targets + place) as i32));
            expected.extend(to.iter().copied().chain([END]).map(|word| word as i32));
        }
        let lengths: Vec<usize> = pairs.iter().map(|(from, _)| from.len() + 1).collect();
        let table = |numbers: Vec<i32>, length: usize| {
            Tensor::<2, Int>::from_data(TensorData::new(numbers, [pairs.len(), length]), device)
        };
        let words = places.len();
        let list = |numbers: Vec<i32>| Tensor::<1, Int>::from_data(TensorData::new(numbers, [words]), device);
        Self {
            source: table(source, sources),
            padding: padding(&lengths, sources, device),
            target: table(target, targets),
            places: list(places),
            expected: list(expected),
            words,
        }
    }

    /// The shape of the source.
    pub fn sources(&self) -> Sequences {
        let [count, length] = self.source.dims();
        Sequences { count, length }
    }

    /// The shape of the target.
    pub fn targets(&self) -> Sequences {
        let [count, length] = self.target.dims();
        Sequences { count, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_padded_and_only_their_words_count() {
        let batch = PairBatch::new(&[(&[7, 8], &[9]), (&[6], &[5, 6, 7])], &Device::flex());
        let rows = |tensor: &Tensor<2, Int>| tensor.to_data().iter::<i32>().collect::<Vec<_>>();
        let list = |tensor: &Tensor<1, Int>| tensor.to_data().iter::<i32>().collect::<Vec<_>>();
        assert_eq!(rows(&batch.source), [7, 8, 2, 6, 2, 0]);
        assert_eq!(rows(&batch.target), [1, 9, 0, 0, 1, 5, 6, 7]);
        assert_eq!(list(&batch.places), [0, 1, 4, 5, 6, 7]);
        assert_eq!(list(&batch.expected), [9, 2, 5, 6, 7, 2]);
        assert_eq!(batch.words, 6);
        assert!(batch.padding.is_some());
        assert!(PairBatch::new(&[(&[7], &[9]), (&[6], &[5])], &Device::flex()).padding.is_none());
    }
}
