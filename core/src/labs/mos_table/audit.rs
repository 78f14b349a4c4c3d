//! The numbers: one task and one metric at a time. It draws no conclusion in words.

use super::released::{Released, Row, SIZES, Task};
use super::{Compared, Comparison, HalfCell, HalfTable, MethodRow, MetricTable, MosTable, TaskTable};
use crate::rng::{Stream, Streams};
use crate::statistics::{
    DEFAULT_RESAMPLES, Direction, Paired, bootstrap, centred_mean_absolute_error, hierarchical_bootstrap,
    kendall_tau, mean_absolute_error, signed_gap, top_k_regret, trivial_rankers, verdict, within_band_tau,
};
use crate::{Error, Result};

/// The smallest change of an error worth claiming, as a share of the baseline's error.
pub(super) const SMALLEST_ERROR_CHANGE: f64 = 0.1;
/// And never less than the last digit in which BLEU is printed.
const LAST_DIGIT: f64 = 0.01;
/// The smallest change of tau worth claiming.
pub(super) const SMALLEST_TAU_CHANGE: f64 = 0.05;

/// A statistic of estimates and truths.
type Statistic = fn(&[f64], &[f64]) -> Result<f64>;

/// The columns of one task and one metric.
struct Columns {
    scratch: Vec<f64>,
    supernets: Vec<Vec<f64>>,
    depths: Vec<usize>,
    stream: Stream,
}

/// Everything but the sentences.
pub(super) fn table(released: &Released, seed: u64) -> Result<MosTable> {
    let methods = released.methods.clone();
    let tasks = released.tasks.iter().map(|task| task_table(task, &methods, seed)).collect::<Result<_>>()?;
    let baseline = baseline(&methods).map(|index| methods[index].clone());
    let (cautions, findings) = (Vec::new(), Vec::new());
    Ok(MosTable { seed, resamples: DEFAULT_RESAMPLES, methods, baseline, tasks, cautions, findings })
}

/// The sandwich supernet's index.
pub(super) fn baseline(methods: &[String]) -> Option<usize> {
    methods.iter().position(|name| name.to_lowercase().contains("sandwich"))
}

/// Whether a method is a mixture, by its name.
fn is_mixture(name: &str) -> bool {
    let name = name.to_lowercase();
    ["mos", "mixture", "layer-wise", "neuron-wise"].iter().any(|word| name.contains(word))
}

fn task_table(task: &Task, methods: &[String], seed: u64) -> Result<TaskTable> {
    let of = |metric: &str| {
        let on =
            |quality: super::released::Quality| if metric == "test" { quality.test } else { quality.valid };
        let rows = &task.rows;
        Columns {
            scratch: rows.iter().map(|row| on(row.scratch)).collect(),
            supernets: (0..methods.len())
                .map(|method| rows.iter().map(|row| on(row.supernets[method])).collect())
                .collect(),
            depths: rows.iter().map(|row| row.decoder_layers).collect(),
            stream: Streams::new(seed).stream(&format!("mos-table/{}/{metric}", task.name)),
        }
    };
    let (test, valid) = (of("test"), of("valid"));
    Ok(TaskTable {
        task: task.name.clone(),
        architectures: task.rows.len(),
        ceiling: if_defined(kendall_tau(&valid.scratch, &test.scratch))?,
        metrics: vec![
            metric_table("test", &test, &task.rows, methods)?,
            metric_table("valid", &valid, &task.rows, methods)?,
        ],
    })
}

fn metric_table(metric: &str, columns: &Columns, rows: &[Row], methods: &[String]) -> Result<MetricTable> {
    let named = || methods.iter().zip(&columns.supernets);
    let method_rows =
        named().map(|(name, column)| method_row(name, column, columns)).collect::<Result<_>>()?;
    let comparisons = match baseline(methods) {
        None => Vec::new(),
        Some(base) => named()
            .filter(|(name, _)| is_mixture(name) && **name != methods[base])
            .map(|(name, column)| compare(name, column, &columns.supernets[base], columns))
            .collect::<Result<_>>()?,
    };
    let sizes: Vec<Vec<f64>> =
        (0..SIZES.len()).map(|size| rows.iter().map(|row| row.sizes[size]).collect()).collect();
    let named_sizes: Vec<(&str, &[f64])> =
        SIZES.iter().zip(&sizes).map(|((_, name), column)| (*name, column.as_slice())).collect();
    let rankers = if_defined(trivial_rankers(&named_sizes, &columns.scratch, Direction::Higher))?;
    Ok(MetricTable {
        metric: metric.to_owned(),
        methods: method_rows,
        halves: halves(columns, rows)?,
        comparisons,
        rankers: rankers.unwrap_or_default(),
    })
}

fn method_row(name: &str, estimate: &[f64], columns: &Columns) -> Result<MethodRow> {
    let truth = &columns.scratch;
    // Every method is judged on the same resamples: each starts from its own copy of the stream.
    let interval = |statistic: Statistic| {
        let over = |drawn: &[usize]| statistic(&pick(estimate, drawn), &pick(truth, drawn));
        Ok(bootstrap(truth.len(), DEFAULT_RESAMPLES, &mut columns.stream.clone(), over)?.interval())
    };
    Ok(MethodRow {
        method: name.to_owned(),
        error: interval(mean_absolute_error)?,
        signed_gap: -signed_gap(estimate, truth)?,
        centred_error: centred_mean_absolute_error(estimate, truth)?,
        tau: if_defined(interval(kendall_tau))?,
        tau_within_depth: if_defined(within_band_tau(estimate, truth, &columns.depths))?,
        top_1_regret: top_k_regret(estimate, truth, 1, Direction::Higher)?,
        top_3_regret: top_k_regret(estimate, truth, 3, Direction::Higher)?,
    })
}

fn compare(name: &str, new: &[f64], base: &[f64], columns: &Columns) -> Result<Comparison> {
    let truth = &columns.scratch;
    let (new, base) = ([new.to_vec()], [base.to_vec()]);
    let paired = Paired { new: &new, baseline: &base, truth };
    let compared = |statistic: Statistic, better: Direction, smallest: f64| {
        let mut stream = columns.stream.clone();
        let interval = hierarchical_bootstrap(&paired, DEFAULT_RESAMPLES, &mut stream, statistic)?.interval();
        Ok(Compared { interval, word: verdict(&interval, better, smallest)? })
    };
    let share = |error: f64| (SMALLEST_ERROR_CHANGE * error).max(LAST_DIGIT);
    let smallest_error = share(mean_absolute_error(&base[0], truth)?);
    let smallest_centred = share(centred_mean_absolute_error(&base[0], truth)?);
    Ok(Comparison {
        method: name.to_owned(),
        error: compared(mean_absolute_error, Direction::Lower, smallest_error)?,
        centred_error: compared(centred_mean_absolute_error, Direction::Lower, smallest_centred)?,
        tau: if_defined(compared(kendall_tau, Direction::Higher, SMALLEST_TAU_CHANGE))?,
    })
}

/// The rows come by rising architecture number; with an odd count the first half is the larger.
fn halves(columns: &Columns, rows: &[Row]) -> Result<Vec<HalfTable>> {
    let middle = rows.len().div_ceil(2);
    let half = |range: std::ops::Range<usize>| {
        let truth = &columns.scratch[range.clone()];
        let cell = |column: &Vec<f64>| {
            let estimate = &column[range.clone()];
            Ok(HalfCell {
                error: mean_absolute_error(estimate, truth)?,
                tau: if_defined(kendall_tau(estimate, truth))?,
            })
        };
        let cells = columns.supernets.iter().map(cell).collect::<Result<_>>()?;
        Ok(HalfTable { first: rows[range.start].architecture, last: rows[range.end - 1].architecture, cells })
    };
    Ok(vec![half(0..middle)?, half(middle..rows.len())?])
}

fn pick(column: &[f64], drawn: &[usize]) -> Vec<f64> {
    drawn.iter().map(|&index| column[index]).collect()
}

/// A statistic that the data do not determine becomes an empty cell; other errors stay errors.
fn if_defined<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Undefined { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
