//! How much memory an audit of transformers asks for: what their labs count, times how often it is there.
//!
//! The factors were found by measuring the most memory that whole runs had (25 of them, 31 MB to 780 MB, on the processor):
//! what is said here was 1.1 to 1.9 times that. Mixed precision is counted as single precision: of four such runs the most was
//! 0.90 to 0.96 times as much, as the tape keeps sides of products at half the size.

use super::Audit;
use super::tuning::{self, Subject};
use crate::experiment::Demand;

/// Bytes of a number.
const NUMBER: f64 = 4.0;
/// Bytes of the program itself with everything that does not grow.
const PROGRAM: f64 = 30e6;
/// How often a trained number is there while its task is at work: itself, its gradient twice (of one sub-network, and of all
/// so far), Adam's two moments, and what is mixed or written.
const TRAINED: f64 = 6.5;
/// How many sub-networks a batch passes through: the gradients of each wait for those of the batches before.
const PASSED: f64 = 3.0;
/// How often a number that is computed for a batch is there: as the tape keeps it, and on the way back.
const COMPUTED: f64 = 1.15;
/// How often the weights of a finished supernet are there: with the session and with the plan.
const FINISHED: f64 = 2.0;
/// The same at the end, when the run's record is made.
const RECORDED: f64 = 6.0;
/// How often the user's data are there: as the file, as it was read, and as a session prepares it, at the end twice.
const DATA: f64 = 6.0;

/// Bytes of what a task reports, which is kept for the run's record.
const REPORTED: f64 = 350e3;

/// What a lab counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Numbers that a supernet of each method learns.
    pub trained: Vec<usize>,
    /// Numbers that a step computes and keeps, for each word of a batch.
    pub each: f64,
    /// Numbers that measuring a network takes.
    pub measured: f64,
    /// Bytes of the data.
    pub data: f64,
    /// Words of a batch.
    pub words: usize,
    /// The longest sentence of the training.
    pub longest: usize,
    /// Whether gradients are clipped, which takes them once more.
    pub clips: bool,
}

/// The memory of an audit whose batches have `training.tokens` words; `others` are fields that make it less.
pub fn demand(audit: &Audit, counted: &Counted, others: &'static str) -> Demand {
    let Counted { trained, each, measured, data, words, longest, clips } = counted;
    let weights = NUMBER * audit.seeds as f64 * trained.iter().sum::<usize>() as f64;
    let largest = trained.iter().copied().max().unwrap_or(0) as f64;
    let stages = tasks_of_stages(audit);
    let base = PROGRAM + DATA * data + REPORTED * stages.iter().sum::<usize>() as f64;
    Demand {
        kept: base + FINISHED * weights,
        ended: base + RECORDED * weights,
        learned: NUMBER * (TRAINED + f64::from(u8::from(*clips))) * largest,
        each: NUMBER * COMPUTED * each,
        measured: NUMBER * measured,
        waiting: NUMBER * PASSED * largest,
        key: "training.tokens",
        value: *words as u64,
        least: *longest as u64,
        tasks: stages.into_iter().max().unwrap_or(1),
        others,
    }
}

/// How many tasks the stages have; those of one may be at work together.
fn tasks_of_stages(audit: &Audit) -> [usize; 3] {
    let supernets = audit.seeds as usize * audit.methods.len();
    let alone = audit.standalones as usize * audit.audited.len();
    let trainings =
        |subject| tuning::trials(audit, subject).len() * tuning::repetitions(audit, subject) as usize;
    let tuned: usize =
        if audit.tuning.rates > 0 { Subject::all(audit).into_iter().map(trainings).sum() } else { 0 };
    let retrained = audit.retraining.map_or(0, |settings| 2 * settings.architectures * audit.seeds as usize);
    [tuned, supernets + alone, retrained]
}

/// Bytes of sentences with these numbers of words, each a list of its own.
pub fn bytes_of_sentences(lengths: impl Iterator<Item = usize>) -> f64 {
    lengths.map(|words| 40.0 + NUMBER * words as f64).sum()
}
