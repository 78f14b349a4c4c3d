//! How the system's allocator treats the blocks of tensors.

use std::hint::black_box;

/// About the largest block that the C library of Linux takes as a sign, which is 32 MiB with what it notes beside it.
const LARGEST: usize = (32 << 20) - 8192;

/// Makes the C library of Linux keep freed blocks of up to 32 MB for the next tensor of that size.
///
/// It gives each large block back to the system when it is freed, and is given one of zeros again at the next step, until
/// it has seen one freed that was larger: a seventh of a training step was that. Other libraries are not affected.
pub fn keep_blocks() {
    drop(black_box(Vec::<u8>::with_capacity(LARGEST)));
}
