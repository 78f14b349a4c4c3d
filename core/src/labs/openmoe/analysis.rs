//! What explains a choice, when routes are fixed, and who is dropped.

use crate::Result;
use crate::experiment::work::Local;
use crate::labs::numbers::{mean, point_over_seeds};
use crate::labs::token_routing::{Batch, Ended, Inputs, Numbers, Results, Study, Task, study_table};
use crate::plate::{Axis, Curve, Line, Plate};
use crate::rng::Stream;
use crate::routing::metrics::information;
use crate::routing::{Edge, Fate, Routing};

/// How often keys are permuted for a null.
const PERMUTATIONS: usize = 20;

/// The moments whose routes are kept, as shares of the training.
const MOMENTS: [f64; 6] = [0.0, 0.05, 0.1, 0.25, 0.5, 1.0];

/// OpenMoE's analysis pack.
pub struct Analysis;

impl Study for Analysis {
    fn moments(&self) -> &'static [f64] {
        &MOMENTS
    }

    fn numbers<'a>(&'a self, ended: &'a Ended<'a>) -> Local<'a, Result<Numbers>> {
        Box::pin(async move {
            let mut numbers = Numbers::new();
            if ended.trainer.recipe().is_some() {
                specialise(ended, &mut numbers)?;
                settle(ended, &mut numbers);
                drops(ended, &mut numbers).await?;
            }
            Ok(numbers)
        })
    }

    fn plates(&self, results: &Results<'_>) -> Result<Vec<Plate>> {
        let columns = [
            ("by_character", "character", ""),
            ("by_character_at_start", "character, before training", ""),
            ("by_word_class", "word class", ""),
            ("by_topic", "topic", ""),
            ("by_place", "place", ""),
        ];
        let title = "What a choice depends on";
        let caption = "I(S; key) / H(S): how much of a unit's first choice in layer 0 a key explains, less its mean under 20 \
                       permutations of the key. 1: the key decides alone. A router that was never trained reads characters \
                       too. Means over seeds with 95% intervals.";
        let specialised = study_table(results, title, caption, &columns);
        let agreed = study_table(
            results,
            "When routes are fixed",
            "The share of held-out characters whose first choice, at this share of the training, is that of the trained \
             network; means over layers and, with 95% intervals, over seeds.",
            &[
                ("agreement_at_start", "0%", ""),
                ("agreement_at_twentieth", "5%", ""),
                ("agreement_at_tenth", "10%", ""),
                ("agreement_at_quarter", "25%", ""),
                ("agreement_at_half", "50%", ""),
            ],
        );
        Ok(vec![specialised, agreed, by_quarter(results)])
    }
}

/// How much of the first layer's choice each key explains.
fn specialise(ended: &Ended<'_>, numbers: &mut Numbers) -> Result<()> {
    let task = &ended.context.task;
    let stream = &mut ended.context.streams.stream("null");
    let identities = task.identities();
    let places: Vec<usize> = (0..identities.len()).map(|unit| unit % task.units()).collect();
    let first = |place: usize| ended.kept.get(place).and_then(|kept| kept.first());
    let share = |keys: &[usize], slots: &[Option<usize>], stream: &mut Stream| -> Result<f64> {
        // Where all go to one expert there is no choice to explain.
        Ok(information(keys, slots, PERMUTATIONS, stream)?.share_of_choice().unwrap_or(0.0))
    };
    if let Some(start) = first(0) {
        numbers.insert("by_character_at_start".to_owned(), vec![share(&identities, start, stream)?]);
    }
    if let Some(end) = first(ended.kept.len().saturating_sub(1)) {
        numbers.insert("by_character".to_owned(), vec![share(&identities, end, stream)?]);
        numbers.insert("by_place".to_owned(), vec![share(&places, end, stream)?]);
        for key in task.keys() {
            let name = format!("by_{}", key.noun.replace(' ', "_"));
            numbers.insert(name, vec![share(&key.values, end, stream)?]);
        }
    }
    Ok(())
}

/// How many routes each moment shares with the end, mean over layers.
fn settle(ended: &Ended<'_>, numbers: &mut Numbers) {
    let names = ["start", "twentieth", "tenth", "quarter", "half"];
    let Some((end, before)) = ended.kept.split_last() else { return };
    for (name, kept) in names.into_iter().zip(before) {
        let agreement = |(then, now): (&Vec<Option<usize>>, &Vec<Option<usize>>)| {
            let same = then.iter().zip(now).filter(|(then, now)| then == now).count();
            same as f64 / now.len().max(1) as f64
        };
        let layers: Vec<f64> = kept.iter().zip(end).map(agreement).collect();
        numbers.insert(format!("agreement_at_{name}"), vec![mean(&layers)]);
    }
}

/// The share of choices that is dropped in each quarter of a window, in the language and with letters exchanged.
async fn drops(ended: &Ended<'_>, numbers: &mut Numbers) -> Result<()> {
    let task = &ended.context.task;
    let window = |place: usize| task.held_out_batch(place..place + 1);
    let exchanged = exchange(task, &mut ended.context.streams.stream("letters"));
    let inside = ended.trainer.limited((0..task.held_out()).map(window)).await?;
    let outside = (0..task.held_out()).map(|place| with_letters(window(place), &exchanged));
    let outside = ended.trainer.limited(outside).await?;
    for (name, routings) in [("", inside), ("_elsewhere", outside)] {
        let quarters = quarters(&routings, task.units());
        numbers.insert(format!("dropped_early{name}"), vec![quarters[0]]);
        numbers.insert(format!("dropped_late{name}"), vec![quarters[3]]);
        numbers.insert(format!("dropped_by_quarter{name}"), quarters.to_vec());
    }
    Ok(())
}

/// A token for each token: letters are exchanged among themselves, everything else stays.
fn exchange(task: &Task, stream: &mut Stream) -> Vec<i32> {
    let Task::Text(text) = task else { return (0..).take(task.classes()).collect() };
    let is_letter = |token: &usize| {
        text.name_of(*token as u32).chars().all(char::is_alphabetic) && Some(*token as u32) != text.unknown()
    };
    let letters: Vec<usize> = (0..task.classes()).filter(is_letter).collect();
    let mut to = letters.clone();
    stream.shuffle(&mut to);
    let mut table: Vec<i32> = (0..task.classes() as i32).collect();
    letters.iter().zip(to).for_each(|(from, to)| table[*from] = to as i32);
    table
}

fn with_letters(batch: Batch, table: &[i32]) -> Batch {
    let Inputs::Tokens(tokens) = batch.inputs else { return batch };
    let tokens: Vec<i32> = tokens.into_iter().map(|token| table[token as usize]).collect();
    Batch {
        identities: tokens.iter().map(|&token| token as u32).collect(),
        inputs: Inputs::Tokens(tokens),
        targets: batch.targets,
    }
}

/// The share of choices dropped in each quarter of the samples, over all layers.
fn quarters(routings: &[Vec<Routing>], units: usize) -> [f64; 4] {
    let (mut all, mut dropped) = ([0usize; 4], [0usize; 4]);
    let edges = routings.iter().flatten().flat_map(|routing| &routing.edges);
    for Edge { unit, fate, .. } in edges {
        let quarter = (4 * unit / units.max(1)).min(3);
        all[quarter] += 1;
        dropped[quarter] += usize::from(*fate == Fate::Dropped);
    }
    std::array::from_fn(|quarter| dropped[quarter] as f64 / all[quarter].max(1) as f64)
}

/// Drops by quarter, for the methods that have a limit.
fn by_quarter(results: &Results<'_>) -> Plate {
    let mut lines = Vec::new();
    for method in &results.context.methods {
        for (name, words) in
            [("dropped_by_quarter", "its language"), ("dropped_by_quarter_elsewhere", "other letters")]
        {
            let Some(seeds) = results.every(method, name) else { continue };
            if seeds.iter().all(|seed| seed.iter().all(|share| *share == 0.0)) {
                continue;
            }
            let of = |quarter: usize| -> Vec<f64> { seeds.iter().map(|seed| seed[quarter]).collect() };
            let points = (0..4).map(|quarter| point_over_seeds(quarter as f64 + 1.0, &of(quarter))).collect();
            lines.push(Line { name: format!("{}, {words}", method.name), slot: lines.len(), points });
        }
    }
    Plate::Curve(Curve {
        title: "Who is dropped".to_owned(),
        caption: "The share of choices that found their expert full, by the quarter of a window of text; each window has \
                  limits of its own and is served from its beginning. Means over seeds with 95% intervals; methods without \
                  drops have no line."
            .to_owned(),
        x: Axis::new("quarter of the window", ""),
        y: Axis::new("dropped share", ""),
        lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_are_counted_where_they_happen() {
        let edge = |unit: usize, fate: Fate| Edge { fate, ..Edge::kept(unit, 0) };
        let edges =
            vec![edge(0, Fate::Kept), edge(1, Fate::Dropped), edge(6, Fate::Dropped), edge(7, Fate::Dropped)];
        let routing = Routing { edges, capacity: Some(1) };
        assert_eq!(quarters(&[vec![routing]], 8), [0.5, 0.0, 0.0, 1.0]);
    }
}
