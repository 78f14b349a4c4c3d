//! Multi-head attention of one set of sequences to another on flattened tokens, as one step of the gradient tape between
//! its linear maps. Keys and values come from one linear map, keys in its leading half; heads regroup the same columns.
//!
//! `nn::attention` is for one set of sequences whose heads are columns that can be left out.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Slice;

#[cfg(all(feature = "flex", feature = "native"))]
mod native;

use super::attention::Sequences;
use super::fused::Mask;
use super::fused::backends::{dispatched, everywhere, portable};
use super::fused::part::permuted;
use super::fused::softmax::SoftmaxKernel;
#[cfg(feature = "flex")]
use super::fused::{flat, rows};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// Who attends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// The queries' sequences.
    pub queries: Sequences,
    /// The keys' sequences: as many.
    pub keys: Sequences,
    /// Heads, which share the inner width.
    pub heads: usize,
    /// Whether a query sees only keys at or before its own place.
    pub mask: Mask,
}

/// Attention on plain tensors, and its parts.
pub(crate) trait MeetingKernel: SoftmaxKernel {
    /// The attended values `[queries, inner]` and the weights, `[1, sequences, heads, queries, keys]`.
    fn attend(
        heads: Heads,
        query: &FloatTensor<Self>,
        both: &FloatTensor<Self>,
        padding: Option<FloatTensor<Self>>,
    ) -> [FloatTensor<Self>; 2] {
        heads.forward::<Self>(query, both, padding)
    }

    /// The gradients for queries, and for keys and values.
    fn attention_gradients(state: State<Self>, grad: FloatTensor<Self>) -> [FloatTensor<Self>; 2] {
        let heads = state.heads;
        heads.gradients::<Self>(state, grad)
    }

    /// The softmax of `scale * (scores + padding)`, of scores `[1, sequences, heads, queries, keys]` and penalties
    /// `[sequences, 1, 1, keys]`.
    fn weights(
        scores: FloatTensor<Self>,
        padding: Option<FloatTensor<Self>>,
        scale: f32,
        mask: Mask,
    ) -> FloatTensor<Self> {
        portable_weights::<Self>(scores, padding, scale, mask)
    }
}

fn portable_weights<B: SoftmaxKernel>(
    scores: FloatTensor<B>,
    padding: Option<FloatTensor<B>>,
    scale: f32,
    mask: Mask,
) -> FloatTensor<B> {
    let scores = match padding {
        Some(padding) => {
            let (count, keys) = (padding.shape()[0], padding.shape()[3]);
            B::float_add(scores, B::float_reshape(padding, [1, count, 1, 1, keys].into()))
        }
        None => scores,
    };
    B::forward(scores, scale, mask)
}

#[cfg(feature = "flex")]
impl MeetingKernel for Flex {
    #[cfg(feature = "native")]
    fn attend(
        heads: Heads,
        query: &FloatTensor<Self>,
        both: &FloatTensor<Self>,
        padding: Option<FloatTensor<Self>>,
    ) -> [FloatTensor<Self>; 2] {
        let singles = [query, both].into_iter().chain(&padding).all(flat::is_single);
        if !singles || query.layout().num_elements() == 0 || both.layout().num_elements() == 0 {
            return heads.forward::<Self>(query, both, padding);
        }
        native::attend(heads, query, both, padding, heads.scale(query.shape()[1]))
    }

    #[cfg(feature = "native")]
    fn attention_gradients(state: State<Self>, grad: FloatTensor<Self>) -> [FloatTensor<Self>; 2] {
        let heads = state.heads;
        if !flat::are_single([&state.query, &state.both, &grad]) || grad.layout().num_elements() == 0 {
            return heads.gradients::<Self>(state, grad);
        }
        let scale = heads.scale(state.query.shape()[1]);
        native::gradients(state, grad, scale)
    }

    fn weights(
        scores: FloatTensor<Self>,
        padding: Option<FloatTensor<Self>>,
        scale: f32,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let shape = scores.shape();
        let each = shape[2] * shape[3];
        let fits = scores.layout().num_elements() > 0 && mask == Mask::Open && flat::is_single(&scores);
        let Some(padding) = padding.clone().filter(|padding| fits && flat::is_single(padding)) else {
            return portable_weights::<Self>(scores, padding, scale, mask);
        };
        let (padding, keys) = (flat::ordered(padding), shape[4]);
        let penalties = flat::numbers(&padding);
        flat::change(scores, |numbers| {
            for (rows, penalties) in numbers.chunks_exact_mut(each * keys).zip(penalties.chunks_exact(keys)) {
                for row in rows.chunks_exact_mut(keys) {
                    rows::add_scaled(row, penalties, 1.0);
                    let (total, _) = rows::exponentiate(row, scale);
                    rows::rescale(row, 1.0 / total);
                }
            }
        })
    }
}

portable! { impl MeetingKernel {} }

impl Heads {
    fn scale(&self, inner: usize) -> f32 {
        1.0 / ((inner / self.heads) as f32).sqrt()
    }

    /// Columns of `parts` parts as `[part, sequence, head, token, entry]`: a view.
    fn split<B: Backend>(&self, x: FloatTensor<B>, of: Sequences, parts: usize) -> FloatTensor<B> {
        let width = x.shape()[1] / (parts * self.heads);
        let split = B::float_reshape(x, [of.count, of.length, parts, self.heads, width].into());
        permuted::<B, 5>(split, [2, 0, 3, 1, 4])
    }

    /// Back from [`Self::split`].
    fn join<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
        let shape = x.shape();
        let (rows, columns) = (shape[1] * shape[3], shape[0] * shape[2] * shape[4]);
        B::float_reshape(permuted::<B, 5>(x, [1, 3, 0, 2, 4]), [rows, columns].into())
    }

    fn keys_and_values<B: Backend>(&self, both: &FloatTensor<B>) -> [FloatTensor<B>; 2] {
        let split = self.split::<B>(both.clone(), self.keys, 2);
        [0, 1].map(|part| B::float_slice(split.clone(), &[Slice::from(part..part + 1)]))
    }

    /// The attended values `[queries, inner]` and the attention weights.
    fn forward<B: MeetingKernel>(
        &self,
        query: &FloatTensor<B>,
        both: &FloatTensor<B>,
        padding: Option<FloatTensor<B>>,
    ) -> [FloatTensor<B>; 2] {
        let scale = self.scale(query.shape()[1]);
        let [key, value] = self.keys_and_values::<B>(both);
        let query = self.split::<B>(query.clone(), self.queries, 1);
        let scores = B::float_matmul(query, B::float_swap_dims(key, 3, 4));
        let weights = B::weights(scores, padding, scale, self.mask);
        [Self::join::<B>(B::float_matmul(weights.clone(), value)), weights]
    }

    /// The gradients for queries, and for keys and values.
    fn gradients<B: MeetingKernel>(&self, state: State<B>, grad: FloatTensor<B>) -> [FloatTensor<B>; 2] {
        let State { query, both, weights, .. } = state;
        let scale = self.scale(query.shape()[1]);
        let [key, value] = self.keys_and_values::<B>(&both);
        let [query, grad] = [query, grad].map(|x| self.split::<B>(x, self.queries, 1));
        let turned = |x: FloatTensor<B>| B::float_swap_dims(x, 3, 4);
        let value_grad = B::float_matmul(turned(weights.clone()), grad.clone());
        let weights_grad = B::float_matmul(grad, turned(value));
        let scores_grad = B::gradient(weights, weights_grad, scale);
        let query_grad = B::float_matmul(scores_grad.clone(), key);
        let key_grad = B::float_matmul(turned(scores_grad), query);
        [Self::join::<B>(query_grad), Self::join::<B>(B::float_cat(vec![key_grad, value_grad], 0))]
    }
}

dispatched! {
    Autodiff =>
    /// The dispatched operations; call [`attend`].
    pub trait CrossAttentionOperation: Backend {
        /// The attended values.
        fn fused_cross_attention(
            query: FloatTensor<Self>,
            both: FloatTensor<Self>,
            heads: Heads,
        ) -> FloatTensor<Self>;
        /// The attended values where some keys are padding.
        fn fused_padded_attention(
            query: FloatTensor<Self>,
            both: FloatTensor<Self>,
            padding: FloatTensor<Self>,
            heads: Heads,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl CrossAttentionOperation {
        fn fused_cross_attention(
            query: FloatTensor<Self>,
            both: FloatTensor<Self>,
            heads: Heads,
        ) -> FloatTensor<Self> {
            let [attended, _] = Self::attend(heads, &query, &both, None);
            attended
        }

        fn fused_padded_attention(
            query: FloatTensor<Self>,
            both: FloatTensor<Self>,
            padding: FloatTensor<Self>,
            heads: Heads,
        ) -> FloatTensor<Self> {
            let [attended, _] = Self::attend(heads, &query, &both, Some(padding));
            attended
        }
    }
}

#[derive(Debug)]
struct CrossAttentionStep;

/// What the gradient needs. Padding has no weight, so it needs no part of it.
#[derive(Debug, Clone)]
pub(crate) struct State<B: Backend> {
    query: FloatTensor<B>,
    both: FloatTensor<B>,
    weights: FloatTensor<B>,
    heads: Heads,
}

impl<B: MeetingKernel> Backward<B, 2> for CrossAttentionStep {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let found = B::attention_gradients(ops.state, grad);
        for (node, found) in ops.parents.into_iter().zip(found) {
            if let Some(node) = node {
                grads.register::<B>(node.id, found);
            }
        }
    }
}

fn tracked<B: MeetingKernel, C: CheckpointStrategy>(
    [query, both]: [FloatTensor<Autodiff<B, C>>; 2],
    padding: Option<FloatTensor<B>>,
    heads: Heads,
) -> FloatTensor<Autodiff<B, C>> {
    let ((query, query_guard), (both, both_guard)) = (query.into_parts(), both.into_parts());
    let [attended, weights] = B::attend(heads, &query, &both, padding);
    match CrossAttentionStep.prepare::<C>([query_guard, both_guard]).compute_bound().stateful() {
        OpsKind::Tracked(step) => step.finish(State { query, both, weights, heads }, attended),
        OpsKind::UnTracked(step) => step.finish(attended),
    }
}

impl<B: MeetingKernel, C: CheckpointStrategy> CrossAttentionOperation for Autodiff<B, C> {
    fn fused_cross_attention(
        query: FloatTensor<Self>,
        both: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self> {
        tracked::<B, C>([query, both], None, heads)
    }

    fn fused_padded_attention(
        query: FloatTensor<Self>,
        both: FloatTensor<Self>,
        padding: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self> {
        tracked::<B, C>([query, both], Some(padding.into_primitive()), heads)
    }
}

/// What each query attends to, `[queries, inner]`: of queries `[queries, inner]`, keys and values `[keys, 2 * inner]`,
/// and what is added to the scores of keys, `[sequences, 1, 1, keys of a sequence]`. Scores are divided by the root of a
/// head's width. No gradient reaches the padding.
///
/// # Panics
/// If the rows are not `count * length`, the numbers of sequences differ, or the heads do not share the width evenly.
pub fn attend(query: Tensor<2>, both: Tensor<2>, heads: Heads, padding: Option<Tensor<4>>) -> Tensor<2> {
    let ([rows, inner], [memory, columns]) = (query.dims(), both.dims());
    let Heads { queries, keys, .. } = heads;
    assert!(
        queries.count == keys.count
            && rows == queries.count * queries.length
            && memory == keys.count * keys.length
            && columns == 2 * inner
            && heads.heads > 0
            && inner.is_multiple_of(heads.heads),
        "{rows} queries of width {inner} and {memory} keys and values of width {columns} do not fit {heads:?}"
    );
    let (query, both) = (query.into_dispatch(), both.into_dispatch());
    Tensor::from_dispatch(match padding {
        None => <Dispatch as CrossAttentionOperation>::fused_cross_attention(query, both, heads),
        Some(padding) => {
            let padding = padding.into_dispatch();
            <Dispatch as CrossAttentionOperation>::fused_padded_attention(query, both, padding, heads)
        }
    })
}
