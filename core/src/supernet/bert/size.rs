//! The exact cost of a masked language model: parameters and floating-point operations.

use super::BertArchitecture;
#[cfg(feature = "engine")]
use super::weights::{Rows, parts, served};
#[cfg(feature = "engine")]
use super::{BertEncoding, BertSpace};
#[cfg(feature = "engine")]
use crate::supernet::transformer::mixing::PlacedSharing;
#[cfg(feature = "engine")]
use crate::supernet::transformer::places::Part;
use crate::supernet::transformer::size::map;

/// Trainable numbers of the plain network of `architecture` with `vocabulary` words and `places` positions: embeddings and
/// their norm; in every layer both bottlenecks, where it has them, attention, the feed-forward part and a norm after each;
/// and the head, whose last map is the words' embedding again with a bias of its own.
pub fn parameters(architecture: &BertArchitecture, vocabulary: usize, places: usize) -> usize {
    let BertArchitecture { hidden, ffn, .. } = architecture;
    let bottlenecks = |width: usize| {
        if architecture.has_bottlenecks() { map(*hidden, width) + map(width, *hidden) } else { 0 }
    };
    let layer = |width: usize| {
        bottlenecks(width) + 4 * map(width, width) + map(width, *ffn) + map(*ffn, width) + 4 * width
    };
    (vocabulary + places) * hidden
        + 2 * hidden
        + architecture.widths().into_iter().map(layer).sum::<usize>()
        + map(*hidden, *hidden)
        + 2 * hidden
        + vocabulary
}

/// Trainable numbers of a supernet of a checked space: the largest network's, its mixed maps once for each expert set, and the
/// routers'.
#[cfg(feature = "engine")]
pub fn trained(space: &BertSpace, rows: Rows, sharing: PlacedSharing<BertEncoding>) -> usize {
    let (largest, places) = (space.largest(), sharing.places);
    let mixed: usize = parts(&largest, places).iter().map(Part::numbers).sum();
    let routers = sharing.mixture().map(|mixture| mixture.numbers(&served(space, places, mixture.encoding)));
    parameters(&largest, rows.vocabulary, rows.places)
        + (sharing.experts() - 1) * mixed
        + routers.unwrap_or(0)
}

/// Floating-point operations of one forward pass over one sentence of `length` words of which `masked` are predicted, a
/// multiply-accumulate counted as two: the linear maps and the products of attention. Norms, softmax, biases and
/// activations are not counted.
pub fn flops(architecture: &BertArchitecture, vocabulary: usize, [length, masked]: [usize; 2]) -> u64 {
    // A tab's whole numbers have 32 bits, and BERT has more operations than that.
    let BertArchitecture { hidden, ffn, .. } = architecture;
    let [hidden, ffn, vocabulary, length, masked] =
        [*hidden, *ffn, vocabulary, length, masked].map(|number| number as u64);
    let bottlenecks = if architecture.has_bottlenecks() { 2 * hidden } else { 0 };
    let layer = |width: u64| width * (bottlenecks + 4 * width + 2 * length + 2 * ffn);
    let layers: u64 = architecture.widths().into_iter().map(|width| layer(width as u64)).sum();
    2 * (length * layers + masked * hidden * (hidden + vocabulary))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supernet::bert::BertSpace;

    #[test]
    fn the_formulas_agree_with_a_count_by_hand() {
        let narrow = "h8-2x6-b4".parse().expect("well formed");
        // Into 4 and back to 8; q, k, v and out; 4-6-4; two norms.
        let layer = (8 * 4 + 4) + (4 * 8 + 8) + 4 * (4 * 4 + 4) + (4 * 6 + 6) + (6 * 4 + 4) + 2 * 2 * 4;
        let ends = 10 * 8 + 5 * 8 + 2 * 8 + (8 * 8 + 8) + 2 * 8 + 10;
        assert_eq!(parameters(&narrow, 10, 5), layer + ends);
        // 5 words, 2 of them masked.
        let layer = 5 * 8 * 4 + 4 * 5 * 4 * 4 + 2 * 5 * 5 * 4 + 2 * 5 * 4 * 6 + 5 * 4 * 8;
        assert_eq!(flops(&narrow, 10, [5, 2]), 2 * (layer + 2 * 8 * 8 + 2 * 8 * 10));
        let plain = "h8-2x6-l1".parse().expect("well formed");
        let layer = 4 * (8 * 8 + 8) + (8 * 6 + 6) + (6 * 8 + 8) + 2 * 2 * 8;
        assert_eq!(parameters(&plain, 10, 5), layer + ends);
        let layer = 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8 + 2 * 5 * 8 * 6;
        assert_eq!(flops(&plain, 10, [5, 2]), 2 * (layer + 2 * 8 * 8 + 2 * 8 * 10));
    }

    #[test]
    fn the_largest_homogeneous_network_has_the_size_of_bert_base() {
        // BERT-base with its masked-language head, less its two segments.
        let base = 109_514_298 - 2 * 768;
        assert_eq!(parameters(&BertSpace::homogeneous_550().largest(), 30_522, 512), base);
    }
}
