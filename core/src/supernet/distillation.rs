//! In-place distillation (universally slimmable networks, Yu and Huang 2019): the largest sub-network learns from
//! the labels, every other one from the largest one's output.

use burn::tensor::{Tensor, activation};

use crate::nn::fused::cross_entropy;

/// The mean loss of several sub-networks' `logits` `[rows, outputs]`, the largest one's first. The teacher passes
/// no gradient.
pub fn distilled_loss(logits: Vec<Tensor<2>>, targets: &Tensor<2>) -> Tensor<1> {
    let count = logits.len() as f32;
    let mut teacher: Option<Tensor<2>> = None;
    let mut total: Option<Tensor<1>> = None;
    for logits in logits {
        let target = match &teacher {
            Some(teacher) => teacher.clone(),
            None => {
                teacher = Some(activation::softmax(logits.clone().inner(), 1));
                targets.clone()
            }
        };
        let loss = cross_entropy(logits, target);
        total = Some(match total {
            Some(sum) => sum + loss,
            None => loss,
        });
    }
    total.expect("a supernet trains at least one sub-network a step") / count
}

/// The loss to follow of one of a step's sub-networks, the largest one's first: that of its labels, and of every other one half
/// of it and half of the distance from the largest one's answers, which are kept in `teacher`.
pub fn half_taught(logits: Tensor<2>, of_labels: Tensor<1>, teacher: &mut Option<Tensor<2>>) -> Tensor<1> {
    match teacher {
        None => {
            *teacher = Some(activation::softmax(logits.inner(), 1));
            of_labels
        }
        Some(taught) => of_labels * 0.5 + cross_entropy(logits, taught.clone()) * 0.5,
    }
}
