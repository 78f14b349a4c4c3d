//! Mixture-of-Supernets (arXiv 2306.04845): its gap and rank table, worked out again from the released numbers.
//!
//! The user supplies a CSV with one row per task and architecture: sizes, BLEU of the network trained from scratch,
//! and BLEU with the weights of each supernet. From it come the mean absolute error (the paper's supernet gap), its
//! signed and centred parts, Kendall's tau, regret, and 95% intervals over architectures; and sentences that say
//! where the paper's two claims, a smaller gap and a better ranking, hold.
//!
//! There is one supernet per method in these data, so no interval here knows how another seed would have come out.
//! Nothing is trained, and the released numbers themselves are not part of this project.

mod audit;
mod findings;
mod released;
mod text;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::experiment::VerdictWord;
use crate::statistics::{Interval, TrivialRanker};

/// The table, worked out again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MosTable {
    /// The seed of the bootstrap.
    pub seed: u64,
    /// How many resamples each interval comes from.
    pub resamples: usize,
    /// The methods, in the order of the columns.
    pub methods: Vec<String>,
    /// The method that the mixtures are compared with: the sandwich supernet, when there is one.
    pub baseline: Option<String>,
    /// One table per task, in the order of the file.
    pub tasks: Vec<TaskTable>,
    /// What looks wrong in the data themselves.
    pub cautions: Vec<String>,
    /// What follows: where the claims hold and where they do not.
    pub findings: Vec<String>,
}

/// Everything measured on one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskTable {
    /// The task's name.
    pub task: String,
    /// How many architectures it has.
    pub architectures: usize,
    /// Kendall's tau between validation and test quality of the networks trained from scratch: no estimate should be
    /// expected to agree much better with one of them than they agree with each other.
    pub ceiling: Option<f64>,
    /// On the test set, then on the validation set.
    pub metrics: Vec<MetricTable>,
}

/// Everything measured on one task by one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricTable {
    /// `test` or `valid`.
    pub metric: String,
    /// One row per method.
    pub methods: Vec<MethodRow>,
    /// The lower and the upper half of the architectures by number, as the paper and its successor used them.
    pub halves: Vec<HalfTable>,
    /// Each mixture against the baseline.
    pub comparisons: Vec<Comparison>,
    /// How plain size ranks.
    pub rankers: Vec<TrivialRanker>,
}

/// One method: how far it is from scratch quality, and how it ranks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodRow {
    /// The method's name.
    pub method: String,
    /// Mean absolute error.
    pub error: Interval,
    /// Scratch minus supernet: positive when the supernet is too low.
    pub signed_gap: f64,
    /// Mean absolute error after removing the mean shift.
    pub centred_error: f64,
    /// Kendall's tau-b; `None` where it is not defined, on the data or on too many resamples.
    pub tau: Option<Interval>,
    /// Kendall's tau-b over pairs with equally many decoder layers.
    pub tau_within_depth: Option<f64>,
    /// What choosing the first by this method costs.
    pub top_1_regret: f64,
    /// What choosing the best of its first three costs.
    pub top_3_regret: f64,
}

/// One half of the architectures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfTable {
    /// The first architecture's number.
    pub first: u32,
    /// The last architecture's number.
    pub last: u32,
    /// One cell per method, in the methods' order.
    pub cells: Vec<HalfCell>,
}

/// One method on one half.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HalfCell {
    /// Mean absolute error.
    pub error: f64,
    /// Kendall's tau-b.
    pub tau: Option<f64>,
}

/// One mixture minus the baseline, on the same architectures: paired bootstrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The mixture.
    pub method: String,
    /// Difference of mean absolute errors; the claim is that it is negative.
    pub error: Compared,
    /// Difference of centred errors.
    pub centred_error: Compared,
    /// Difference of tau; the claim is that it is positive.
    pub tau: Option<Compared>,
}

/// A difference and the word it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The difference with its 95% interval.
    pub interval: Interval,
    /// What it says about "the mixture is better".
    pub word: VerdictWord,
}

/// Works the table out from the bytes of a CSV; equal bytes and seeds give equal tables.
///
/// Columns, by name and in any order: `task, arch_id, dec_layers, params_nonemb, total_flops, latency_ms`, then
/// `scratch_valid, scratch_test`, and a pair `NAME_valid, NAME_test` for every method. The other architecture columns
/// of the released data may stand there and are not read.
///
/// # Errors
/// [`MalformedData`](crate::Error::MalformedData), naming the line and the field, for a missing or unknown column, a
/// short or long row, a text where a number belongs, an architecture given twice, or fewer than 4 architectures.
pub fn reproduce(csv_bytes: &[u8], seed: u64) -> Result<MosTable> {
    let released = released::parse(csv_bytes)?;
    let mut table = audit::table(&released, seed)?;
    table.cautions = findings::cautions(&released);
    table.findings = findings::findings(&table);
    Ok(table)
}

#[cfg(test)]
mod tests;
