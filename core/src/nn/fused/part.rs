//! The leading part of a tensor, and the gradient of taking it: how a small layer shares a large one's weights.

use burn::backend::Backend;
use burn::backend::TensorMetadata as _;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{Shape, Slice};

/// The leading part of `tensor` with these extents; the tensor itself when it is all of it.
pub(crate) fn leading<B: Backend>(tensor: FloatTensor<B>, extents: &[usize]) -> FloatTensor<B> {
    if tensor.shape().as_slice() == extents { tensor } else { B::float_slice(tensor, &ranges(extents)) }
}

/// The gradient of [`leading`]: `gradient` in the corner of a tensor of zeros of the whole `shape`.
pub(crate) fn widen<B: Backend>(gradient: FloatTensor<B>, shape: Shape) -> FloatTensor<B> {
    let extents = gradient.shape();
    if extents == shape {
        return gradient;
    }
    let zeros = B::float_zeros(shape, &gradient.device(), gradient.dtype().into());
    B::float_slice_assign(zeros, &ranges(extents.as_slice()), gradient)
}

fn ranges(extents: &[usize]) -> Vec<Slice> {
    extents.iter().map(|&extent| Slice::from(0..extent)).collect()
}
