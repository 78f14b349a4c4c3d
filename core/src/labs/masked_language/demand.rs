//! How much memory a run of the lab asks for: what its largest network learns, computes for a batch, and computes while it is
//! measured.

use super::context::Context;
use super::measuring::AT_ONCE;
use crate::data::masking::Masked;
use crate::experiment::Demand;
use crate::labs::supernet_audit::demand::{self, Counted, bytes_of_sentences};
use crate::supernet::bert::size;

const OTHERS: &str = "`space.layers`, `space.widths`, `space.ffn`, `supernet.experts` or the vocabulary";
/// Tables `[masked words, vocabulary]` on the way back: logits twice, their distribution, and a gradient.
const LOGITS: f64 = 4.0;
/// The same where nothing is learned.
const LOGITS_MEASURED: f64 = 4.0;

/// The memory that the run asks for.
pub(super) fn demand(context: &Context) -> Demand {
    let Context { specification, space, corpus, audit, .. } = context;
    let (rows, fields) = (context.rows(), &specification.training);
    let trained = |method| size::trained(space, rows, context.sharing(method));
    let sentences = corpus.parts().into_iter().flat_map(|(_, sentences)| sentences);
    let taught = if specification.supernet.distillation { 2.0 } else { 0.0 };
    let (hidden, vocabulary) = (space.largest().hidden as f64, rows.vocabulary as f64);
    let guessed = most_masked(context) * (6.0 * hidden + (LOGITS + taught) * vocabulary);
    let longest = context.lengths.iter().map(|(length, _)| *length).max().unwrap_or(0);
    let counted = Counted {
        trained: audit.methods.iter().map(|method| trained(*method)).collect(),
        each: kept(context, longest, fields.dropout > 0.0) + guessed,
        measured: measured(context, &context.test).max(measured(context, &context.validation)),
        data: bytes_of_sentences(sentences.map(Vec::len)),
        words: fields.tokens,
        longest: rows.places,
        clips: fields.clip_norm > 0.0,
    };
    demand::demand(audit, &counted, OTHERS)
}

/// Numbers that the tape keeps of a word: in every layer bottlenecks, queries, keys, values, scores and weights, streams,
/// norms, and the inner layer with the steps of its Gaussian error linear units; what dropout hides.
fn kept(context: &Context, longest: usize, drops: bool) -> f64 {
    let largest = context.space.largest();
    let (hidden, ffn, heads) = (largest.hidden as f64, largest.ffn as f64, largest.heads as f64);
    let streams = if drops { 16.0 } else { 12.0 };
    let layer =
        |width: usize| 2.0 * hidden + streams * width as f64 + 5.0 * ffn + 4.0 * heads * longest as f64;
    largest.widths().into_iter().map(layer).sum::<f64>() + 4.0 * hidden
}

/// The largest share of masked words that a batch can have: that of the shortest sentences, each of which has at least one.
fn most_masked(context: &Context) -> f64 {
    let mut lengths: Vec<usize> = context.corpus.train.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    let (mut words, mut masked) = (0, 0);
    for length in lengths {
        if words >= context.specification.training.tokens {
            break;
        }
        words += length + 2;
        masked += context.masking.count(length);
    }
    masked as f64 / words.max(1) as f64
}

/// Numbers that measuring takes: the largest layer of some sentences together, then the logits of their masked words.
fn measured(context: &Context, part: &[Masked]) -> f64 {
    let largest = context.space.largest();
    let (hidden, ffn, heads) = (largest.hidden as f64, largest.ffn as f64, largest.heads as f64);
    let count = part.len().min(AT_ONCE) as f64;
    let longest = part.iter().map(|sentence| sentence.words.len()).max().unwrap_or(0) as f64 + 2.0;
    let masked = part.iter().map(|sentence| sentence.places.len()).max().unwrap_or(0) as f64;
    let width = largest.widths().into_iter().max().unwrap_or(0) as f64;
    let layer = longest * (2.0 * hidden + 6.0 * width + 4.0 * ffn + 3.0 * heads * longest);
    count * (layer + masked * (3.0 * hidden + LOGITS_MEASURED * context.rows().vocabulary as f64))
}
