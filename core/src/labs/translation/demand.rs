//! How much memory a run of the lab asks for: what its largest network learns, computes for a batch, and keeps while it
//! translates.

use super::context::Context;
use super::measuring::AT_ONCE;
use crate::data::translation::Pair;
use crate::experiment::Demand;
use crate::labs::supernet_audit::demand::{self, Counted, bytes_of_sentences};
use crate::supernet::transformer::{TransformerSpace, size};

const OTHERS: &str =
    "`space.encoder_ffn`, `space.decoder_ffn`, `supernet.experts`, `decoding.beam` or the vocabulary";
/// Tables `[words, vocabulary]` on the way back: logits, their distribution, and a gradient.
const LOGITS: f64 = 3.0;
/// The same where nothing is learned.
const LOGITS_MEASURED: f64 = 3.0;

/// The memory that the run asks for.
pub(super) fn demand(context: &Context) -> Demand {
    let Context { specification, space, corpus, lengths, audit, .. } = context;
    let vocabulary = corpus.vocabulary.len();
    let longest = lengths.iter().fold([0, 0], |[a, b], (source, target)| [a.max(*source), b.max(*target)]);
    let trained = |method| size::trained(space, vocabulary, context.sharing(method));
    let pairs = corpus.parts().into_iter().flat_map(|(_, pairs)| pairs);
    let (fields, [sources, targets]) = (&specification.training, longest);
    let taught = if specification.supernet.distillation { 2.0 } else { 0.0 };
    let each = kept(space, longest, fields.dropout > 0.0) + (LOGITS + taught) * vocabulary as f64;
    let counted = Counted {
        trained: audit.methods.iter().map(|method| trained(*method)).collect(),
        each,
        measured: measured(context),
        data: bytes_of_sentences(pairs.flat_map(|pair| [pair.source.len(), pair.target.len()])),
        words: fields.tokens,
        longest: sources.max(targets),
        clips: fields.clip_norm > 0.0,
    };
    demand::demand(audit, &counted, OTHERS)
}

/// The largest layers, encoder and decoder.
struct Largest {
    depths: [f64; 2],
    widths: [f64; 2],
    ffn: [f64; 2],
    /// Heads of the encoder, of the decoder, and across.
    heads: [f64; 3],
    attend: f64,
    inner: f64,
}

impl Largest {
    fn of(space: &TransformerSpace) -> Self {
        let float = |numbers: [usize; 2]| numbers.map(|number| number as f64);
        let most = |list: &[usize]| list.iter().copied().max().unwrap_or(1) as f64;
        Self {
            depths: float(space.max_depths()),
            widths: float(space.max_widths()),
            ffn: float(space.max_ffn()),
            heads: [most(&space.encoder.heads), most(&space.decoder.heads), most(&space.cross_heads)],
            attend: most(&space.attend),
            inner: space.inner as f64,
        }
    }
}

/// Numbers that the tape keeps of a word on both sides, without logits: streams, norms, queries, keys, values, what was
/// attended to and with which weights, the inner layer, what dropout hides, and the encoder's outputs that are attended to.
fn kept(space: &TransformerSpace, [sources, targets]: [usize; 2], drops: bool) -> f64 {
    let Largest { depths, widths: [low, high], ffn, heads, attend, inner } = Largest::of(space);
    let (sources, targets) = (sources as f64, targets as f64);
    let streams = if drops { [8.0, 12.0] } else { [4.0, 6.0] };
    let encoder = streams[0] * low + 4.0 * inner + heads[0] * sources + ffn[0];
    let across = 2.0 * inner + heads[2] * attend * sources + attend * (2.0 * inner + low);
    let decoder = streams[1] * high + 4.0 * inner + heads[1] * targets + across + ffn[1];
    depths[0] * encoder + depths[1] * decoder + 3.0 * (low + high) + attend * low
}

/// Numbers that measuring takes: the loss of some sentences together, or their translation, with the keys and values of
/// every hypothesis so far.
fn measured(context: &Context) -> f64 {
    let (corpus, rule) = (&context.corpus, context.decoding());
    let vocabulary = corpus.vocabulary.len() as f64;
    let Largest { depths, widths: [low, high], ffn, heads, attend, inner } = Largest::of(&context.space);
    let longest =
        |pairs: &[Pair], side: fn(&Pair) -> usize| pairs.iter().map(side).max().unwrap_or(0) as f64 + 1.0;
    let loss = |pairs: &[Pair]| {
        let count = pairs.len().min(AT_ONCE) as f64;
        let [source, target] =
            [longest(pairs, |pair| pair.source.len()), longest(pairs, |pair| pair.target.len())];
        let layer = |width: f64, ffn: f64, keys: f64| 4.0 * width + 4.0 * inner + ffn + 2.0 * keys;
        let encoder = source * layer(low, ffn[0], heads[0] * source);
        let across = heads[2] * attend * source + attend * (2.0 * inner + low);
        let decoder = target * layer(high, ffn[1], across.max(heads[1] * target));
        count * (encoder.max(decoder + LOGITS_MEASURED * target * vocabulary) + attend * source * low)
    };
    let translated = &corpus.test[..context.specification.audit.sentences.min(corpus.test.len())];
    let rows = (translated.len().min(AT_ONCE) * rule.beam) as f64;
    let source = longest(translated, |pair| pair.source.len());
    let words = rule.longest(source as usize) as f64;
    // One layer's keys and values are there twice while a word is added to them.
    let keys = 2.0 * inner * (depths[1] + 1.0) * (words + attend * source);
    let translation = rows * (keys + LOGITS_MEASURED * vocabulary + heads[2] * attend * source + ffn[1]);
    translation.max(loss(&corpus.test)).max(loss(&corpus.validation))
}
