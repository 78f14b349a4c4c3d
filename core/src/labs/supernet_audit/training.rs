//! What trainings of transformers have in common, whatever they are taught: which architectures a step trains, batches of like
//! length, and how a loss is shown. It holds no training: labs do.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::Device;

use super::fields::{PRECISIONS, TRAINING_PRECISION};
use super::tuning::Subject;
use crate::data::translation::buckets::{Bucketing, batches};
use crate::data::translation::{ParallelCorpus, grammar_pairs};
use crate::experiment::{Checked, Event, Place, Saved, View};
use crate::nn::precision::Precision;
use crate::plate::number::significant;
use crate::plate::{Axis, Curve, CurvePoint, Line, Plate};
use crate::rng::Streams;
use crate::supernet::Sampling;
use crate::{Error, Result};

/// How many points a training curve has at most.
const CURVE_POINTS: u64 = 60;
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

/// The pairs of sentences that a training is about: packed ones of the user's, or `pairs` of the generated languages and a
/// tenth as many for each of the other parts.
///
/// # Errors
/// When `data.source` asks for a corpus and none was supplied, or the other way round.
pub fn pairs_of<'a>(
    source: &str,
    own: Option<&'a ParallelCorpus>,
    pairs: usize,
    streams: &Streams,
) -> Result<Cow<'a, ParallelCorpus>> {
    check_source(source, own.is_some())?;
    match own {
        Some(corpus) => Ok(Cow::Borrowed(corpus)),
        None => {
            let held = (pairs / 10).max(20);
            grammar_pairs([pairs, held, held], &mut streams.stream("language")).map(Cow::Owned)
        }
    }
}

/// Refuses a corpus that was not asked for, and none where one was.
///
/// # Errors
/// When `data.source` asks for a corpus and none was supplied, or the other way round.
pub fn check_source(source: &str, is_supplied: bool) -> Result<()> {
    let problem = match (source, is_supplied) {
        ("own", false) => {
            "`own` needs a packed corpus; make one with `switchyard data pack` and give it with `--data`"
        }
        (other, true) if other != "own" => {
            "a corpus was supplied, but it is `grammar`; set `data.source=own`"
        }
        _ => return Ok(()),
    };
    Err(Error::Inconsistent { key: "data.source".into(), problem: problem.to_owned() })
}

/// Refuses a device that does not compute in the numbers of `training.precision`.
///
/// # Errors
/// [`Error::Inconsistent`].
pub fn suits(checked: &Checked, device: &Device) -> Result<()> {
    with_mixed(checked, Precision::Mixed.suits(device))
}

fn with_mixed(checked: &Checked, is_there: bool) -> Result<()> {
    let key = TRAINING_PRECISION.key;
    let is_mixed = checked.value(key).is_some_and(|value| value.to_string() == PRECISIONS[1]);
    if !is_mixed || is_there {
        return Ok(());
    }
    let problem = "this device does not compute in `bf16`; leave it `f32`, or choose another device";
    Err(Error::Inconsistent { key: key.into(), problem: problem.into() })
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
    /// When the batches cannot be made.
    pub fn next(
        &mut self,
        lengths: &[(usize, usize)],
        tokens: usize,
        streams: &Streams,
    ) -> Result<Vec<usize>> {
        let (number, place) = self.next;
        let batches = self.batches(lengths, tokens, streams)?;
        let batch = batches[place].clone();
        self.next = if place + 1 < batches.len() { (number, place + 1) } else { (number + 1, 0) };
        Ok(batch)
    }

    /// The batches with these numbers in the whole training, which are the next: each with its number.
    ///
    /// # Errors
    /// When the batches cannot be made.
    pub fn numbered(
        &mut self,
        numbers: Range<u64>,
        lengths: &[(usize, usize)],
        tokens: usize,
        streams: &Streams,
    ) -> Result<Vec<(u64, Vec<usize>)>> {
        numbers.map(|number| Ok((number, self.next(lengths, tokens, streams)?))).collect()
    }

    /// The batches of the pass under way: everything once, together with what is of like length, by its number. Lengths are
    /// those of source and target; a batch has at most `tokens` words on each side.
    fn batches(
        &mut self,
        lengths: &[(usize, usize)],
        tokens: usize,
        streams: &Streams,
    ) -> Result<&[Vec<usize>]> {
        let number = self.next.0;
        if self.pass.as_ref().is_none_or(|(known, _)| *known != number) {
            let mut stream = streams.stream_at("data", number);
            let rule = Bucketing { tokens, window: WINDOW };
            let made = batches(lengths, rule, |count| stream.permutation(count)).map_err(|error| {
                Error::Inconsistent { key: "training.tokens".into(), problem: error.to_string() }
            })?;
            self.pass = Some((number, made.batches.into_iter().map(|batch| batch.pairs).collect()));
        }
        Ok(self.pass.as_ref().map(|(_, batches)| batches.as_slice()).unwrap_or_default())
    }

    /// Which pass and which batch of it come next.
    pub fn place(&self) -> [f64; 2] {
        [self.next.0 as f64, self.next.1 as f64]
    }

    /// Goes on at a place that [`place`](Self::place) gave.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when the pass has fewer batches.
    pub fn go_to(
        &mut self,
        [number, place]: [u64; 2],
        lengths: &[(usize, usize)],
        tokens: usize,
        streams: &Streams,
    ) -> Result<()> {
        let mut passes = Self { pass: None, next: (number, 0) };
        let count = passes.batches(lengths, tokens, streams)?.len();
        if place >= count as u64 {
            let problem = format!("it is at batch {place} of an epoch of {count}");
            return Err(Error::Checkpoint { problem });
        }
        passes.next.1 = place as usize;
        *self = passes;
        Ok(())
    }
}

/// The numbers that a training goes on from; architectures, masks and dropout are drawn anew from the step's own streams.
pub fn standing(passes: &Passes, words: u64, curve: &[[f64; 2]]) -> BTreeMap<String, Vec<f64>> {
    BTreeMap::from([
        ("next".to_owned(), passes.place().to_vec()),
        ("words".to_owned(), vec![words as f64]),
        ("curve".to_owned(), curve.concat()),
    ])
}

/// What [`standing`] said of a training of `total` steps: the place of the next batch, the words trained on, the curve.
///
/// # Errors
/// [`Error::Checkpoint`] when it is of a longer training, or says something else.
pub fn stood(saved: &Saved, total: u64) -> Result<([u64; 2], u64, Vec<[f64; 2]>)> {
    if saved.step > total {
        let problem = format!("it is of step {} of a training of {total} steps", saved.step);
        return Err(Error::Checkpoint { problem });
    }
    let [words] = saved.counts("words")?;
    Ok((saved.counts("next")?, words, saved.curve("curve")?))
}

/// Notes the loss of a step where the curve has a point, and tells of it, and of the words trained on.
pub fn note_step(
    curve: &mut Vec<[f64; 2]>,
    events: &mut Vec<Event>,
    task: &str,
    [step, total]: [u64; 2],
    [words, loss]: [f64; 2],
) {
    let interval = total.div_ceil(CURVE_POINTS);
    if !step.is_multiple_of(interval) && step != total && step != 1 {
        return;
    }
    curve.push([step as f64, loss]);
    for (name, value) in [("words", words), ("train_loss", loss)] {
        events.push(Event::Scalar { task: task.to_owned(), step, name: name.into(), value });
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

    #[test]
    fn passes_go_on_where_they_were_and_no_further_than_there_are_batches() {
        let (lengths, streams) = ([(5, 5); 40], Streams::new(3));
        let (mut passes, mut others) = (Passes::default(), Passes::default());
        for _ in 0..13 {
            passes.next(&lengths, 20, &streams).expect("everything fits");
        }
        let [number, place] = passes.place().map(|number| number as u64);
        assert_eq!([number, place], [1, 3], "ten batches a pass");
        others.go_to([number, place], &lengths, 20, &streams).expect("it was there");
        let next = |passes: &mut Passes| passes.next(&lengths, 20, &streams).expect("everything fits");
        assert_eq!(next(&mut others), next(&mut passes));
        let problem = others.go_to([1, 10], &lengths, 20, &streams).expect_err("there are ten").to_string();
        assert!(problem.contains("batch 10 of an epoch of 10"), "{problem}");
    }

    #[test]
    fn mixed_precision_is_refused_where_a_device_has_none_and_only_there() {
        let registry = crate::experiment::Registry::standard();
        for preset in ["mos-mt-small", "mos-bert-small"] {
            let mut experiment = crate::experiment::Experiment::new(preset);
            for (word, refused) in [("f32", false), ("bf16", true)] {
                registry.set(&mut experiment, &format!("training.precision={word}")).expect("a field");
                let checked = registry.check(&experiment).expect("valid");
                let found = with_mixed(&checked, false).map_err(|error| error.to_string());
                assert_eq!(found.is_err(), refused, "{word}");
                assert!(
                    found.err().is_none_or(|error| error.starts_with("`training.precision`: this device"))
                );
                assert!(checked.lab().suits(&checked, &Device::flex()).is_ok(), "the processor has both");
            }
        }
    }

    #[test]
    fn the_first_step_the_last_and_sixty_between_are_noted() {
        let (mut curve, mut events) = (Vec::new(), Vec::new());
        for step in 1..=610 {
            note_step(&mut curve, &mut events, "task", [step, 610], [0.0, 1.0]);
        }
        let steps: Vec<f64> = curve.iter().map(|[step, _]| *step).collect();
        assert_eq!((steps[..3].to_vec(), steps.last()), (vec![1.0, 11.0, 22.0], Some(&610.0)));
        assert_eq!(events.len(), 2 * curve.len());
    }
}
