//! Attention between two sets of sequences, on flattened tokens: queries of one, keys and values of the other, some
//! of whose keys may be padding.

use burn::prelude::*;

use crate::nn::attention::Sequences;
use crate::nn::cross_attention::{self, Heads};
use crate::nn::fused::{Mask, softmax};
use crate::nn::precision::Precision;

/// What is taken from the score of a key that is padding.
const HIDDEN: f32 = -1e9;

/// Who attends to whom.
#[derive(Debug, Clone, Copy)]
pub struct Meeting<'a> {
    /// The queries' sequences.
    pub queries: Sequences,
    /// The keys' sequences: as many.
    pub keys: Sequences,
    /// Heads, which share the inner width.
    pub heads: usize,
    /// Whether a query sees only keys at or before its own place.
    pub mask: Mask,
    /// In which numbers its matrix products are computed.
    pub precision: Precision,
    /// `[sequences, 1, 1, keys]`: 0 for keys that count and a large negative number for padding; nothing without padding.
    pub padding: Option<&'a Tensor<4>>,
}

/// The penalty of every key of sequences of these lengths, padded to the longest, as [`Meeting::padding`] wants it;
/// nothing where nothing is padded.
pub fn padding(lengths: &[usize], longest: usize, device: &Device) -> Option<Tensor<4>> {
    if lengths.iter().all(|length| *length == longest) {
        return None;
    }
    let row = |length: usize| (0..longest).map(move |place| if place < length { 0.0 } else { HIDDEN });
    let numbers: Vec<f32> = lengths.iter().copied().flat_map(row).collect();
    Some(Tensor::from_data(TensorData::new(numbers, [lengths.len(), 1, 1, longest]), device))
}

/// [`attend`] with keys and values side by side, `[keys, 2 * inner]`, in single precision as one step of the gradient tape.
///
/// # Panics
/// As [`attend`].
pub fn attend_both(query: Tensor<2>, key_value: Tensor<2>, meeting: Meeting<'_>) -> Tensor<2> {
    let Meeting { queries, keys, heads, mask, precision, padding } = meeting;
    if precision == Precision::Mixed {
        let [_, inner] = query.dims();
        let [key, value] = [0, inner].map(|from| key_value.clone().narrow(1, from, inner));
        return attend(query, key, value, meeting);
    }
    cross_attention::attend(query, key_value, Heads { queries, keys, heads, mask }, padding.cloned())
}

/// What each query attends to: `[queries, inner]` of queries `[queries, inner]` and keys and values `[keys, inner]`.
/// Scores are divided by the root of a head's width.
///
/// # Panics
/// If the rows are not `count * length`, the numbers of sequences differ, or the heads do not share the width evenly.
pub fn attend(query: Tensor<2>, key: Tensor<2>, value: Tensor<2>, meeting: Meeting<'_>) -> Tensor<2> {
    let Meeting { queries, keys, heads, mask, precision, padding } = meeting;
    let [rows, inner] = query.dims();
    assert!(
        queries.count == keys.count && rows == queries.count * queries.length && inner.is_multiple_of(heads),
        "{rows} queries of width {inner} do not fit {queries:?}, {keys:?} and {heads} heads"
    );
    let width = inner / heads;
    let split = |x: Tensor<2>, of: Sequences| x.reshape([of.count, of.length, heads, width]).swap_dims(1, 2);
    let scores = precision.product(split(query, queries), split(key, keys).swap_dims(2, 3));
    let scores = match padding {
        Some(padding) => scores + padding.clone(),
        None => scores,
    };
    let weights = softmax(scores, 1.0 / (width as f32).sqrt(), mask);
    precision.product(weights, split(value, keys)).swap_dims(1, 2).reshape([rows, inner])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, assert_near, plain, values};
    use burn::tensor::DType;

    const QUERIES: Sequences = Sequences { count: 2, length: 3 };
    const KEYS: Sequences = Sequences { count: 2, length: 4 };

    /// Loops in double precision over keys that count.
    fn reference(lengths: [usize; 2], heads: usize) -> Vec<f64> {
        let [q, k, v] = [("q", 6), ("k", 8), ("v", 8)].map(|(name, rows)| values(&plain(name, [rows, 4])));
        let width = 4 / heads;
        let mut out = vec![0.0; 6 * 4];
        for row in 0..6 {
            let sequence = row / 3;
            for head in 0..heads {
                let at = |x: &[f32], row: usize, c: usize| f64::from(x[row * 4 + head * width + c]);
                let keys: Vec<usize> = (0..lengths[sequence]).map(|place| sequence * 4 + place).collect();
                let score = |key: &usize| {
                    let dot: f64 = (0..width).map(|c| at(&q, row, c) * at(&k, *key, c)).sum();
                    (dot / (width as f64).sqrt()).exp()
                };
                let scores: Vec<f64> = keys.iter().map(score).collect();
                let sum: f64 = scores.iter().sum();
                for c in 0..width {
                    let mixed = keys.iter().zip(&scores).map(|(key, s)| s / sum * at(&v, *key, c));
                    out[row * 4 + head * width + c] = mixed.sum();
                }
            }
        }
        out
    }

    #[test]
    fn attention_agrees_with_loops_and_its_gradient_with_finite_differences() {
        for (lengths, heads) in [([4, 4], 1), ([4, 2], 2), ([1, 3], 4)] {
            let hidden = padding(&lengths, 4, &Device::flex());
            assert_eq!(hidden.is_none(), lengths == [4, 4]);
            let meeting = Meeting {
                queries: QUERIES,
                keys: KEYS,
                heads,
                mask: Mask::Open,
                precision: Precision::Single,
                padding: hidden.as_ref(),
            };
            let run = |q, k, v| attend(q, k, v, meeting);
            let (q, k, v) = (plain("q", [6, 4]), plain("k", [8, 4]), plain("v", [8, 4]));
            let found = values(&run(q.clone(), k.clone(), v.clone()));
            for (found, expected) in found.into_iter().zip(reference(lengths, heads)) {
                assert!((f64::from(found) - expected).abs() < 1e-5, "{lengths:?}: {found}, not {expected}");
            }
            let weight = plain("weight", [6, 4]);
            let sum = |x: Tensor<2>| (x * weight.clone()).sum();
            assert_gradient(q.clone(), |q| sum(run(q, k.clone(), v.clone())));
            assert_gradient(k.clone(), |k| sum(run(q.clone(), k, v.clone())));
            assert_gradient(v.clone(), |v| sum(run(q.clone(), k.clone(), v)));
        }
    }

    #[test]
    fn the_fused_attention_and_its_gradient_agree_with_the_composed_one_on_both_paths() {
        for (lengths, heads, mask) in [
            ([4, 4], 1, Mask::Open),
            ([4, 2], 2, Mask::Open),
            ([1, 3], 4, Mask::Open),
            ([4, 4], 2, Mask::Causal),
            ([4, 3], 2, Mask::Causal),
        ] {
            let hidden = padding(&lengths, 4, &Device::flex());
            for dtype in [DType::F32, DType::F64] {
                let hidden = hidden.clone().map(|hidden| hidden.cast(dtype));
                let meeting = Meeting {
                    queries: KEYS,
                    keys: KEYS,
                    heads,
                    mask,
                    precision: Precision::Single,
                    padding: hidden.as_ref(),
                };
                let (weight, device) = (plain("weight", [8, 4]).cast(dtype), Device::flex().autodiff());
                let run = |fused: bool| {
                    let leaf = |x: Tensor<2>| {
                        Tensor::<2>::from_data(x.cast(dtype).into_data(), (&device, dtype)).require_grad()
                    };
                    let (q, both) = (leaf(plain("q", [8, 4])), leaf(plain("both", [8, 8])));
                    let found = if fused {
                        attend_both(q.clone(), both.clone(), meeting)
                    } else {
                        let [key, value] = [0, 4].map(|from| both.clone().narrow(1, from, 4));
                        attend(q.clone(), key, value, meeting)
                    };
                    let gradients = (found.clone() * weight.clone()).sum().backward();
                    let message = "the tensor is a tracked leaf";
                    [found.inner(), q.grad(&gradients).expect(message), both.grad(&gradients).expect(message)]
                        .map(|x| x.cast(DType::F32))
                };
                for (fused, composed) in run(true).iter().zip(&run(false)) {
                    assert_near(fused, composed, 1e-5);
                }
            }
        }
    }

    #[test]
    fn the_fused_gradient_agrees_with_finite_differences() {
        let hidden = padding(&[4, 2], 4, &Device::flex());
        let meeting = Meeting {
            queries: QUERIES,
            keys: KEYS,
            heads: 2,
            mask: Mask::Open,
            precision: Precision::Single,
            padding: hidden.as_ref(),
        };
        let (q, both, weight) = (plain("q", [6, 4]), plain("both", [8, 8]), plain("weight", [6, 4]));
        let run = |q, both| (attend_both(q, both, meeting) * weight.clone()).sum();
        assert_gradient(q.clone(), |q| run(q, both.clone()));
        assert_gradient(both.clone(), |both| run(q.clone(), both));
    }
}
