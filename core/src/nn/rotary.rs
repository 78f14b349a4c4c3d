//! Rotary positions (Su et al., *RoFormer*, arXiv 2104.09864, section 3.2.2): queries and keys are turned by angles that
//! grow with the place in the sequence, so that their inner product depends on the distance between them alone.
//!
//! At position `m`, the pair `i` of a head is turned by `m * base^(-2 i / width)` (equation 15). A pair is an entry of the
//! first half of a head and the entry as far into the second half; the paper pairs neighbours, which is the same up to
//! the order of the columns of the query and key weights. Values are not turned.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata as _};
use burn::prelude::*;
use burn::tensor::Slice;

use super::attention::Sequences;
#[cfg(feature = "flex")]
use super::fused::flat;
use crate::nn::fused::backends::{dispatched, everywhere, portable};
#[cfg(feature = "flex")]
use burn::backend::Flex;

/// The angles of every position up to a length.
#[derive(Debug, Clone)]
pub struct Rotary {
    length: usize,
    half: usize,
    /// `[length, half]`.
    cosines: Arc<[f32]>,
    /// `[length, half]`.
    sines: Arc<[f32]>,
}

impl Rotary {
    /// The base of the paper.
    pub const BASE: f64 = 10_000.0;

    /// The angles of heads of this width at the first `length` positions.
    ///
    /// # Panics
    /// If the width is odd.
    pub fn new(head_width: usize, length: usize, base: f64) -> Self {
        assert!(head_width.is_multiple_of(2), "a head of width {head_width} is not made of pairs");
        let half = head_width / 2;
        let angle = |place: usize| {
            let (position, pair) = (place / half, place % half);
            position as f64 * libm::pow(base, -2.0 * pair as f64 / head_width as f64)
        };
        let angles: Vec<f64> = (0..length * half).map(angle).collect();
        let cosines = angles.iter().map(|&angle| libm::cos(angle) as f32).collect();
        let sines = angles.iter().map(|&angle| libm::sin(angle) as f32).collect();
        Self { length, half, cosines, sines }
    }

    /// The longest sequence.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// The turn of queries and keys, forwards or, for the gradient, backwards.
#[derive(Debug, Clone)]
struct Turn {
    rotary: Rotary,
    sequences: Sequences,
    heads: usize,
    backwards: bool,
}

/// The turn on plain tensors `[tokens, heads * (query, key, value)]`.
trait RotaryKernel: Backend {
    fn turn(qkv: FloatTensor<Self>, turn: &Turn) -> FloatTensor<Self> {
        portable_turn::<Self>(qkv, turn)
    }
}

fn portable_turn<B: Backend>(qkv: FloatTensor<B>, turn: &Turn) -> FloatTensor<B> {
    let Turn { rotary: Rotary { half, cosines, sines, .. }, sequences, heads, backwards } = turn;
    let (shape, Sequences { count, length }) = (qkv.shape(), *sequences);
    let table = |numbers: &[f32], factor: f32| {
        let numbers: Vec<f32> = numbers[..length * half].iter().map(|number| number * factor).collect();
        let data = TensorData::new(numbers, [1, length, 1, 1, 1, *half]).convert_dtype(qkv.dtype());
        B::float_from_data(data, &qkv.device())
    };
    let (cosines, sines) = (table(cosines, 1.0), table(sines, if *backwards { -1.0 } else { 1.0 }));
    let split = B::float_reshape(qkv.clone(), [count, length, *heads, 3, 2, *half].into());
    let part = |parts: [std::ops::Range<usize>; 2]| {
        let whole = [0..count, 0..length, 0..*heads];
        let slices: Vec<Slice> = whole.into_iter().chain(parts).map(Slice::from).collect();
        B::float_slice(split.clone(), &slices)
    };
    let (first, second, values) = (part([0..2, 0..1]), part([0..2, 1..2]), part([2..3, 0..2]));
    let product = |a: &FloatTensor<B>, b: &FloatTensor<B>| B::float_mul(a.clone(), b.clone());
    let turned = vec![
        B::float_sub(product(&first, &cosines), product(&second, &sines)),
        B::float_add(product(&first, &sines), product(&second, &cosines)),
    ];
    B::float_reshape(B::float_cat(vec![B::float_cat(turned, 4), values], 3), shape)
}

#[cfg(feature = "flex")]
impl RotaryKernel for Flex {
    fn turn(qkv: FloatTensor<Self>, turn: &Turn) -> FloatTensor<Self> {
        if !flat::is_single(&qkv) {
            return portable_turn::<Self>(qkv, turn);
        }
        let Rotary { half, cosines, sines, .. } = &turn.rotary;
        let (half, columns, length) = (*half, flat::row_length(&qkv), turn.sequences.length);
        let sign = if turn.backwards { -1.0 } else { 1.0 };
        flat::change(qkv, |numbers| {
            for (token, row) in numbers.chunks_exact_mut(columns).enumerate() {
                let angles = token % length * half..(token % length + 1) * half;
                let (cosines, sines) = (&cosines[angles.clone()], &sines[angles]);
                for head in row.chunks_exact_mut(6 * half) {
                    let (query, rest) = head.split_at_mut(2 * half);
                    turn_pairs(query, cosines, sines, sign);
                    turn_pairs(&mut rest[..2 * half], cosines, sines, sign);
                }
            }
        })
    }
}

/// Turns the pairs of one query or key.
#[cfg(feature = "flex")]
#[inline]
#[allow(clippy::needless_range_loop)] // the compiler turns a count over slices of one length into vector code
fn turn_pairs(vector: &mut [f32], cosines: &[f32], sines: &[f32], sign: f32) {
    let half = cosines.len();
    let (first, second) = vector.split_at_mut(half);
    let (second, sines) = (&mut second[..half], &sines[..half]);
    for index in 0..half {
        let (x, y, sine) = (first[index], second[index], sines[index] * sign);
        first[index] = x * cosines[index] - y * sine;
        second[index] = x * sine + y * cosines[index];
    }
}

portable! { impl RotaryKernel {} }

dispatched! {
    Autodiff =>
    /// The dispatched operation; call [`rotate`].
    pub trait RotaryOperation: Backend {
        /// `qkv` with its queries and keys turned.
        fn fused_rotary(
            qkv: FloatTensor<Self>,
            rotary: Rotary,
            sequences: Sequences,
            heads: usize,
        ) -> FloatTensor<Self>;
    }
}

everywhere! {
    impl RotaryOperation {
        fn fused_rotary(
            qkv: FloatTensor<Self>,
            rotary: Rotary,
            sequences: Sequences,
            heads: usize,
        ) -> FloatTensor<Self> {
            Self::turn(qkv, &Turn { rotary, sequences, heads, backwards: false })
        }
    }
}

#[derive(Debug)]
struct RotaryStep;

impl<B: RotaryKernel> Backward<B, 1> for RotaryStep {
    type State = Turn;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let turn = Turn { backwards: true, ..ops.state };
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::turn(grad, &turn));
    }
}

impl<B: RotaryKernel, C: CheckpointStrategy> RotaryOperation for Autodiff<B, C> {
    fn fused_rotary(
        qkv: FloatTensor<Self>,
        rotary: Rotary,
        sequences: Sequences,
        heads: usize,
    ) -> FloatTensor<Self> {
        let turn = Turn { rotary, sequences, heads, backwards: false };
        let (qkv, guard) = qkv.into_parts();
        let turned = B::turn(qkv, &turn);
        match RotaryStep.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(turn, turned),
            OpsKind::UnTracked(step) => step.finish(turned),
        }
    }
}

/// Turns the queries and keys of `[tokens, heads * (query, key, value)]` by their positions, as
/// [`attend`](super::attention::attend) reads them.
///
/// # Panics
/// If the rows are not `count * length`, the sequences are longer than the angles reach, or a head has another width.
pub fn rotate(qkv: Tensor<2>, sequences: Sequences, heads: usize, rotary: &Rotary) -> Tensor<2> {
    let [tokens, columns] = qkv.dims();
    let Sequences { count, length } = sequences;
    assert_eq!(tokens, count * length, "{tokens} tokens are not {count} sequences of {length}");
    assert!(
        columns == heads * 6 * rotary.half && length <= rotary.length,
        "{columns} columns of {heads} heads at {length} positions, but the angles are for heads of width {} at {}",
        2 * rotary.half,
        rotary.length
    );
    let qkv = qkv.into_dispatch();
    let turned = <Dispatch as RotaryOperation>::fused_rotary(qkv, rotary.clone(), sequences, heads);
    Tensor::from_dispatch(turned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fused::checks::{assert_gradient, assert_near, leaf, plain, values};
    use burn::tensor::DType;

    /// The slow twin: equation 15 pair by pair, in double precision.
    fn reference(qkv: &[f32], [length, heads, width]: [usize; 3]) -> Vec<f64> {
        let mut turned: Vec<f64> = qkv.iter().map(|&number| f64::from(number)).collect();
        for (token, row) in turned.chunks_mut(heads * 3 * width).enumerate() {
            for vector in (0..heads * 3).filter(|vector| vector % 3 < 2) {
                for pair in 0..width / 2 {
                    let frequency = Rotary::BASE.powf(-2.0 * pair as f64 / width as f64);
                    let (sine, cosine) = ((token % length) as f64 * frequency).sin_cos();
                    let (a, b) = (vector * width + pair, vector * width + width / 2 + pair);
                    (row[a], row[b]) = (row[a] * cosine - row[b] * sine, row[a] * sine + row[b] * cosine);
                }
            }
        }
        turned
    }

    #[test]
    fn a_turn_and_its_gradient_agree_with_loops_in_double_precision() {
        for (count, length, heads, width) in [(1, 1, 1, 2), (2, 5, 3, 4), (3, 9, 2, 16)] {
            let (shape, sequences) = ([count * length, heads * 3 * width], Sequences { count, length });
            let rotary = Rotary::new(width, length + 2, Rotary::BASE);
            let x = leaf("qkv", shape);
            let turned = rotate(x.clone(), sequences, heads, &rotary);
            let expected = reference(&values(&x), [length, heads, width]);
            for (fast, slow) in values(&turned).into_iter().zip(expected) {
                assert!((f64::from(fast) - slow).abs() < 1e-5, "{fast} is not {slow}");
            }
            let double = rotate(plain("qkv", shape).cast(DType::F64), sequences, heads, &rotary);
            assert_near(&double.cast(DType::F32), &turned, 1e-6);
            // A turn keeps lengths, so the gradient of half the squared length is the vector itself.
            let gradients = ((turned.clone() * turned).sum() * 0.5).backward();
            assert_near(&x.grad(&gradients).expect("a tracked leaf"), &plain("qkv", shape), 1e-5);
        }
        let (rotary, weight) = (Rotary::new(4, 3, Rotary::BASE), plain("weight", [6, 24]));
        let sequences = Sequences { count: 2, length: 3 };
        assert_gradient(plain("qkv", [6, 24]), |x| (rotate(x, sequences, 2, &rotary) * weight.clone()).sum());
    }

    #[test]
    fn a_query_and_a_key_see_only_their_distance() {
        let (width, length) = (8, 24);
        let one = plain("pair", [1, 3 * width]);
        let turned = values(&rotate(
            one.repeat_dim(0, length),
            Sequences { count: 1, length },
            1,
            &Rotary::new(width, length, Rotary::BASE),
        ));
        let score = |query: usize, key: usize| -> f32 {
            let row = |token: usize, part: usize| {
                &turned[(token * 3 + part) * width..(token * 3 + part + 1) * width]
            };
            row(query, 0).iter().zip(row(key, 1)).map(|(a, b)| a * b).sum()
        };
        for distance in 0..length {
            for key in 0..length - distance {
                let (here, first) = (score(key + distance, key), score(distance, 0));
                assert!((here - first).abs() < 2e-5, "distance {distance} from {key}: {here}, not {first}");
            }
        }
        assert!((score(5, 0) - score(9, 0)).abs() > 1e-3, "other distances should give other scores");
    }

    #[test]
    fn values_and_the_first_position_are_left_as_they_are() {
        let (sequences, rotary) = (Sequences { count: 2, length: 3 }, Rotary::new(4, 3, 100.0));
        let qkv = plain("qkv", [6, 24]);
        let turned = rotate(qkv.clone(), sequences, 2, &rotary);
        let values_of = |t: &Tensor<2>| t.clone().reshape([6, 2, 3, 4]).slice([0..6, 0..2, 2..3, 0..4]);
        assert_near(&values_of(&turned), &values_of(&qkv), 0.0);
        for first in [0..1, 3..4] {
            assert_near(&turned.clone().slice([first.clone()]), &qkv.clone().slice([first]), 0.0);
        }
    }

    #[test]
    #[should_panic(expected = "a head of width 3 is not made of pairs")]
    fn an_odd_head_is_refused() {
        Rotary::new(3, 4, Rotary::BASE);
    }
}
