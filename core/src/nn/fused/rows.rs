//! Loops over rows of numbers: the arithmetic that the fused operations share.
//!
//! Sums run in sixteen fixed lanes and nothing is contracted into fused multiply-adds, so a row gives the same
//! bits whatever the width of the machine's vector registers. Nothing here knows about tensors or gradients.
//!
//! Loops count over slices cut to one length: the compiler turns those into vector code, long chains of zips it
//! does not.
#![allow(clippy::needless_range_loop)]

const LANES: usize = 16;

/// Runs a loop over rows with the widest vectors that the processor has, natively; what it calls must be inlined into it.
/// The bits do not depend on the width.
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "native")]
    return pulp::Arch::new().dispatch(work);
    #[cfg(not(feature = "native"))]
    work()
}

/// The sum of `term` over pairs of equally long rows.
#[inline(always)]
pub(crate) fn sum_pairs(left: &[f32], right: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    for block in 0..left.len().min(right.len()) {
        let (a, b) = (&left[block], &right[block]);
        for lane in 0..LANES {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    let mut sum = fold_lanes(lanes);
    for index in 0..left_rest.len().min(right_rest.len()) {
        sum += term(left_rest[index], right_rest[index]);
    }
    sum
}

/// The sum of a row.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn sum(row: &[f32]) -> f32 {
    sum_pairs(row, row, |a, _| a)
}

/// The inner product of two rows.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    sum_pairs(left, right, |a, b| a * b)
}

#[inline(always)]
fn fold_lanes(lanes: [f32; LANES]) -> f32 {
    let mut lanes = lanes;
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

/// The largest entry of a row, or minus infinity of an empty one.
#[inline(always)]
pub(crate) fn largest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = row.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            lanes[lane] = if block[lane] > lanes[lane] { block[lane] } else { lanes[lane] };
        }
    }
    let mut best = f32::NEG_INFINITY;
    for &value in lanes.iter().chain(rest) {
        best = if value > best { value } else { best };
    }
    best
}

/// The exponential of a number that is not positive, to about two units in the last place; 0 below -87.
///
/// One polynomial without branches, so that the compiler can turn a row of calls into vector code.
#[inline(always)]
pub(crate) fn exponential(x: f32) -> f32 {
    const ROUNDING: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to the nearest integer
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let rest = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4; // x - whole * ln 2, in two parts
    let mut value = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5] {
        value = value * rest + coefficient;
    }
    let mantissa = value * rest * rest + rest + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    if x < -87.0 { 0.0 } else { mantissa * power }
}

/// Replaces `row` by the exponentials of `scale * (row - largest)` and returns their sum and that largest entry.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn exponentiate(row: &mut [f32], scale: f32) -> (f32, f32) {
    let top = largest(row);
    let mut lanes = [0f32; LANES];
    let (blocks, rest) = row.as_chunks_mut::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            block[lane] = exponential((block[lane] - top) * scale);
            lanes[lane] += block[lane];
        }
    }
    let mut sum = fold_lanes(lanes);
    if !rest.is_empty() {
        // The rest is as many vectors as a block, instead of one number after the other: the same bits, in less time.
        let mut block = [0f32; LANES];
        block[..rest.len()].copy_from_slice(rest);
        for value in &mut block {
            *value = exponential((*value - top) * scale);
        }
        rest.copy_from_slice(&block[..rest.len()]);
        for &value in rest.iter() {
            sum += value;
        }
    }
    (sum, top)
}

/// Multiplies a row by a number.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn rescale(row: &mut [f32], factor: f32) {
    for value in row {
        *value *= factor;
    }
}

/// Adds `factor * from` to `to`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn add_scaled(to: &mut [f32], from: &[f32], factor: f32) {
    let length = to.len().min(from.len());
    let (to, from) = (&mut to[..length], &from[..length]);
    for index in 0..length {
        to[index] += from[index] * factor;
    }
}

/// Adds `from * factors` to `to`, entry by entry.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn add_products(to: &mut [f32], from: &[f32], factors: &[f32]) {
    let length = to.len();
    let (from, factors) = (&from[..length], &factors[..length]);
    for index in 0..length {
        to[index] += from[index] * factors[index];
    }
}

/// `max(0, value)`; a NaN stays.
#[inline(always)]
fn rectified(value: f32) -> f32 {
    if value < 0.0 { 0.0 } else { value }
}

/// The hyperbolic tangent to an absolute error of about 1e-7; a NaN stays.
#[inline(always)]
pub(crate) fn squashed(value: f32) -> f32 {
    let power = exponential(-2.0 * value.abs());
    ((1.0 - power) / (1.0 + power)).copysign(value)
}

/// `max(0, row + bias)`, in place; a NaN stays.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn add_and_rectify(row: &mut [f32], bias: &[f32]) {
    let bias = &bias[..row.len()];
    for index in 0..bias.len() {
        row[index] = rectified(row[index] + bias[index]);
    }
}

/// `tanh(row + bias)`, in place, to an absolute error of about 1e-7; a NaN stays.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn add_and_squash(row: &mut [f32], bias: &[f32]) {
    let bias = &bias[..row.len()];
    for index in 0..bias.len() {
        row[index] = squashed(row[index] + bias[index]);
    }
}

/// `max(0, row)`, in place; a NaN stays.
#[cfg(feature = "native")]
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn rectify(row: &mut [f32]) {
    row.iter_mut().for_each(|value| *value = rectified(*value));
}

/// `tanh(row)`, in place, as [`add_and_squash`].
#[cfg(feature = "native")]
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn squash(row: &mut [f32]) {
    row.iter_mut().for_each(|value| *value = squashed(*value));
}

/// Multiplies `grad` by `1 - y^2`, the slope of the hyperbolic tangent `y`, and adds the row to `sums`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn unsquash_and_sum(grad: &mut [f32], y: &[f32], sums: &mut [f32]) {
    let length = grad.len();
    let (y, sums) = (&y[..length], &mut sums[..length]);
    for index in 0..length {
        let value = grad[index] - grad[index] * y[index] * y[index];
        grad[index] = value;
        sums[index] += value;
    }
}

/// Clears `grad` where the rectified `y` is not positive and adds the row to `sums`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn gate_and_sum(grad: &mut [f32], y: &[f32], sums: &mut [f32]) {
    let length = grad.len();
    let (y, sums) = (&y[..length], &mut sums[..length]);
    for index in 0..length {
        let keep = u32::from(y[index] > 0.0).wrapping_neg(); // all bits or none: no branch
        let value = f32::from_bits(grad[index].to_bits() & keep);
        grad[index] = value;
        sums[index] += value;
    }
}

/// The gradient of a softmax row: `(grad - <grad, y>) * y * scale`, in place of `grad`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn softmax_gradient(grad: &mut [f32], y: &[f32], scale: f32) {
    let inner = dot(grad, y);
    let y = &y[..grad.len()];
    for index in 0..y.len() {
        grad[index] = (grad[index] - inner) * y[index] * scale;
    }
}

/// Standardises `row` in place (mean 0, variance 1 but for `epsilon`), writes `row * scale + shift` to `y`, and
/// returns one over the deviation.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn standardise(row: &mut [f32], y: &mut [f32], [scale, shift]: [&[f32]; 2], epsilon: f32) -> f32 {
    let length = row.len();
    let mean = sum(row) / length as f32;
    for value in row.iter_mut() {
        *value -= mean;
    }
    let inverse = 1.0 / (dot(row, row) / length as f32 + epsilon).sqrt();
    let (y, scale, shift) = (&mut y[..length], &scale[..length], &shift[..length]);
    for index in 0..length {
        let value = row[index] * inverse;
        row[index] = value;
        y[index] = value * scale[index] + shift[index];
    }
    inverse
}

/// The gradient of [`standardise`] for one row, in place of `grad`; adds to the sums for scale and shift.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn standardise_gradient(
    grad: &mut [f32],
    standard: &[f32],
    inverse: f32,
    scale: &[f32],
    [scale_sum, shift_sum]: [&mut [f32]; 2],
) {
    let length = grad.len();
    let (standard, scale) = (&standard[..length], &scale[..length]);
    let (scale_sum, shift_sum) = (&mut scale_sum[..length], &mut shift_sum[..length]);
    for index in 0..length {
        shift_sum[index] += grad[index];
        scale_sum[index] += grad[index] * standard[index];
        grad[index] *= scale[index];
    }
    let mean = sum(grad) / length as f32;
    let slope = dot(grad, standard) / length as f32;
    for index in 0..length {
        grad[index] = (grad[index] - mean - standard[index] * slope) * inverse;
    }
}

/// `row = beta * row + (1 - beta) * new`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn blend(row: &mut [f32], new: &[f32], beta: f32) {
    let new = &new[..row.len()];
    for index in 0..new.len() {
        row[index] = row[index] * beta + new[index] * (1.0 - beta);
    }
}

/// `row = beta * row + (1 - beta) * new^2`.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn blend_squares(row: &mut [f32], new: &[f32], beta: f32) {
    let new = &new[..row.len()];
    for index in 0..new.len() {
        row[index] = row[index] * beta + new[index] * new[index] * (1.0 - beta);
    }
}

/// `row = keep * row - rate * first / (sqrt(second) + epsilon)`; a `keep` of 1 changes no bit.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn descend(row: &mut [f32], [first, second]: [&[f32]; 2], [rate, epsilon, keep]: [f32; 3]) {
    let (first, second) = (&first[..row.len()], &second[..row.len()]);
    for index in 0..first.len() {
        row[index] = row[index] * keep - rate * (first[index] / (second[index].sqrt() + epsilon));
    }
}

/// The sums over rows: one number per column.
#[cfg_attr(feature = "native", inline(always))]
pub(crate) fn column_sums(values: &[f32], columns: usize) -> Vec<f32> {
    let mut sums = vec![0f32; columns];
    for row in values.chunks_exact(columns.max(1)) {
        add_scaled(&mut sums, row, 1.0);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_agrees_with_the_library_to_a_few_units_in_the_last_place() {
        for step in 0..87_000 {
            let x = -(step as f32) / 1000.0;
            let (ours, exact) = (f64::from(exponential(x)), f64::from(x).exp());
            assert!((ours - exact).abs() <= 3e-7 * exact, "exp({x}) = {ours}, not {exact}");
        }
        assert_eq!(exponential(0.0), 1.0);
        assert_eq!(exponential(f32::NEG_INFINITY), 0.0);
        assert!(exponential(f32::NAN).is_nan());
    }

    #[test]
    fn the_rest_of_a_row_has_the_bits_of_one_number_after_the_other() {
        for length in 1..40usize {
            let row: Vec<f32> = (0..length).map(|i| ((i * 37) % 11) as f32 * 0.3 - 1.0).collect();
            let (mut fast, top) = (row.clone(), largest(&row));
            let (sum, _) = exponentiate(&mut fast, 0.7);
            let slow: Vec<f32> = row.iter().map(|value| exponential((value - top) * 0.7)).collect();
            assert_eq!(fast, slow);
            let (blocks, rest) = slow.as_chunks::<LANES>();
            let mut lanes = [0f32; LANES];
            blocks.iter().for_each(|block| lanes.iter_mut().zip(block).for_each(|(lane, v)| *lane += v));
            assert_eq!(sum, rest.iter().fold(fold_lanes(lanes), |sum, value| sum + value));
        }
    }

    #[test]
    fn the_hyperbolic_tangent_agrees_with_the_library() {
        let points = (-4000..4000).map(|step| step as f32 / 200.0);
        let mut row: Vec<f32> = points.clone().collect();
        let zeros = vec![0.0; row.len()];
        add_and_squash(&mut row, &zeros);
        for (x, y) in points.zip(row) {
            assert!((f64::from(y) - f64::from(x).tanh()).abs() < 2e-7, "tanh({x}) = {y}");
        }
        let mut odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        add_and_squash(&mut odd, &[0.0; 3]);
        assert!(odd[0].is_nan() && odd[1..] == [1.0, -1.0], "{odd:?}");
    }

    #[test]
    fn sums_and_maxima_cover_the_tail_of_a_row() {
        for length in [0, 1, 15, 16, 17, 33, 100] {
            let row: Vec<f32> = (0..length).map(|i| ((i * 37) % 11) as f32 - 5.0).collect();
            assert_eq!(sum(&row), row.iter().sum::<f32>());
            assert_eq!(dot(&row, &row), row.iter().map(|v| v * v).sum::<f32>());
            assert_eq!(largest(&row), row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
