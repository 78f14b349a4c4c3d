//! Whether the strategies find what they are made to find. The seeds are fixed, so the outcomes are.

use super::super::{Choices, History, cut_to_equal_budget, regret_area};
use super::toys::{history, letters, mismatches, names, search, trap};

const SEEDS: u64 = 20;

/// In how many of the seeds the optimum was found, and the mean area under the regret.
fn found(name: &str, budget: usize) -> (usize, f64) {
    let mut histories: Vec<History<Vec<usize>>> =
        (0..SEEDS).map(|seed| history(&mut search(name, seed), &letters(), mismatches, budget)).collect();
    assert_eq!(cut_to_equal_budget(&mut histories), budget);
    let regrets: Vec<_> = histories.iter().map(|history| history.simple_regret(0.0)).collect();
    let areas = regrets.iter().map(|regret| regret_area(regret, 8.0).expect("finite"));
    let mean = areas.sum::<f64>() / SEEDS as f64;
    (regrets.iter().filter(|regret| regret.last() == Some(&Some(0.0))).count(), mean)
}

#[test]
fn every_strategy_finds_the_optimum_of_a_separable_loss_more_often_than_random_search() {
    // 11,664 words, 300 evaluations: random search finds the word with 0.026, so 4 of 20 have a chance of 0.002.
    let (by_chance, chance_area) = found("random", 300);
    assert!(by_chance < 4, "{by_chance}");
    for name in names().filter(|name| *name != "random") {
        let (found, area) = found(name, 300);
        println!("{name} {found} {area} {by_chance} {chance_area}");
        assert!(found >= 15, "{name}: {found} of {SEEDS}");
        assert!(area < chance_area, "{name}: {area} against {chance_area}");
    }
}

/// The best loss of a search on the deceptive words of this length, within a budget.
fn best_in_traps(name: &str, length: usize, budget: usize, seed: u64) -> f64 {
    let space = Choices::new(vec![2; length]).expect("values");
    let history = history(&mut search(name, seed), &space, trap, budget);
    history.best().expect("no evaluation failed").evaluation.loss
}

#[test]
fn a_deceptive_slope_leads_every_strategy_astray() {
    // Four blocks of three: 4,096 words with one optimum, and a slope that leads to 000 in every block.
    for name in names() {
        let ends: Vec<f64> = (0..SEEDS).map(|seed| best_in_traps(name, 12, 200, seed)).collect();
        assert!(ends.iter().all(|loss| (0.0..=4.0).contains(loss)), "{name}: {ends:?}");
        assert!(ends.iter().filter(|loss| **loss == 0.0).count() <= 6, "{name}: {ends:?}");
    }
}

#[test]
fn strategies_that_do_not_repeat_find_every_optimum_in_the_end() {
    for name in ["random", "local-search"] {
        assert!((0..SEEDS).all(|seed| best_in_traps(name, 9, 512, seed) == 0.0), "{name}");
    }
}
