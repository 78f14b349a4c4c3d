use super::*;
use crate::search::Choices;
use crate::search::tests::toys::{ALL, letters, mismatches};

fn tell(evolution: &mut Evolution<Vec<usize>>, told: &[Evaluation<Vec<usize>>]) {
    Strategy::<Choices>::tell(evolution, told).expect("asked");
}

/// Asks and tells generations; the candidates of each.
fn generations(
    settings: EvolutionSettings,
    loss: impl Fn(&[usize]) -> f64,
) -> Vec<Vec<Candidate<Vec<usize>>>> {
    let mut evolution = Evolution::new(settings, Streams::new(3)).expect("settings");
    let mut all = Vec::new();
    loop {
        let candidates = evolution.ask(&letters(), ALL).expect("feasible");
        if candidates.is_empty() {
            return all;
        }
        let told: Vec<_> = candidates.iter().map(|one| one.evaluated(loss(&one.point))).collect();
        tell(&mut evolution, &told);
        all.push(candidates);
    }
}

#[test]
fn the_defaults_are_those_of_the_paper() {
    let all = generations(EvolutionSettings::default(), mismatches);
    assert_eq!(all.len(), 30);
    assert_eq!(all[0].len(), 125);
    assert!(all[0].iter().all(|candidate| candidate.parents.is_empty()));
    for generation in &all[1..] {
        let born_of = |parents: usize| generation.iter().filter(|one| one.parents.len() == parents).count();
        assert_eq!([born_of(1), born_of(2), generation.len()], [50, 50, 100]);
        assert!(generation.iter().all(|one| one.parents.first() != one.parents.get(1)));
    }
    assert_eq!(EvolutionSettings::of_population(125), EvolutionSettings::default());
}

#[test]
fn parents_are_the_best_so_far_the_earlier_on_a_tie() {
    let all = generations(EvolutionSettings::of_population(20), mismatches);
    let mut living: Vec<(f64, u64)> = Vec::new();
    for generation in &all {
        let allowed: Vec<u64> = living.iter().map(|one| one.1).collect();
        assert!(generation.iter().flat_map(|one| &one.parents).all(|parent| allowed.contains(parent)));
        living.extend(generation.iter().map(|one| (mismatches(&one.point), one.id)));
        living.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        living.truncate(4);
    }
}

#[test]
fn a_generation_that_failed_is_followed_by_one_at_random_and_one_parent_has_mutants_only() {
    let failed = generations(EvolutionSettings::of_population(20), |_| f64::NAN);
    assert!(failed.iter().all(|generation| generation.len() == 20));
    assert!(failed.iter().flatten().all(|candidate| candidate.parents.is_empty()));

    let mut evolution = Evolution::new(EvolutionSettings::default(), Streams::new(1)).expect("settings");
    let first = evolution.ask(&letters(), ALL).expect("feasible");
    let told: Vec<_> =
        first.iter().map(|one| one.evaluated(if one.id == 7 { 1.0 } else { f64::INFINITY })).collect();
    tell(&mut evolution, &told);
    let second = evolution.ask(&letters(), ALL).expect("feasible");
    assert!(second.len() == 100 && second.iter().all(|candidate| candidate.parents == [7]));
}

#[test]
fn a_generation_must_be_told_before_the_next() {
    let mut evolution = Evolution::new(EvolutionSettings::default(), Streams::new(1)).expect("settings");
    let first = evolution.ask(&letters(), ALL).expect("feasible");
    tell(&mut evolution, &[first[0].evaluated(1.0)]);
    let error = evolution.ask(&letters(), ALL).expect_err("124 are missing");
    assert!(error.to_string().contains("124 candidates"), "{error}");
}

#[test]
fn distinct_children_are_new_and_others_repeat_points() {
    let repeated = |distinct: bool| {
        let settings = EvolutionSettings { distinct, ..EvolutionSettings::of_population(20) };
        let mut seen = std::collections::BTreeSet::new();
        let all = generations(settings, mismatches).into_iter().flatten();
        all.filter(|candidate| !seen.insert(candidate.point.clone())).count()
    };
    assert_eq!(repeated(true), 0);
    assert!(repeated(false) > 50, "{}", repeated(false));
}

#[test]
fn settings_that_do_not_fit_are_refused_by_name() {
    let refused = |settings: EvolutionSettings| {
        Evolution::<Vec<usize>>::new(settings, Streams::new(1)).expect_err("refused").to_string()
    };
    let default = EvolutionSettings::default();
    assert!(
        refused(EvolutionSettings { mutation_probability: 1.5, ..default }).contains("mutation_probability")
    );
    assert!(refused(EvolutionSettings { parents: 1, ..default }).contains("population"));
    assert!(refused(EvolutionSettings { iterations: 0, ..default }).contains("iterations"));
    assert!(refused(EvolutionSettings { mutants: 0, crossed: 0, ..default }).contains("children"));
}
