//! The exact cost of a sub-network: parameters and floating-point operations.

#[cfg(feature = "engine")]
use super::TransformerSpace;
#[cfg(feature = "engine")]
use super::places::Part;
#[cfg(feature = "engine")]
use super::weights::{PlacedSharing, parts, served};
use super::{DecoderLayer, EncoderLayer, TransformerArchitecture};

/// Trainable numbers of a linear map with biases.
pub(in crate::supernet) fn map(inputs: usize, outputs: usize) -> usize {
    inputs * outputs + outputs
}

/// Trainable numbers of the plain network of `architecture`, the embedding (`vocabulary` rows, shared by both sides and the
/// last layer, as wide as the wider side) included: attention of the inner width `inner`, feed-forward parts, and a norm
/// before each and after each side.
pub fn parameters(architecture: &TransformerArchitecture, inner: usize, vocabulary: usize) -> usize {
    let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
    let (low, high) = (*encoder_width, *decoder_width);
    let attention = |width: usize, memory: usize| {
        map(width, inner) + 2 * map(memory, inner) + map(inner, width) + 2 * width
    };
    let feed_forward = |width: usize, ffn: usize| map(width, ffn) + map(ffn, width) + 2 * width;
    let of_encoder = |layer: &EncoderLayer| attention(low, low) + feed_forward(low, layer.ffn);
    let of_decoder =
        |layer: &DecoderLayer| attention(high, high) + attention(high, low) + feed_forward(high, layer.ffn);
    vocabulary * low.max(high)
        + encoder.iter().map(of_encoder).sum::<usize>()
        + decoder.iter().map(of_decoder).sum::<usize>()
        + 2 * low
        + 2 * high
}

/// Trainable numbers of a supernet of a checked space: the largest network's, its mixed maps once for each expert set, and the
/// routers'.
#[cfg(feature = "engine")]
pub fn trained(space: &TransformerSpace, vocabulary: usize, sharing: PlacedSharing) -> usize {
    let (largest, places) = (space.largest(), sharing.places);
    let mixed: usize = parts(space, &largest, places).iter().map(Part::numbers).sum();
    let routers = sharing.mixture().map(|mixture| mixture.numbers(&served(space, places, mixture.encoding)));
    parameters(&largest, space.inner, vocabulary) + (sharing.experts() - 1) * mixed + routers.unwrap_or(0)
}

/// Floating-point operations of one forward pass over one pair of `source` and `target` tokens, a multiply-accumulate
/// counted as two: the linear maps, the products of attention (masked entries included) and the last layer over
/// `vocabulary` words. Norms, softmax, biases and activations are not counted.
pub fn flops(
    architecture: &TransformerArchitecture,
    inner: usize,
    vocabulary: usize,
    lengths: [usize; 2],
) -> u64 {
    // A tab's whole numbers have 32 bits, and HAT's networks have more operations than that.
    let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = architecture;
    let [low, high, inner, vocabulary] =
        [*encoder_width, *decoder_width, inner, vocabulary].map(|number| number as u64);
    let [source, target] = lengths.map(|length| length as u64);
    let attention = |queries: u64, keys: u64, width: u64, memory: u64| {
        queries * width * inner
            + 2 * keys * memory * inner
            + 2 * queries * keys * inner
            + queries * inner * width
    };
    let of_encoder =
        |layer: &EncoderLayer| attention(source, source, low, low) + 2 * source * low * layer.ffn as u64;
    let of_decoder = |layer: &DecoderLayer| {
        attention(target, target, high, high)
            + attention(target, layer.attend as u64 * source, high, low)
            + 2 * target * high * layer.ffn as u64
    };
    let layers = encoder.iter().map(of_encoder).sum::<u64>() + decoder.iter().map(of_decoder).sum::<u64>();
    2 * (layers + target * high * vocabulary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formulas_agree_with_a_count_by_hand() {
        let architecture = "e4-6x1-d8-12x2x4x1".parse().expect("well formed");
        // Encoder: q, k, v and out of width 4 and inner 8, feed-forward 4-6-4, two norms, and one after it.
        let encoder = 3 * (4 * 8 + 8) + (8 * 4 + 4) + (4 * 6 + 6) + (6 * 4 + 4) + 4 * 4 + 2 * 4;
        let own = 3 * (8 * 8 + 8) + (8 * 8 + 8);
        let cross = (8 * 8 + 8) + 2 * (4 * 8 + 8) + (8 * 8 + 8);
        let decoder = own + cross + (8 * 12 + 12) + (12 * 8 + 8) + 6 * 8 + 2 * 8;
        assert_eq!(parameters(&architecture, 8, 10), 10 * 8 + encoder + decoder);
        // 3 source tokens, 2 target tokens.
        let encoder = 3 * 4 * 8 * 3 + 2 * 3 * 3 * 8 + 3 * 8 * 4 + 2 * 3 * 4 * 6;
        let own = 2 * 8 * 8 * 3 + 2 * 2 * 2 * 8 + 2 * 8 * 8;
        let cross = 2 * 8 * 8 + 2 * 3 * 4 * 8 + 2 * 2 * 3 * 8 + 2 * 8 * 8;
        let all = encoder + own + cross + 2 * 2 * 8 * 12 + 2 * 8 * 10;
        assert_eq!(flops(&architecture, 8, 10, [3, 2]), 2 * all);
    }

    #[test]
    fn heads_change_nothing_and_more_memory_costs_more() {
        let size = |text: &str| {
            let architecture = text.parse().expect("well formed");
            (parameters(&architecture, 8, 10), flops(&architecture, 8, 10, [5, 5]))
        };
        assert_eq!(size("e4-6x1.6x1-d8-12x2x4x1"), size("e4-6x2.6x4-d8-12x1x1x1"));
        let (near, far) = (size("e4-6x1.6x1-d8-12x2x4x1"), size("e4-6x1.6x1-d8-12x2x4x2"));
        assert!(near.0 == far.0 && near.1 < far.1);
    }
}
