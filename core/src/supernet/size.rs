//! The exact cost of a sub-network: parameters and multiply-accumulate operations.

use super::{Architecture, SearchSpace};

/// Trainable numbers of the plain network of `architecture`: input and output layers, and two linear layers with
/// biases a block. `(inputs+1) d + Σ_l (d f_l + f_l + f_l d + d) + (d+1) outputs`.
pub fn parameters(space: &SearchSpace, architecture: &Architecture) -> usize {
    let width = architecture.width;
    let blocks: usize = architecture.ffn.iter().map(|inner| 2 * width * inner + inner + width).sum();
    (space.inputs + 1) * width + blocks + (width + 1) * space.outputs
}

/// Floating-point operations of one forward pass over one input, a multiply-accumulate counted as two:
/// `2 (inputs d + Σ_l 2 d f_l + d outputs)`. Biases and activations are not counted.
pub fn flops(space: &SearchSpace, architecture: &Architecture) -> usize {
    let width = architecture.width;
    let blocks: usize = architecture.ffn.iter().map(|inner| 2 * width * inner).sum();
    2 * (space.inputs * width + blocks + width * space.outputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supernet::space::tests::space;

    #[test]
    fn the_formulas_agree_with_a_count_by_hand() {
        let architecture = "w4-relu-f2.6".parse().expect("well formed");
        // 6 inputs, 4 outputs: 7*4 + (2*4*2+2+4) + (2*4*6+6+4) + 5*4 = 28 + 22 + 58 + 20.
        assert_eq!(parameters(&space(), &architecture), 128);
        // 2 * (24 + 16 + 48 + 16).
        assert_eq!(flops(&space(), &architecture), 208);
    }

    #[test]
    fn moving_the_wide_layer_changes_neither_size_nor_flops() {
        let costs = ["w4-relu-f10.2.2", "w4-relu-f2.10.2", "w4-relu-f2.2.10"].map(|text| {
            let architecture = text.parse().expect("well formed");
            (parameters(&space(), &architecture), flops(&space(), &architecture))
        });
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    }
}
