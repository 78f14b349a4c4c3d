//! Attention on slices: every head reads its columns where they lie, and sequences are shared among threads.
//!
//! The portable form copies queries, keys and values head by head, and every product and its inputs once more.

use burn::backend::flex::FlexTensor;
use faer::Accum;
use rayon::prelude::*;

use super::{Heads, State};
use crate::nn::attention::Sequences;
use crate::nn::fused::product::{Matrix, is_worth_sharing, matrix, multiply, readable};
use crate::nn::fused::{Mask, flat, rows};

/// What the heads of one sequence read.
struct Sides<'a> {
    heads: Heads,
    /// Columns of a head.
    width: usize,
    query: Matrix<'a>,
    both: Matrix<'a>,
}

impl<'a> Sides<'a> {
    fn new(heads: Heads, query: Matrix<'a>, both: Matrix<'a>) -> Self {
        Self { heads, width: query.columns() / heads.heads, query, both }
    }

    fn inner(&self) -> usize {
        self.query.columns()
    }

    /// How many weights a sequence has, of all its heads.
    fn weights(&self) -> usize {
        self.heads.heads * self.heads.queries.length * self.heads.keys.length
    }

    /// A head's columns of a sequence's rows.
    fn head(&self, of: Matrix<'a>, sequences: Sequences, sequence: usize, column: usize) -> Matrix<'a> {
        of.part([sequence * sequences.length, column], [sequences.length, self.width])
    }

    fn query(&self, sequence: usize, head: usize) -> Matrix<'a> {
        self.head(self.query, self.heads.queries, sequence, head * self.width)
    }

    fn key(&self, sequence: usize, head: usize) -> Matrix<'a> {
        self.head(self.both, self.heads.keys, sequence, head * self.width)
    }

    fn value(&self, sequence: usize, head: usize) -> Matrix<'a> {
        self.head(self.both, self.heads.keys, sequence, self.inner() + head * self.width)
    }

    /// The softmax of a head's scores, row by row.
    fn weigh(&self, scores: &mut [f32], padding: Option<&[f32]>, scale: f32) {
        let keys = self.heads.keys.length;
        for (place, row) in scores.chunks_exact_mut(keys).enumerate() {
            if let Some(padding) = padding {
                rows::add_scaled(row, padding, 1.0);
            }
            let seen = if self.heads.mask == Mask::Causal { (place + 1).min(keys) } else { keys };
            let (seen, hidden) = row.split_at_mut(seen);
            let (total, _) = rows::exponentiate(seen, scale);
            rows::rescale(seen, 1.0 / total);
            hidden.fill(0.0);
        }
    }

    /// Writes what one sequence attends to, `[queries, inner]`, and its weights, `[heads, queries, keys]`.
    fn attend(
        &self,
        sequence: usize,
        padding: Option<&[f32]>,
        [attended, weights]: [&mut [f32]; 2],
        scale: f32,
    ) {
        let (queries, keys) = (self.heads.queries.length, self.heads.keys.length);
        for (head, weights) in weights.chunks_exact_mut(queries * keys).enumerate() {
            let (query, key) = (self.query(sequence, head), self.key(sequence, head));
            multiply(weights, keys, Accum::Replace, query, key.turn());
            rows::wide(|| self.weigh(weights, padding, scale));
            let attended = &mut attended[head * self.width..];
            let weights = Matrix::new(weights, queries, keys);
            multiply(attended, self.inner(), Accum::Replace, weights, self.value(sequence, head));
        }
    }

    /// Writes one sequence's gradients, of `[queries, inner]` and `[keys, 2 * inner]`.
    fn gradients(
        &self,
        sequence: usize,
        weights: &[f32],
        grad: Matrix<'a>,
        [query_grad, both_grad]: [&mut [f32]; 2],
        scale: f32,
    ) {
        let (queries, keys, inner) = (self.heads.queries.length, self.heads.keys.length, self.inner());
        let mut scores_grad = vec![0.0; queries * keys];
        for (head, weights) in weights.chunks_exact(queries * keys).enumerate() {
            let first = head * self.width;
            let grad = self.head(grad, self.heads.queries, sequence, first);
            let value_grad = &mut both_grad[inner + first..];
            let turned = Matrix::new(weights, queries, keys).turn();
            multiply(value_grad, 2 * inner, Accum::Replace, turned, grad);
            let value = self.value(sequence, head).turn();
            multiply(&mut scores_grad, keys, Accum::Replace, grad, value);
            rows::wide(|| {
                let rows = scores_grad.chunks_exact_mut(keys).zip(weights.chunks_exact(keys));
                rows.for_each(|(grad, weights)| rows::softmax_gradient(grad, weights, scale));
            });
            let scores_grad = Matrix::new(&scores_grad, queries, keys);
            let (query, key) = (self.query(sequence, head), self.key(sequence, head));
            multiply(&mut query_grad[first..], inner, Accum::Replace, scores_grad, key);
            multiply(&mut both_grad[first..], 2 * inner, Accum::Replace, scores_grad.turn(), query);
        }
    }

    /// Whether another thread is worth its while for so many products of each head.
    fn is_worth_sharing(&self, products: usize) -> bool {
        is_worth_sharing(products * self.heads.queries.count * self.weights() * self.width)
    }
}

/// Calls `each` for every sequence with its part of two results, of which each sequence has so many numbers; on several
/// threads where that is worth it.
fn by_sequence(
    is_worth_sharing: bool,
    [(first, in_first), (second, in_second)]: [(&mut [f32], usize); 2],
    each: impl Fn(usize, [&mut [f32]; 2]) + Sync,
) {
    if is_worth_sharing {
        let parts = first.par_chunks_exact_mut(in_first).zip(second.par_chunks_exact_mut(in_second));
        parts.enumerate().for_each(|(sequence, (first, second))| each(sequence, [first, second]));
    } else {
        let parts = first.chunks_exact_mut(in_first).zip(second.chunks_exact_mut(in_second));
        parts.enumerate().for_each(|(sequence, (first, second))| each(sequence, [first, second]));
    }
}

/// The attended values and the weights, everything in single precision.
pub(super) fn attend(
    heads: Heads,
    query: &FlexTensor,
    both: &FlexTensor,
    padding: Option<FlexTensor>,
    scale: f32,
) -> [FlexTensor; 2] {
    let (query, both, padding) =
        (readable(query.clone()), readable(both.clone()), padding.map(flat::ordered));
    let sides = Sides::new(heads, matrix(&query), matrix(&both));
    let Heads { queries, keys, .. } = heads;
    let (each, padding) = (queries.length * sides.inner(), padding.as_ref().map(flat::numbers));
    let mut attended = vec![0.0; queries.count * each];
    let mut weights = vec![0.0; queries.count * sides.weights()];
    let parts = [(attended.as_mut_slice(), each), (weights.as_mut_slice(), sides.weights())];
    by_sequence(sides.is_worth_sharing(2), parts, |sequence, parts| {
        let padding = padding.map(|padding| &padding[sequence * keys.length..(sequence + 1) * keys.length]);
        sides.attend(sequence, padding, parts, scale);
    });
    let shape = [1, queries.count, heads.heads, queries.length, keys.length];
    [
        flat::tensor(attended, [queries.count * queries.length, sides.inner()].into()),
        flat::tensor(weights, shape.into()),
    ]
}

/// The gradients for queries, and for keys and values.
pub(super) fn gradients(state: State<burn::backend::Flex>, grad: FlexTensor, scale: f32) -> [FlexTensor; 2] {
    let State { query, both, weights, heads } = state;
    let (query, both, grad) = (readable(query), readable(both), readable(grad));
    let (weights, grad) = (flat::numbers(&weights), matrix(&grad));
    let sides = Sides::new(heads, matrix(&query), matrix(&both));
    let Heads { queries, keys, .. } = heads;
    let inner = sides.inner();
    let [each_query, each_key] = [queries.length * inner, keys.length * 2 * inner];
    let mut query_grad = vec![0.0; queries.count * each_query];
    let mut both_grad = vec![0.0; keys.count * each_key];
    let parts = [(query_grad.as_mut_slice(), each_query), (both_grad.as_mut_slice(), each_key)];
    by_sequence(sides.is_worth_sharing(4), parts, |sequence, parts| {
        let weights = &weights[sequence * sides.weights()..(sequence + 1) * sides.weights()];
        sides.gradients(sequence, weights, grad, parts, scale);
    });
    [
        flat::tensor(query_grad, [queries.count * queries.length, inner].into()),
        flat::tensor(both_grad, [keys.count * keys.length, 2 * inner].into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::plain;
    use burn::prelude::*;

    /// Attention of a size that is shared among threads, and its gradients, on so many of them.
    fn on(threads: usize) -> [TensorData; 3] {
        let heads = Heads {
            queries: Sequences { count: 7, length: 40 },
            keys: Sequences { count: 7, length: 50 },
            heads: 4,
            mask: Mask::Open,
        };
        let device = Device::flex().autodiff();
        let leaf =
            |name, shape| Tensor::<2>::from_data(plain::<2>(name, shape).into_data(), &device).require_grad();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a few threads can be started").install(|| {
            let (query, both) = (leaf("query", [280, 64]), leaf("both", [350, 128]));
            let found = super::super::attend(query.clone(), both.clone(), heads, None);
            let gradients = (found.clone() * found.clone()).sum().backward();
            let tracked = "the tensor is a tracked leaf";
            [
                found.into_data(),
                query.grad(&gradients).expect(tracked).into_data(),
                both.grad(&gradients).expect(tracked).into_data(),
            ]
        })
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        assert!(is_worth_sharing(7 * 4 * 40 * 50 * 16 * 2) || rayon::current_num_threads() == 1);
        let one = on(1);
        for threads in [2, 3] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }
}
