//! What is asked of every strategy of the list.

mod strength;
pub(super) mod toys;

use std::collections::BTreeSet;

use super::*;
use toys::{ALL, EVEN, letters, mismatches, names, search, small, step, trap};

/// A loss with ties, failures and numbers that are not finite.
fn rough(candidate: &Candidate<Vec<usize>>) -> f64 {
    match candidate.id % 7 {
        2 => f64::NAN,
        5 => [f64::INFINITY, f64::NEG_INFINITY][candidate.point[0] % 2],
        _ => mismatches(&candidate.point),
    }
}

#[test]
fn the_list_has_every_strategy_once_and_says_what_it_is() {
    assert_eq!(STRATEGY_NAMES, ["random", "evolution", "regularised-evolution", "local-search"]);
    for info in STRATEGIES {
        assert_eq!(search(info.name, 1).name(), info.name);
        let texts = [info.title, info.paper, info.rule, info.pitfall];
        assert!(texts.iter().all(|text| !text.is_empty()) && info.paper.contains("arXiv"));
        assert!(!info.settings.is_empty());
    }
    let unknown = strategy::<Choices>("local-serach", &small(), Streams::new(1)).expect_err("no such name");
    assert!(unknown.to_string().contains("did you mean `local-search`"), "{unknown}");
}

#[test]
fn a_setting_that_does_not_suit_is_refused_by_those_that_read_it() {
    let bad = |key: &str| StrategyConfig {
        batch: (key == "batch").then_some(0),
        population: (key == "population").then_some(0),
        sample: (key == "sample").then_some(0),
        mutation_probability: (key == "mutation_probability").then_some(f64::NAN),
        iterations: (key == "iterations").then_some(0),
        distinct: None,
    };
    for info in STRATEGIES {
        for key in ["batch", "population", "sample", "mutation_probability", "iterations"] {
            let made = strategy::<Choices>(info.name, &bad(key), Streams::new(1));
            match made {
                Ok(_) => assert!(!info.settings.contains(&key), "{} {key}", info.name),
                Err(error) => {
                    assert!(info.settings.contains(&key), "{} {key}", info.name);
                    assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
                }
            }
        }
    }
}

#[test]
fn equal_seeds_repeat_and_others_differ() {
    for name in names() {
        let asked = |seed: u64| -> Vec<Candidate<Vec<usize>>> {
            let mut search = search(name, seed);
            (0..30).flat_map(|_| step(&mut search, &letters(), EVEN, rough).0).collect()
        };
        assert_eq!(asked(4), asked(4), "{name}");
        assert_ne!(asked(4), asked(5), "{name}");
    }
}

#[test]
fn candidates_are_feasible_and_numbered_in_order_and_no_failed_one_is_a_parent() {
    for name in names() {
        let mut search = search(name, 9);
        let mut failed = BTreeSet::new();
        let mut next = 0;
        for _ in 0..120 {
            for candidate in step(&mut search, &letters(), EVEN, rough).0 {
                assert!(EVEN(&candidate.point), "{name}");
                assert_eq!(candidate.id, next, "{name}");
                next += 1;
                assert!(candidate.parents.iter().all(|parent| *parent < candidate.id), "{name}");
                assert!(candidate.parents.iter().all(|parent| !failed.contains(parent)), "{name}");
                if !rough(&candidate).is_finite() {
                    failed.insert(candidate.id);
                }
            }
        }
        assert!(!failed.is_empty());
    }
}

#[test]
fn a_replayed_strategy_goes_on_as_the_original() {
    for name in names() {
        for asks in [0, 1, 17, 60] {
            let mut original = search(name, 2);
            let told: Vec<_> = (0..asks).map(|_| step(&mut original, &letters(), EVEN, rough).1).collect();
            let mut restored = search(name, 2);
            replay(&mut *restored, &letters(), EVEN, &told).expect("its own record");
            for _ in 0..20 {
                let candidates = step(&mut original, &letters(), EVEN, rough).0;
                assert_eq!(candidates, step(&mut restored, &letters(), EVEN, rough).0, "{name} after {asks}");
            }
            if asks > 0 {
                let other = replay(&mut *search(name, 3), &letters(), EVEN, &told);
                assert!(other.is_err(), "{name}: a record of another seed");
            }
        }
    }
}

#[test]
fn the_order_and_the_parts_of_an_answer_play_no_part() {
    let config = StrategyConfig { batch: Some(6), ..small() };
    for name in names() {
        let new = || strategy::<Choices>(name, &config, Streams::new(8)).expect("a strategy");
        let (mut one, mut other) = (new(), new());
        for ask in 0..40 {
            let (candidates, mut told) = step(&mut one, &letters(), ALL, rough);
            assert_eq!(other.ask(&letters(), ALL).expect("feasible"), candidates, "{name}");
            Streams::new(ask).stream("test").shuffle(&mut told);
            let (first, second) = told.split_at(told.len() / 2);
            other.tell(first).expect("asked");
            other.tell(second).expect("asked");
        }
    }
}

#[test]
fn what_was_not_asked_is_refused_and_changes_nothing() {
    for name in names() {
        let (mut search, mut twin) = (search(name, 1), search(name, 1));
        let (candidates, told) = step(&mut twin, &letters(), ALL, rough);
        let refused = |search: &mut toys::Search, told: &[Evaluation<Vec<usize>>], word: &str| {
            let error = search.tell(told).expect_err("refused");
            assert!(matches!(error, Error::Inconsistent { .. }), "{name}: {error}");
            assert!(error.to_string().contains(word), "{name}: {error}");
        };
        refused(&mut search, &told, "evaluation 0 answers no candidate");
        assert_eq!(search.ask(&letters(), ALL).expect("feasible"), candidates);
        let stranger = Evaluation { id: 999, ..told[0].clone() };
        refused(&mut search, &[told.clone(), vec![stranger]].concat(), "evaluation 999 answers no");
        refused(&mut search, &[told[0].clone(), told[0].clone()], "evaluation 0 is given twice");
        let elsewhere = Evaluation { point: vec![9; 8], ..told[0].clone() };
        refused(&mut search, &[elsewhere], "tell what was asked");
        search.tell(&told).expect("none was taken before");
        refused(&mut search, &told[..1], "evaluation 0 answers no");
        assert_eq!(
            search.ask(&letters(), ALL).expect("feasible"),
            twin.ask(&letters(), ALL).expect("feasible")
        );
    }
}

#[test]
fn an_infeasible_space_is_an_error_and_the_ask_can_be_repeated() {
    for name in names() {
        let (mut search, mut twin) = (search(name, 6), search(name, 6));
        for _ in 0..2 {
            let error = search.ask(&letters(), &|_| false).expect_err("nothing is feasible");
            let expected = "`limit`: no feasible point was found in 10000 draws; relax the limit";
            assert!(error.to_string().starts_with(expected), "{name}: {error}");
        }
        for ask in 0..40 {
            if ask % 10 == 5 {
                assert!(search.ask(&letters(), &|_| false).is_err(), "{name}");
            }
            let candidates = step(&mut twin, &letters(), ALL, rough).0;
            assert_eq!(step(&mut search, &letters(), ALL, rough).0, candidates, "{name}");
        }
    }
}

#[test]
fn strategies_without_generations_may_be_asked_again_before_they_are_told() {
    for name in ["random", "regularised-evolution"] {
        let mut search = search(name, 3);
        let mut waiting: Vec<Candidate<Vec<usize>>> = Vec::new();
        for ask in 0..100 {
            waiting.extend(search.ask(&letters(), ALL).expect("feasible"));
            while waiting.len() > 3 {
                let candidate = waiting.remove(ask % 4);
                search.tell(&[candidate.evaluated(trap(&candidate.point))]).expect("asked");
            }
        }
        assert_eq!(waiting.len(), 3, "{name}");
    }
}
