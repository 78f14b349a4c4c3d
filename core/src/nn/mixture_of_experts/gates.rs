//! Gates: the combine weights of a batch's edges as a matrix, with the gradient of the probabilities they come from.

use burn::prelude::*;

use crate::routing::combine::SMALLEST_SUM;
use crate::routing::{CombineRule, Edge, Fate};

/// The gate of every row and expert, `[rows, experts]`: what [`crate::routing::combine`] sets as the edges' combine
/// weights, as a function of the probabilities. Which experts were chosen and who was dropped is constant.
///
/// # Shapes
/// `probabilities` is `[rows, experts]`; `edges` are `k` a row, row by row.
pub fn gates(probabilities: Tensor<2>, edges: &[Edge], k: usize, rule: CombineRule) -> Tensor<2> {
    let (shape, device) = (probabilities.dims(), probabilities.device());
    let mask = |counts: &dyn Fn(&Edge) -> bool| {
        let mut cells = vec![0f32; shape[0] * shape[1]];
        for edge in edges.iter().filter(|edge| counts(edge)) {
            cells[edge.unit * shape[1] + edge.slot] = 1.0;
        }
        Tensor::<2>::from_data(TensorData::new(cells, shape), &device)
    };
    let chosen = probabilities * mask(&|_| true);
    let weights = if rule.divides(k) {
        let sum = chosen.clone().sum_dim(1) + SMALLEST_SUM;
        chosen / sum
    } else {
        chosen
    };
    let is_dropped = |edge: &Edge| edge.fate == Fate::Dropped;
    if edges.iter().any(is_dropped) { weights * mask(&|edge| !is_dropped(edge)) } else { weights }
}

/// The combine weights of edges as a constant matrix `[rows, experts]`: for routing without probabilities.
pub fn constant_gates(edges: &[Edge], [rows, experts]: [usize; 2], device: &Device) -> Tensor<2> {
    let mut cells = vec![0f32; rows * experts];
    for edge in edges {
        cells[edge.unit * experts + edge.slot] = edge.combine;
    }
    Tensor::from_data(TensorData::new(cells, [rows, experts]), device)
}
