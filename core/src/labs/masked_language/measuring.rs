//! What a masked language model is worth: its loss on masked words, and how many of them it guesses right.

use burn::prelude::*;

use crate::Result;
use crate::data::masking::Masked;
use crate::nn::fused::cross_entropy_classes;
use crate::nn::readback::read_scalar;
use crate::order;
use crate::supernet::bert::{BertSubnet, MaskedBatch};

/// Sentences that are measured together.
pub(super) const AT_ONCE: usize = 64;

/// The mean cross entropy of every masked word of a part, in nats, and the percentage that is guessed right.
pub(super) async fn judge(subnet: &BertSubnet, part: &[Masked], device: &Device) -> Result<(f64, f64)> {
    let (mut sum, mut right, mut words) = (0.0, 0.0, 0.0);
    let mut places: Vec<usize> = (0..part.len()).collect();
    order::sort_by_key(&mut places, |&place| part[place].words.len());
    for places in places.chunks(AT_ONCE) {
        let sentences: Vec<&Masked> = places.iter().map(|&place| &part[place]).collect();
        let batch = MaskedBatch::new(&sentences, device);
        let (expected, count) = (batch.expected.clone(), batch.masked);
        let logits = subnet.forward(&batch, None);
        let hits = logits.clone().argmax(1).reshape([count]).equal(expected.clone()).float().sum();
        sum += read_scalar(cross_entropy_classes(logits, expected)).await? * count as f64;
        right += read_scalar(hits).await?;
        words += count as f64;
    }
    Ok((sum / words, 100.0 * right / words))
}
