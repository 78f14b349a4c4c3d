//! Losses that keep a router healthy, as differentiable tensors. [`crate::routing::metrics`] has the same two as plain
//! numbers on the routing record; a test compares them.

use burn::prelude::*;

/// The Switch load-balance loss `S * sum_e f_e P_e` (arXiv 2101.03961, equations 4 to 6), 1 at uniform: `f_e`, the
/// share of all choices that went to expert `e` before drops, is constant; `P_e` is the mean of its probability.
///
/// # Shapes
/// `probabilities` is `[rows, experts]`, `counts` one number per expert; the result is `[1]`.
pub fn switch_loss(probabilities: Tensor<2>, counts: &[usize]) -> Tensor<1> {
    let [rows, experts] = probabilities.dims();
    let total: usize = counts.iter().sum();
    let factor = experts as f64 / (total.max(1) * rows) as f64;
    let shares: Vec<f32> = counts.iter().map(|&count| (count as f64 * factor) as f32).collect();
    let shares = Tensor::<2>::from_data(TensorData::new(shares, [experts, 1]), &probabilities.device());
    probabilities.matmul(shares).sum()
}

/// The z-loss: the mean over rows of `logsumexp(logits)^2` (Zoph et al., arXiv 2202.08906, equation 5).
///
/// # Shapes
/// `logits` is `[rows, experts]`; the result is `[1]`.
pub fn z_loss(logits: Tensor<2>) -> Tensor<1> {
    // The largest logit is a constant: whatever is taken out of the exponentials is added again.
    let top = logits.clone().detach().max_dim(1);
    let sums = (logits - top.clone()).exp().sum_dim(1);
    let whole = sums.log() + top;
    (whole.clone() * whole).mean()
}
