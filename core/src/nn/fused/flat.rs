//! Flat views of the CPU backend's tensors: where the fused operations read and write plain slices.
//!
//! Everything is single precision; a tensor of another precision is refused here and takes the portable path.

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

use super::rows;

/// Whether the fast path can read this tensor.
pub(crate) fn is_single(tensor: &FlexTensor) -> bool {
    tensor.dtype() == DType::F32
}

/// Whether it can read all of these.
#[cfg(feature = "native")]
pub(crate) fn are_single<const N: usize>(tensors: [&FlexTensor; N]) -> bool {
    tensors.into_iter().all(is_single)
}

/// The tensor with its numbers in row-major order; free when they already are.
pub(crate) fn ordered(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

/// The numbers of an ordered single-precision tensor.
///
/// # Panics
/// If the tensor is of another precision or not ordered: the callers have made sure of both.
pub(crate) fn numbers(tensor: &FlexTensor) -> &[f32] {
    match tensor.as_slice::<f32>() {
        Some(numbers) => numbers,
        None => unreachable!("the tensor is ordered and of single precision: the caller made it so"),
    }
}

/// A tensor of these numbers.
pub(crate) fn tensor(numbers: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(numbers), Layout::contiguous(shape), DType::F32)
}

/// Changes the numbers of a tensor, in its own memory when nobody else looks at it.
pub(crate) fn change(tensor: FlexTensor, by: impl FnOnce(&mut [f32])) -> FlexTensor {
    let mut tensor = ordered(tensor);
    let (start, count) = (tensor.layout().start_offset(), tensor.layout().num_elements());
    let is_whole = start == 0 && tensor.try_storage_mut::<f32>().is_some_and(|all| all.len() == count);
    if !is_whole {
        let shape = tensor.layout().shape().clone();
        tensor = self::tensor(numbers(&tensor).to_vec(), shape);
    }
    match tensor.try_storage_mut::<f32>() {
        Some(all) => rows::wide(|| by(all)),
        None => unreachable!("nobody else looks at the tensor: that was asked, or it was made here"),
    }
    tensor
}

/// The last dimension, at least 1 so that it can be a row length.
pub(crate) fn row_length(tensor: &FlexTensor) -> usize {
    tensor.layout().shape().last().copied().unwrap_or(1).max(1)
}

/// The entries of an integer tensor as positions below `bound`.
///
/// # Panics
/// If an entry is negative or not below `bound`, as every gather does.
pub(crate) fn positions(tensor: &FlexTensor, bound: usize) -> Vec<usize> {
    let tensor = ordered(tensor.clone());
    let check = |value: i64| match usize::try_from(value) {
        Ok(position) if position < bound => position,
        _ => panic!("an index is {value}, but must be in 0..{bound}"),
    };
    if let Some(numbers) = tensor.as_slice::<i32>() {
        return numbers.iter().map(|&value| check(i64::from(value))).collect();
    }
    if let Some(numbers) = tensor.as_slice::<i64>() {
        return numbers.iter().map(|&value| check(value)).collect();
    }
    tensor.into_data().iter::<i64>().map(check).collect()
}
