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

/// `tensor` with its axes in another order: a view. Swap by swap, because operations that are merged on their way to a device of
/// another process ask it for a permutation of integers instead (`burn-fusion` 0.22.1), which ends the server's session.
pub(crate) fn permuted<B: Backend, const D: usize>(
    tensor: FloatTensor<B>,
    axes: [usize; D],
) -> FloatTensor<B> {
    let mut order: [usize; D] = std::array::from_fn(|axis| axis);
    (0..D).fold(tensor, |tensor, place| {
        let found = order.iter().position(|axis| *axis == axes[place]).unwrap_or(place);
        order.swap(place, found);
        if found == place { tensor } else { B::float_swap_dims(tensor, place, found) }
    })
}

fn ranges(extents: &[usize]) -> Vec<Slice> {
    extents.iter().map(|&extent| Slice::from(0..extent)).collect()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::backend::Flex;
    use burn::prelude::*;

    use super::*;
    use crate::nn::fused::flat;

    #[test]
    fn swaps_put_axes_into_the_order_asked_for() {
        let numbers: Vec<f32> = (0..120).map(|number| number as f32).collect();
        for axes in [[0, 1, 2, 3, 4], [2, 0, 3, 1, 4], [1, 3, 0, 2, 4], [4, 3, 2, 1, 0], [1, 2, 3, 4, 0]] {
            let found = permuted::<Flex, 5>(flat::tensor(numbers.clone(), [1, 2, 3, 4, 5].into()), axes);
            let shape = Shape::from(axes.map(|axis| axis + 1));
            assert_eq!(found.shape(), shape, "{axes:?}");
            let found = flat::ordered(found);
            let device = Device::flex();
            let tensor = Tensor::<1>::from_floats(numbers.as_slice(), &device).reshape([1, 2, 3, 4, 5]);
            let expected = tensor.permute(axes.map(|axis| axis as isize)).into_data();
            assert_eq!(
                flat::numbers(&found),
                expected.as_slice::<f32>().expect("single precision"),
                "{axes:?}"
            );
        }
    }
}
