//! What trainings of transformers have in common, whatever they are taught: which architectures a step trains, batches of like
//! length, and how a loss is shown. It holds no training: labs do.

use super::tuning::Subject;
use crate::data::translation::buckets::{Bucketing, batches};
use crate::experiment::{Place, View};
use crate::plate::number::significant;
use crate::plate::{Axis, Curve, CurvePoint, Line, Plate};
use crate::rng::{Stream, Streams};
use crate::supernet::Sampling;
use crate::{Error, Result};

/// How many points a training curve has at most.
pub const CURVE_POINTS: u64 = 60;
/// Sequences that are sorted by length together.
const WINDOW: usize = 4096;

/// The architectures of a step out of the space's `[largest, random, smallest]`, the largest first; of a network alone its own.
pub fn sampled<A: Clone>(subject: Subject, alone: &A, [largest, random, smallest]: [A; 3]) -> Vec<A> {
    match subject {
        Subject::Standalone => vec![alone.clone()],
        Subject::Supernet(method) if method.sampling() == Sampling::Random => vec![random],
        Subject::Supernet(_) => vec![largest, random, smallest],
    }
}

/// The batches of one pass: everything once, together with what is of like length, by its number. Lengths are those of
/// source and target; a batch has at most `tokens` words on each side.
///
/// # Errors
/// When the batches cannot be made.
pub fn pass(lengths: &[(usize, usize)], tokens: usize, stream: &mut Stream) -> Result<Vec<Vec<usize>>> {
    let made = batches(lengths, Bucketing { tokens, window: WINDOW }, |count| stream.permutation(count));
    let made = made
        .map_err(|error| Error::Inconsistent { key: "training.tokens".into(), problem: error.to_string() })?;
    Ok(made.batches.into_iter().map(|batch| batch.pairs).collect())
}

/// Batches, pass after pass; permutations come from the stream `data`, one for each pass.
#[derive(Debug, Clone, Default)]
pub struct Passes {
    pass: Option<(u64, Vec<Vec<usize>>)>,
    next: (u64, usize),
}

impl Passes {
    /// The numbers of the next batch.
    ///
    /// # Errors
    /// As [`pass`].
    pub fn next(
        &mut self,
        lengths: &[(usize, usize)],
        tokens: usize,
        streams: &Streams,
    ) -> Result<Vec<usize>> {
        let (number, place) = self.next;
        let known = self.pass.take().filter(|(known, _)| *known == number);
        let batches = match known {
            Some((_, batches)) => batches,
            None => pass(lengths, tokens, &mut streams.stream_at("data", number))?,
        };
        let batch = batches[place].clone();
        self.next = if place + 1 < batches.len() { (number, place + 1) } else { (number + 1, 0) };
        self.pass = Some((number, batches));
        Ok(batch)
    }
}

/// The training loss so far, as points of step and loss in nats a word.
pub fn loss_view(task: &str, curve: &[[f64; 2]], [done, total]: [u64; 2], caption: &str) -> View {
    let points = curve.iter().map(|[step, loss]| CurvePoint { x: *step, y: *loss, low: None, high: None });
    let now = curve.last().map(|[_, loss]| format!(": the loss is {} nats a word", significant(*loss, 3)));
    let plate = Plate::Curve(Curve {
        title: format!("{task} has learned for {done} of {total} steps{}", now.unwrap_or_default()),
        caption: caption.to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("training loss", "nats"),
        lines: vec![Line { name: "training".to_owned(), slot: 5, points: points.collect() }],
    });
    View::new("loss", Place::Output, plate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_has_everything_once_in_another_order() {
        let lengths: Vec<(usize, usize)> = (0..50).map(|place| (1 + place % 7, 1 + place % 7)).collect();
        let (mut passes, streams) = (Passes::default(), Streams::new(3));
        let mut seen = Vec::new();
        while seen.iter().map(Vec::len).sum::<usize>() < 100 {
            let batch = passes.next(&lengths, 20, &streams).expect("everything fits");
            let longest = batch.iter().map(|place| lengths[*place].0).max().expect("it has some");
            assert!(longest * batch.len() <= 20);
            seen.push(batch);
        }
        let flat: Vec<usize> = seen.concat();
        for half in flat.chunks(50) {
            let mut half = half.to_vec();
            half.sort_unstable();
            assert_eq!(half, (0..50).collect::<Vec<_>>());
        }
        assert_ne!(flat[..50], flat[50..]);
    }
}
