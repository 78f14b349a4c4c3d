//! Translation by beam search. Keys and values of what was decoded are kept, so a step costs one word and not the whole
//! sentence; [`reference()`] is the plain twin that reads everything again at every step.
//!
//! Scores are sums of log probabilities divided by `length^penalty` (fairseq's `lenpen`, which HAT uses with 0.6; the end of
//! the sentence counts as a word). All hypotheses of all sentences are decoded together.

use burn::prelude::*;
use burn::tensor::activation::log_softmax;

use super::attention::{Meeting, attend};
use super::batch::{BEGIN, END, PAD};
use super::subnet::{Memory, TransformerSubnet};
use super::{DecoderLayer, PairBatch};
use crate::Result;
use crate::nn::attention::Sequences;
use crate::nn::fused::Mask;
use crate::nn::readback::read;

/// How translations are looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BeamSearch {
    /// Hypotheses kept for each sentence; 1 is greedy.
    pub beam: usize,
    /// The exponent on the length that a score is divided by; 0 prefers short translations.
    pub length_penalty: f64,
    /// At most so many words, the end aside: this many times the source's words, and ...
    pub longest_ratio: f64,
    /// ... so many more.
    pub longest_extra: usize,
    /// At least so many words, the end aside, as far as the longest allows.
    pub shortest: usize,
}

impl Default for BeamSearch {
    /// Beam 4 and a penalty of 0.6 (HAT on WMT), at most 1.2 times the source and 10 more.
    fn default() -> Self {
        Self { beam: 4, length_penalty: 0.6, longest_ratio: 1.2, longest_extra: 10, shortest: 0 }
    }
}

/// A translation.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// Its words, without begin and end.
    pub words: Vec<u32>,
    /// Its log probability over `length^penalty`.
    pub score: f64,
}

/// A hypothesis under way.
#[derive(Debug, Clone)]
struct Hypothesis {
    words: Vec<u32>,
    log_probability: f64,
}

impl BeamSearch {
    /// The same search for translations of exactly so many words, so that its work is known beforehand.
    pub fn of_length(self, words: usize) -> Self {
        Self { shortest: words, longest_ratio: 0.0, longest_extra: words, ..self }
    }

    /// The most words of a translation of a source of `words` words.
    pub fn longest(&self, words: usize) -> usize {
        libm::floor(words as f64 * self.longest_ratio) as usize + self.longest_extra
    }

    fn score(&self, log_probability: f64, length: usize) -> f64 {
        log_probability / libm::pow(length.max(1) as f64, self.length_penalty)
    }

    /// Translates sentences, which hold no special words.
    ///
    /// # Errors
    /// When the device does not answer.
    pub async fn translate(
        &self,
        network: &TransformerSubnet,
        sources: &[&[u32]],
        device: &Device,
    ) -> Result<Vec<Translation>> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = Kept::new(network, sources, self.beam, device);
        let mut search = Search::new(*self, sources);
        while !search.is_done() {
            let words = search.last_words();
            let log_probabilities = read(log_softmax(state.step(&words), 1)).await?;
            let order = search.advance(&log_probabilities, network.embedding.dims()[0]);
            state.reorder(&order);
        }
        Ok(search.finish())
    }
}

/// The beams of all sentences.
struct Search {
    rule: BeamSearch,
    /// `[sentences][beam]`; a sentence that is done keeps its last ones, which are not read any more.
    beams: Vec<Vec<Hypothesis>>,
    /// The best finished translations of each sentence, best first.
    finished: Vec<Vec<Translation>>,
    longest: Vec<usize>,
    done: Vec<bool>,
}

impl Search {
    fn new(rule: BeamSearch, sources: &[&[u32]]) -> Self {
        let start = |place: usize| Hypothesis {
            words: vec![BEGIN],
            // All begin alike; only the first counts at first.
            log_probability: if place == 0 { 0.0 } else { f64::NEG_INFINITY },
        };
        Self {
            rule,
            beams: sources.iter().map(|_| (0..rule.beam).map(start).collect()).collect(),
            finished: vec![Vec::new(); sources.len()],
            longest: sources.iter().map(|source| rule.longest(source.len())).collect(),
            done: vec![false; sources.len()],
        }
    }

    fn is_done(&self) -> bool {
        self.done.iter().all(|done| *done)
    }

    /// The word that each hypothesis ends with, sentence by sentence.
    fn last_words(&self) -> Vec<i32> {
        let last = |hypothesis: &Hypothesis| hypothesis.words.last().map_or(PAD as i32, |word| *word as i32);
        self.beams.iter().flatten().map(last).collect()
    }

    /// One more word for every hypothesis, from log probabilities `[hypotheses, vocabulary]`. Returns from which row each
    /// new hypothesis goes on.
    fn advance(&mut self, log_probabilities: &[f32], vocabulary: usize) -> Vec<usize> {
        let beam = self.rule.beam;
        let mut rows = Vec::with_capacity(self.beams.len() * beam);
        for sentence in 0..self.beams.len() {
            let first = sentence * beam;
            if self.done[sentence] {
                rows.extend(first..first + beam);
                continue;
            }
            let candidates = self.candidates(sentence, &log_probabilities[first * vocabulary..], vocabulary);
            let mut next = Vec::with_capacity(beam);
            for (rank, (log_probability, place, word)) in candidates.into_iter().enumerate() {
                let words = &self.beams[sentence][place].words;
                if word == END {
                    // Only an end among the best of the beam finishes, as in fairseq.
                    if rank < beam {
                        let translation = Translation {
                            words: words[1..].to_vec(),
                            score: self.rule.score(log_probability, words.len()),
                        };
                        self.finished[sentence].push(translation);
                    }
                } else if next.len() < beam {
                    let words = words.iter().copied().chain([word]).collect();
                    next.push((Hypothesis { words, log_probability }, place));
                }
            }
            rows.extend(next.iter().map(|(_, place)| first + place));
            rows.resize(first + beam, first);
            self.beams[sentence] = next.into_iter().map(|(hypothesis, _)| hypothesis).collect();
            self.close(sentence);
        }
        rows
    }

    /// The best `2 * beam` continuations of a sentence, best first: at most `beam` of them end it.
    fn candidates(
        &self,
        sentence: usize,
        log_probabilities: &[f32],
        vocabulary: usize,
    ) -> Vec<(f64, usize, u32)> {
        let keep = 2 * self.rule.beam;
        let length = self.beams[sentence][0].words.len();
        let longest = self.longest[sentence];
        let (is_last, is_early) = (length > longest, length <= self.rule.shortest.min(longest));
        let mut best: Vec<(f64, usize, u32)> = Vec::with_capacity(keep + 1);
        for (place, hypothesis) in self.beams[sentence].iter().enumerate() {
            let row = &log_probabilities[place * vocabulary..(place + 1) * vocabulary];
            for (word, probability) in (0u32..).zip(row) {
                // A translation as long as it may be ends.
                if word == PAD || word == BEGIN || if word == END { is_early } else { is_last } {
                    continue;
                }
                let sum = hypothesis.log_probability + f64::from(*probability);
                if sum == f64::NEG_INFINITY || sum.is_nan() {
                    continue;
                }
                let at = best.iter().rposition(|(other, ..)| *other >= sum).map_or(0, |at| at + 1);
                if at < keep {
                    best.insert(at, (sum, place, word));
                    best.truncate(keep);
                }
            }
        }
        best
    }

    /// Ends a sentence that has as many translations as the beam and nothing better to come, or nothing to go on with.
    fn close(&mut self, sentence: usize) {
        let finished = &mut self.finished[sentence];
        finished.sort_by(|a, b| b.score.total_cmp(&a.score));
        finished.truncate(self.rule.beam);
        let open = &mut self.beams[sentence];
        self.done[sentence] = finished.len() >= self.rule.beam || open.is_empty();
        let filler = Hypothesis { words: vec![PAD], log_probability: f64::NEG_INFINITY };
        open.resize(self.rule.beam, filler);
    }

    fn finish(self) -> Vec<Translation> {
        let nothing = || Translation { words: Vec::new(), score: f64::NEG_INFINITY };
        self.finished.into_iter().map(|all| all.into_iter().next().unwrap_or_else(nothing)).collect()
    }
}

/// What a decoder keeps between words.
struct Kept<'a> {
    network: &'a TransformerSubnet,
    device: Device,
    /// How many words every hypothesis has.
    length: usize,
    /// Keys and values of each layer's own words so far, `[hypotheses, length, inner]` each.
    own: Vec<Option<[Tensor<3>; 2]>>,
    /// Keys and values of the source, `[hypotheses * source, inner]` each, and their padding.
    cross: Vec<([Tensor<2>; 2], Sequences, Option<Tensor<4>>)>,
}

impl<'a> Kept<'a> {
    fn new(network: &'a TransformerSubnet, sources: &[&[u32]], beam: usize, device: &Device) -> Self {
        let pairs: Vec<(&[u32], &[u32])> = sources.iter().map(|source| (*source, &[][..])).collect();
        let batch = PairBatch::new(&pairs, device);
        let memories = network.encode(&batch, &mut None);
        // Every hypothesis of a sentence looks at the same source.
        let each: Vec<i32> = (0..sources.len() * beam).map(|row| (row / beam) as i32).collect();
        let each = Tensor::<1, Int>::from_data(TensorData::new(each, [sources.len() * beam]), device);
        let cross = network.decoder.iter().zip(&network.architecture.decoder).map(|(layer, choice)| {
            let Memory { rows, sequences, padding } = Memory::of(&memories, choice.attend, &batch);
            let spread = |x: Tensor<2>| {
                let shape = [sequences.count, sequences.length, network.inner];
                let x = x.reshape(shape).select(0, each.clone());
                x.reshape([sequences.count * beam * sequences.length, network.inner])
            };
            let kept = layer.cross.keys_and_values(rows, network.inner, network.precision).map(spread);
            let padding = padding.map(|padding| padding.select(0, each.clone()));
            (kept, Sequences { count: sequences.count * beam, ..sequences }, padding)
        });
        Self {
            network,
            device: device.clone(),
            length: 0,
            own: vec![None; network.decoder.len()],
            cross: cross.collect(),
        }
    }

    /// The logits `[hypotheses, vocabulary]` of what follows these words, one for each hypothesis.
    fn step(&mut self, words: &[i32]) -> Tensor<2> {
        let (network, count) = (self.network, words.len());
        let (width, inner) = (network.architecture.decoder_width, network.inner);
        let words = Tensor::<2, Int>::from_data(TensorData::new(words.to_vec(), [count, 1]), &self.device);
        let mut x = network.embed(words, self.length, width);
        let (one, precision) = (Sequences { count, length: 1 }, network.precision);
        for (place, (layer, choice)) in network.decoder.iter().zip(&network.architecture.decoder).enumerate()
        {
            let DecoderLayer { ffn, heads, cross_heads, .. } = *choice;
            let normal = layer.attention.norm.forward(x.clone());
            let new = layer.attention.keys_and_values(normal.clone(), inner, precision);
            let new = new.map(|rows| rows.reshape([count, 1, inner]));
            let all = match self.own[place].take() {
                None => new,
                Some([keys, values]) => {
                    let [key, value] = new;
                    [Tensor::cat(vec![keys, key], 1), Tensor::cat(vec![values, value], 1)]
                }
            };
            let length = self.length + 1;
            let [key, value] = all.clone().map(|rows| rows.reshape([count * length, inner]));
            self.own[place] = Some(all);
            let keys = Sequences { count, length };
            let meeting = Meeting { queries: one, keys, heads, mask: Mask::Open, precision, padding: None };
            let query = layer.attention.query.forward(normal, inner, precision);
            let found = attend(query, key, value, meeting);
            x = x + layer.attention.out.forward(found, width, precision);
            let ([key, value], keys, padding) = &self.cross[place];
            let meeting = Meeting {
                queries: one,
                keys: *keys,
                heads: cross_heads,
                mask: Mask::Open,
                precision,
                padding: padding.as_ref(),
            };
            let normal = layer.cross.norm.forward(x.clone());
            let query = layer.cross.query.forward(normal, inner, precision);
            let found = attend(query, key.clone(), value.clone(), meeting);
            x = x + layer.cross.out.forward(found, width, precision);
            let normal = layer.feed_forward.norm.forward(x.clone());
            x = x + layer.feed_forward.forward(normal, ffn, precision);
        }
        self.length += 1;
        network.logits(network.decoder_norm.forward(x))
    }

    /// Hypotheses go on from these rows.
    fn reorder(&mut self, rows: &[usize]) {
        if rows.iter().enumerate().all(|(place, row)| place == *row) {
            return;
        }
        let rows: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
        let count = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &self.device);
        for kept in self.own.iter_mut().flatten() {
            *kept = kept.clone().map(|tensor| tensor.select(0, rows.clone()));
        }
    }
}

/// The same search over one sentence with nothing kept: every step reads the whole translation again. It is slow, and what
/// tests and benches compare with.
///
/// # Errors
/// When the device does not answer.
pub async fn reference(
    rule: &BeamSearch,
    network: &TransformerSubnet,
    source: &[u32],
    device: &Device,
) -> Result<Translation> {
    let mut search = Search::new(*rule, &[source]);
    while !search.is_done() {
        let mut all = Vec::new();
        for hypothesis in &search.beams[0] {
            let words = &hypothesis.words[1.min(hypothesis.words.len())..];
            let batch = PairBatch::new(&[(source, words)], device);
            let logits = network.forward(&batch, None);
            let [rows, _] = logits.dims();
            all.extend(read(log_softmax(logits.narrow(0, rows - 1, 1), 1)).await?);
        }
        search.advance(&all, network.embedding.dims()[0]);
    }
    let translations = search.finish();
    Ok(translations.into_iter().next().unwrap_or(Translation { words: Vec::new(), score: f64::NEG_INFINITY }))
}
