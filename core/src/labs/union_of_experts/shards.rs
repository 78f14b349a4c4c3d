//! How exact the cut is, and what a network answers with fewer or more shards than it was trained with.

use burn::module::Module as _;

use crate::Result;
use crate::experiment::work::Local;
use crate::labs::numbers::point_over_seeds;
use crate::labs::token_routing::{Ended, Numbers, Results, Study, study_table};
use crate::nn::readback::read;
use crate::plate::{Axis, Curve, Line, Plate};

/// Held-out samples whose block is taken apart.
const SAMPLES: usize = 32;

/// The lab's measures.
pub struct Shards;

impl Study for Shards {
    fn numbers<'a>(&'a self, ended: &'a Ended<'a>) -> Local<'a, Result<Numbers>> {
        Box::pin(async move {
            let mut numbers = Numbers::new();
            if ended.context.recipe(ended.method).is_none() {
                return Ok(numbers);
            }
            if ended.method.is_routed() {
                numbers.insert("loss_by_k".to_owned(), loss_by_k(ended).await?);
            } else {
                take_apart(ended, &mut numbers).await?;
            }
            Ok(numbers)
        })
    }

    fn plates(&self, results: &Results<'_>) -> Result<Vec<Plate>> {
        let exact = study_table(
            results,
            "How exact the cut is",
            "The largest difference, over numbers of the output of layer 0 for 32 held-out images, between the block or the \
             attention in one piece and the sum of its shards or heads. Mean over seeds with a 95% interval.",
            &[("cut_error", "largest difference", "")],
        );
        Ok(vec![curve(results, &LOSS), curve(results, &ERROR), exact])
    }
}

/// The test loss when each patch uses 1, 2, … shards.
async fn loss_by_k(ended: &Ended<'_>) -> Result<Vec<f64>> {
    let context = ended.context;
    let mut losses = Vec::new();
    for k in 1..=context.specification.model.experts {
        let Some(recipe) = context.recipe_with(ended.method, k) else { break };
        losses.push(ended.trainer.held_out_answers_with(&recipe).await?.loss(&context.targets));
    }
    Ok(losses)
}

/// The block or attention of layer 0 against its shards or heads: all of them, and only some.
async fn take_apart(ended: &Ended<'_>, numbers: &mut Numbers) -> Result<()> {
    let context = ended.context;
    let batch = context.task.held_out_batch(0..SAMPLES.min(context.task.held_out()));
    let network = ended.trainer.network().clone().valid();
    let (whole, shards) = network.first_layer(context, &batch, ended.trainer.device());
    let [_, count, width] = shards.dims();
    let (whole, shards) = (read(whole).await?, read(shards).await?);
    let norm = |numbers: &[f64]| numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    let (mut largest, mut best, mut plain, mut size) = (0f64, vec![0.0; count], vec![0.0; count], 0.0);
    for (row, block) in whole.chunks_exact(width).enumerate() {
        let of = |shard: usize| {
            let start = (row * count + shard) * width;
            shards[start..start + width].iter().map(|&number| f64::from(number))
        };
        let lengths: Vec<f64> = (0..count).map(|shard| norm(&of(shard).collect::<Vec<_>>())).collect();
        size += norm(&block.iter().map(|&number| f64::from(number)).collect::<Vec<_>>());
        for (order, errors) in [(largest_first(&lengths), &mut best), ((0..count).collect(), &mut plain)] {
            let mut rest: Vec<f64> = block.iter().map(|&number| f64::from(number)).collect();
            for (place, shard) in order.into_iter().enumerate() {
                rest.iter_mut().zip(of(shard)).for_each(|(rest, part)| *rest -= part);
                errors[place] += norm(&rest);
            }
            largest = rest.iter().fold(largest, |largest, rest| largest.max(rest.abs()));
        }
    }
    let relative = |errors: Vec<f64>| errors.into_iter().map(|error| error / size).collect::<Vec<f64>>();
    numbers.insert("cut_error".to_owned(), vec![largest]);
    numbers.insert("error_by_k".to_owned(), relative(best));
    numbers.insert("error_by_k_in_order".to_owned(), relative(plain));
    Ok(())
}

/// The places of numbers, the largest first.
fn largest_first(numbers: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    crate::order::sort(&mut order, |&a, &b| numbers[b].total_cmp(&numbers[a]).then(a.cmp(&b)));
    order
}

/// A picture of numbers that have one value for each count of shards.
struct ByCount {
    title: &'static str,
    caption: &'static str,
    y: (&'static str, &'static str),
    /// Numbers, and what a line of them is called after its method.
    columns: &'static [(&'static str, &'static str)],
}

const LOSS: ByCount = ByCount {
    title: "With fewer or more shards than it was trained with",
    caption: "The test loss of each trained network when a patch uses this many shards, experts or heads, without new training. \
              Means over seeds with 95% intervals.",
    y: ("test loss", "nats"),
    columns: &[("loss_by_k", "")],
};

const ERROR: ByCount = ByCount {
    title: "What is missing while not all shards serve",
    caption: "The length of the difference between the output of layer 0, a dense block or attention, and the sum of some of \
              its shards or heads, over the length of the output: each patch's largest, or the same for all patches. With all \
              it is 0.",
    y: ("missing share", ""),
    columns: &[("error_by_k", ", largest shards"), ("error_by_k_in_order", ", the same for all")],
};

fn curve(results: &Results<'_>, what: &ByCount) -> Plate {
    let mut lines = Vec::new();
    for (slot, method) in results.context.methods.iter().enumerate() {
        for (place, (name, words)) in what.columns.iter().enumerate() {
            let Some(seeds) = results.every(method, name) else { continue };
            let of = |k: usize| -> Vec<f64> { seeds.iter().map(|seed| seed[k]).collect() };
            let points = (0..seeds[0].len()).map(|k| point_over_seeds(k as f64 + 1.0, &of(k))).collect();
            lines.push(Line { name: format!("{}{words}", method.name), slot: slot + place, points });
        }
    }
    Plate::Curve(Curve {
        title: what.title.to_owned(),
        caption: what.caption.to_owned(),
        x: Axis::new("shards of a patch (k)", ""),
        y: Axis::new(what.y.0, what.y.1),
        lines,
    })
}
