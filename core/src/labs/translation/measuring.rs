//! What a network that translates is worth: its loss on pairs, and the quality of its translations.

use burn::tensor::Device;

use super::context::Context;
use super::scores::Scores;
use crate::Result;
use crate::data::translation::Pair;
use crate::nn::fused::cross_entropy_classes;
use crate::nn::readback::read_scalar;
use crate::order;
use crate::supernet::transformer::{PairBatch, TransformerSubnet};

/// Sentences that are read or translated together.
pub(super) const AT_ONCE: usize = 64;

/// The mean cross entropy of every word of a part, in nats, without smoothing.
pub(super) async fn loss_of(subnet: &TransformerSubnet, part: &[Pair], device: &Device) -> Result<f64> {
    let (mut sum, mut words) = (0.0, 0);
    for pairs in by_length(part).chunks(AT_ONCE) {
        let pairs: Vec<(&[u32], &[u32])> = pairs.iter().map(|&pair| of(&part[pair])).collect();
        let batch = PairBatch::new(&pairs, device);
        let loss = cross_entropy_classes(subnet.forward(&batch, None), batch.expected.clone());
        sum += read_scalar(loss).await? * batch.words as f64;
        words += batch.words;
    }
    Ok(sum / words.max(1) as f64)
}

/// BLEU and chrF of the first test sentences' translations.
pub(super) async fn scores_of(
    context: &Context,
    subnet: &TransformerSubnet,
    device: &Device,
) -> Result<Scores> {
    let corpus = &context.corpus;
    let count = context.specification.audit.sentences.min(corpus.test.len());
    let test = &corpus.test[..count];
    let rule = context.decoding();
    let mut hypotheses = vec![String::new(); count];
    for places in by_length(test).chunks(AT_ONCE) {
        let sources: Vec<&[u32]> = places.iter().map(|&place| test[place].source.as_slice()).collect();
        let found = rule.translate(subnet, &sources, device).await?;
        for (place, translation) in places.iter().zip(found) {
            hypotheses[*place] = corpus.text(&translation.words);
        }
    }
    let references: Vec<[String; 1]> = test.iter().map(|pair| [corpus.text(&pair.target)]).collect();
    Scores::of(&hypotheses, &references, corpus.joining)
}

/// Source and target of a pair.
pub(super) fn of(pair: &Pair) -> (&[u32], &[u32]) {
    (&pair.source, &pair.target)
}

/// The places of pairs, the shortest first.
fn by_length(pairs: &[Pair]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..pairs.len()).collect();
    order::sort_by_key(&mut places, |&place| (pairs[place].source.len(), pairs[place].target.len()));
    places
}
