//! What is seen of a supernet that learns to translate: some translations as they are now, and the loss.

use super::context::Context;
use super::scores::Scores;
use crate::Result;
use crate::data::translation::{Lexicon, Pair, ParallelCorpus};
use crate::experiment::{Place, View};
use crate::labs::supernet_audit::training::loss_view;
use crate::plate::{Cell, Column, Plate, Table};
use crate::supernet::transformer::decoding::Translation;

/// Test sentences that are shown.
pub(super) const SENTENCES: usize = 8;

/// Sources, what the smallest and the largest audited sub-network make of them now, and what is right.
pub(super) fn translations(
    corpus: &ParallelCorpus,
    shown: &[Pair],
    found: &[Vec<Translation>; 2],
    step: u64,
) -> View {
    let is_right = |who: usize, place: usize| found[who][place].words == shown[place].target;
    let [small, large] = [0, 1].map(|who| (0..shown.len()).filter(|place| is_right(who, *place)).count());
    let rows = shown.iter().enumerate().map(|(place, pair)| {
        let by = |who: usize| {
            let mark = if is_right(who, place) { "\u{2713} " } else { "" };
            Cell::text(format!("{mark}{}", corpus.text(&found[who][place].words)))
        };
        let source = format!("{}. {}", place + 1, corpus.text(&pair.source));
        vec![Cell::text(source), Cell::text(corpus.text(&pair.target)), by(0), by(1)]
    });
    let plate = Plate::Table(Table {
        title: format!(
            "After {step} steps the smallest sub-network has {small} of these {} test sentences word for word, the largest \
             {large}",
            shown.len()
        ),
        caption: "What the two make of test sentences now, beside the reference: the same weights, seen by two architectures. A \
                  tick stands before what is the reference; a translation may be good and differ."
            .to_owned(),
        columns: ["source", "reference", "smallest", "largest"].map(Column::text).to_vec(),
        rows: rows.collect(),
    });
    View::new("translations", Place::Yard, plate)
}

/// The training loss so far.
pub(super) fn loss(task: &str, curve: &[[f64; 2]], [done, total]: [u64; 2]) -> View {
    let caption = "Training loss with smoothed labels, the mean over the sub-networks of a step. A single batch is noisy.";
    loss_view(task, curve, [done, total], caption)
}

/// Pairs that the word-by-word baseline learns from, at most.
const LEXICON_PAIRS: usize = 5000;
/// Its rounds of expectation and maximisation.
const LEXICON_ROUNDS: usize = 5;

/// What translations are worth that know nothing of order, or nothing at all.
pub(super) fn baselines(context: &Context) -> Result<Plate> {
    let corpus = &context.corpus;
    let test = &corpus.test[..context.specification.audit.sentences.min(corpus.test.len())];
    let references: Vec<[String; 1]> = test.iter().map(|pair| [corpus.text(&pair.target)]).collect();
    let score = |translate: &dyn Fn(&[u32]) -> Vec<u32>| {
        let hypotheses: Vec<String> = test.iter().map(|pair| corpus.text(&translate(&pair.source))).collect();
        Scores::of(&hypotheses, &references, corpus.joining)
    };
    let learned = &context.train[..context.train.len().min(LEXICON_PAIRS)];
    let lexicon = Lexicon::learn(learned, LEXICON_ROUNDS);
    let rows = [
        ("the source as it is", score(&|source| source.to_vec())?),
        (
            "word by word, by the likeliest translation (IBM's model 1)",
            score(&|source| lexicon.translate(source))?,
        ),
    ];
    Ok(Plate::Table(Table {
        title: format!("What the simplest translations of {} test sentences are worth", test.len()),
        caption: "BLEU and chrF without any network: a network must be well above both.".to_owned(),
        columns: vec![Column::text("translation"), Column::number("BLEU", ""), Column::number("chrF", "")],
        rows: rows
            .into_iter()
            .map(|(name, Scores { bleu, chrf })| {
                vec![Cell::text(name), Cell::number(bleu), Cell::number(chrf)]
            })
            .collect(),
    }))
}
