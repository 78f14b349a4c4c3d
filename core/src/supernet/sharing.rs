//! Who shares with whom: how much a gradient step on one architecture moves the weights of another.
//!
//! A step of stochastic gradient descent on architecture `a` changes the weights that `a'` uses by
//! `-η s(a, a') G_a` with `s(a, a') = Σ_k alpha_k(a) alpha_k(a')`: 1 for all pairs under plain sharing, 0 between
//! regions of a hard split. What counts is the ratio to `s(a, a)`.

use super::provider::BlockMixing;
use super::training::read;
use crate::Result;

/// Mixing weights of one architecture on the host: `[blocks][linear layers][rows][experts]`, rows flattened. Layers of a
/// block that share a row have it once.
#[derive(Debug, Clone, PartialEq)]
pub struct MixingTable {
    /// For each block its linear layers' weights, row after row, `experts` numbers a row.
    pub blocks: Vec<Vec<Vec<f64>>>,
    /// Experts (`m`).
    pub experts: usize,
}

impl MixingTable {
    /// Reads the mixing of one architecture. A single expert of `experts` becomes a one-hot row.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn read(mixing: &[BlockMixing], experts: usize) -> Result<Self> {
        let mut blocks = Vec::with_capacity(mixing.len());
        for block in mixing {
            blocks.push(match block {
                BlockMixing::Single(chosen) => {
                    vec![(0..experts).map(|expert| f64::from(u8::from(expert == *chosen))).collect()]
                }
                BlockMixing::Layer(alpha) => vec![numbers(read((**alpha).clone()).await?)],
                BlockMixing::Neuron(alphas) => {
                    let mut layers = Vec::with_capacity(alphas.len());
                    for alpha in alphas {
                        layers.push(numbers(read(alpha.clone()).await?));
                    }
                    layers
                }
            });
        }
        Ok(Self { blocks, experts })
    }

    /// Mean mixing weight of every expert in every block: `[blocks][experts]`.
    pub fn block_means(&self) -> Vec<Vec<f64>> {
        self.blocks
            .iter()
            .map(|layers| {
                let rows: Vec<&[f64]> = layers.iter().flat_map(|layer| layer.chunks(self.experts)).collect();
                (0..self.experts)
                    .map(|expert| rows.iter().map(|row| row[expert]).sum::<f64>() / rows.len() as f64)
                    .collect()
            })
            .collect()
    }

    /// Mean entropy of a row, in nats: `ln m` when nothing is routed, 0 when every row picks one expert.
    pub fn entropy(&self) -> f64 {
        let rows: Vec<&[f64]> =
            self.blocks.iter().flatten().flat_map(|layer| layer.chunks(self.experts)).collect();
        let entropy =
            |row: &&[f64]| -> f64 { row.iter().filter(|p| **p > 0.0).map(|p| -p * libm::log(*p)).sum() };
        rows.iter().map(entropy).sum::<f64>() / rows.len() as f64
    }
}

/// `s(a, a') / s(a, a)`, both over the rows that the two architectures have in common: how much a step on `a` moves
/// what `a'` uses, relative to what `a` itself uses there. Exactly 1 when the mixing does not depend on the
/// architecture; 0 between regions of a hard split.
pub fn relative_sharing(a: &MixingTable, b: &MixingTable) -> f64 {
    let (mut between, mut own) = (0.0, 0.0);
    for (of_a, of_b) in a.blocks.iter().flatten().zip(b.blocks.iter().flatten()) {
        for (row_a, row_b) in of_a.chunks(a.experts).zip(of_b.chunks(b.experts)) {
            between += row_a.iter().zip(row_b).map(|(x, y)| x * y).sum::<f64>();
            own += row_a.iter().map(|x| x * x).sum::<f64>();
        }
    }
    if own == 0.0 { 0.0 } else { between / own }
}

fn numbers(values: Vec<f32>) -> Vec<f64> {
    values.into_iter().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[f64; 2]]) -> MixingTable {
        let layer: Vec<f64> = rows.iter().flatten().copied().collect();
        MixingTable { blocks: vec![vec![layer.clone(), layer]], experts: 2 }
    }

    #[test]
    fn plain_sharing_shares_all_and_a_hard_split_nothing() {
        let (first, second, even) = (table(&[[1.0, 0.0]]), table(&[[0.0, 1.0]]), table(&[[0.5, 0.5]]));
        assert_eq!(relative_sharing(&first, &first), 1.0);
        assert_eq!(relative_sharing(&first, &second), 0.0);
        assert_eq!(relative_sharing(&even, &even), 1.0);
        assert_eq!(relative_sharing(&first, &even), 0.5);
        assert_eq!(first.entropy(), 0.0);
        assert!((even.entropy() - libm::log(2.0)).abs() < 1e-12);
    }

    #[test]
    fn architectures_of_different_width_share_on_the_rows_both_have() {
        let narrow = table(&[[1.0, 0.0]]);
        let wide = table(&[[1.0, 0.0], [0.0, 1.0]]);
        assert_eq!(relative_sharing(&narrow, &wide), 1.0);
        // Mixing that does not depend on the architecture shares all, however many rows there are.
        let (few, many) = (table(&[[0.9, 0.1]]), table(&[[0.9, 0.1], [0.5, 0.5]]));
        assert_eq!(relative_sharing(&few, &many), 1.0);
        assert_eq!(relative_sharing(&many, &few), 1.0);
        assert_eq!(wide.block_means(), vec![vec![0.5, 0.5]]);
    }
}
