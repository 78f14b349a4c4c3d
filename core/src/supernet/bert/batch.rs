//! Sentences with masked words as a network reads them: begun, ended and padded to the longest.

use burn::prelude::*;

use crate::data::masking::Masked;
use crate::nn::attention::Sequences;
use crate::supernet::transformer::attention::padding;
use crate::supernet::transformer::batch::{BEGIN, END, PAD};

/// A batch of sentences on a device.
#[derive(Debug, Clone)]
pub struct MaskedBatch {
    /// What the network sees, `[sentences, longest]`: a begin, the words or what stands for them, an end.
    pub words: Tensor<2, Int>,
    /// What is taken from the scores of padding.
    pub padding: Option<Tensor<4>>,
    /// Which of its flattened places are masked, `[masked]`.
    pub places: Tensor<1, Int>,
    /// What stands there, `[masked]`.
    pub expected: Tensor<1, Int>,
    /// How many that is.
    pub masked: usize,
}

impl MaskedBatch {
    /// Pads sentences.
    ///
    /// # Panics
    /// If there is no sentence, or none has a masked word.
    pub fn new(sentences: &[&Masked], device: &Device) -> Self {
        let lengths: Vec<usize> = sentences.iter().map(|sentence| sentence.words.len() + 2).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let (mut words, mut places, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for (index, Masked { words: seen, places: masked, expected: right }) in sentences.iter().enumerate() {
            let row = std::iter::once(BEGIN).chain(seen.iter().copied()).chain([END]);
            words.extend(row.chain(std::iter::repeat(PAD)).take(longest).map(|word| word as i32));
            places.extend(masked.iter().map(|place| (index * longest + 1 + place) as i32));
            expected.extend(right.iter().map(|word| *word as i32));
        }
        let masked = places.len();
        assert!(masked > 0, "a batch needs at least one masked word");
        let list =
            |numbers: Vec<i32>| Tensor::<1, Int>::from_data(TensorData::new(numbers, [masked]), device);
        Self {
            words: Tensor::from_data(TensorData::new(words, [sentences.len(), longest]), device),
            padding: padding(&lengths, longest, device),
            places: list(places),
            expected: list(expected),
            masked,
        }
    }

    /// Its shape.
    pub fn sequences(&self) -> Sequences {
        let [count, length] = self.words.dims();
        Sequences { count, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_begun_ended_and_padded_and_masked_places_follow() {
        let long = Masked { words: vec![7, 4, 8], places: vec![1], expected: vec![9] };
        let short = Masked { words: vec![4], places: vec![0], expected: vec![6] };
        let batch = MaskedBatch::new(&[&long, &short], &Device::flex());
        let list = |tensor: &Tensor<1, Int>| tensor.to_data().iter::<i32>().collect::<Vec<_>>();
        let words: Vec<i32> = batch.words.to_data().iter::<i32>().collect();
        assert_eq!(words, [1, 7, 4, 8, 2, 1, 4, 2, 0, 0]);
        assert_eq!((list(&batch.places), list(&batch.expected)), (vec![2, 6], vec![9, 6]));
        assert_eq!((batch.masked, batch.padding.is_some()), (2, true));
    }
}
