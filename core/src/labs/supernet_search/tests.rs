//! What was found is compared as it should be, on searches made by hand.

use super::found::{Found, Point, corners, front, hypervolume_of};
use super::pictures::{Cost, best, fronts, hypervolumes, progress};
use super::verdicts::{BASELINE, loss_differences, verdicts};
use crate::experiment::VerdictWord;
use crate::plate::Plate;
use crate::search::STRATEGY_NAMES;

const COST: Cost = Cost { name: "predicted latency", unit: "ms" };

fn found(strategy: &str, seed: u64, points: &[[f64; 2]]) -> Found {
    let point = |(place, [cost, loss]): (usize, &[f64; 2])| Point {
        architecture: format!("{strategy}-{seed}-{place}"),
        cost: *cost,
        loss: *loss,
    };
    Found {
        strategy: strategy.to_owned(),
        seed,
        limit: 10.0,
        points: points.iter().enumerate().map(point).collect(),
    }
}

fn all() -> Vec<Found> {
    let mut all = Vec::new();
    for seed in 0..3 {
        let noise = 0.01 * seed as f64;
        all.push(found("random", seed, &[[10.0, 3.0], [5.0, 2.0 + noise], [2.0, f64::NAN]]));
        all.push(found("evolution", seed, &[[8.0, 2.5], [5.0, 1.5 + 1.1 * noise], [2.0, 2.9]]));
    }
    all
}

#[test]
fn the_best_and_its_differences_are_paired_by_seed_and_failures_do_not_count() {
    let all = all();
    assert_eq!(all[0].best().map(|point| point.loss), Some(2.0));
    assert_eq!(all[1].best_after(1), Some(2.5));
    let differences = loss_differences(&all, "evolution", 10.0);
    assert_eq!(differences.len(), 3);
    assert!(differences.iter().all(|difference| (difference + 0.5).abs() < 0.01), "{differences:?}");
    assert!(loss_differences(&all, "evolution", 9.0).is_empty(), "no such limit");
}

#[test]
fn fronts_and_hypervolumes_agree_with_a_count_by_hand() {
    let all = all();
    let seed_0 =
        |strategy: &'static str| all.iter().filter(move |one| one.strategy == strategy && one.seed == 0);
    let evolution: Vec<f64> =
        front(seed_0("evolution")).expect("finite").iter().map(|point| point.cost).collect();
    assert_eq!(evolution, [2.0, 5.0]);
    let corners = corners(&all).expect("they differ");
    assert_eq!(corners, [[2.0, 1.5], [10.0, 3.0]]);
    // The box is 8 wide and 1.5 high; evolution covers 8 x 0.1 and 5 x 1.4, random 5 x 1.
    let share = |strategy| hypervolume_of(&all, strategy, 0, corners).expect("finite");
    assert!((share("evolution") - (0.8 + 7.0) / 12.0).abs() < 1e-9);
    assert!((share("random") - 5.0 / 12.0).abs() < 1e-9);
}

#[test]
fn verdicts_need_random_search_and_three_seeds() {
    let all = all();
    assert!(STRATEGY_NAMES.contains(&BASELINE));
    let verdicts_of = |all: &[Found]| verdicts(all, "ms", 0.01).expect("finite numbers");
    let judged = verdicts_of(&all);
    assert_eq!(judged.len(), 2, "one for the limit and one for the front");
    assert!(judged.iter().all(|verdict| verdict.word == VerdictWord::Supported && verdict.replicates == 3));
    let two: Vec<Found> = all.iter().filter(|one| one.seed < 2).cloned().collect();
    assert!(verdicts_of(&two).iter().all(|verdict| verdict.word == VerdictWord::Inconclusive));
    let alone: Vec<Found> = all.iter().filter(|one| one.strategy != "random").cloned().collect();
    assert!(verdicts_of(&alone).is_empty());
}

#[test]
fn every_strategy_is_in_every_picture() {
    let all = all();
    assert_eq!(best(&all, COST).rows.len(), 2);
    assert_eq!(hypervolumes(&all, COST).expect("finite").expect("they differ").rows.len(), 2);
    let Plate::Scatter(scatter) = fronts(&all, COST).expect("finite") else { panic!("a scatter") };
    assert_eq!(scatter.series.len(), 2);
    let Plate::Curve(curve) = progress(&all, 10.0, COST) else { panic!("a curve") };
    assert!(curve.lines.iter().all(|line| line.points.last().is_some_and(|point| point.x == 3.0)));
    let same = vec![found("random", 0, &[[1.0, 1.0], [1.0, 1.0]])];
    assert!(hypervolumes(&same, COST).expect("finite").is_none());
}
