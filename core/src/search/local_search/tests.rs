use std::collections::BTreeSet;

use super::*;
use crate::search::Choices;
use crate::search::tests::toys::{ALL, TARGET, letters, mismatches, trap};

fn search(batch: usize) -> LocalSearch<Vec<usize>> {
    LocalSearch::new(batch, Streams::new(5)).expect("a batch")
}

fn tell(search: &mut LocalSearch<Vec<usize>>, told: &[Evaluation<Vec<usize>>]) {
    Strategy::<Choices>::tell(search, told).expect("asked");
}

#[test]
fn the_first_improvement_is_taken_until_there_is_none() {
    let mut search = search(1);
    let mut best = f64::INFINITY;
    let mut parent = None;
    while best > 0.0 {
        let [candidate] = &search.ask(&letters(), ALL).expect("feasible")[..] else { panic!("one an ask") };
        assert_eq!(candidate.parents.first().copied(), parent);
        let loss = mismatches(&candidate.point);
        if loss < best {
            (best, parent) = (loss, Some(candidate.id));
        }
        tell(&mut search, &[candidate.evaluated(loss)]);
    }
    // At the optimum all neighbours are looked at once, then it starts again.
    let mut neighbours = BTreeSet::new();
    loop {
        let asked = search.ask(&letters(), ALL).expect("feasible").remove(0);
        tell(&mut search, &[asked.evaluated(mismatches(&asked.point))]);
        if asked.parents.is_empty() {
            break;
        }
        neighbours.insert(asked.point);
    }
    let all = letters().sizes().iter().map(|size| size - 1).sum::<usize>();
    assert!(neighbours.len() <= all && neighbours.len() + TARGET.len() >= all, "{}", neighbours.len());
}

#[test]
fn a_large_batch_takes_the_steepest_neighbour() {
    let mut search = search(100);
    let start = search.ask(&letters(), ALL).expect("feasible").remove(0);
    tell(&mut search, &[start.evaluated(mismatches(&start.point))]);
    let neighbours = search.ask(&letters(), ALL).expect("feasible");
    assert_eq!(neighbours.len(), letters().sizes().iter().map(|size| size - 1).sum::<usize>());
    let best = neighbours.iter().min_by(|a, b| mismatches(&a.point).total_cmp(&mismatches(&b.point)));
    let best = best.expect("neighbours").id;
    tell(
        &mut search,
        &neighbours.iter().map(|one| one.evaluated(mismatches(&one.point))).collect::<Vec<_>>(),
    );
    assert!(search.ask(&letters(), ALL).expect("feasible").iter().all(|one| one.parents == [best]));
}

#[test]
fn known_neighbours_cost_nothing_and_a_trap_is_left_by_a_restart() {
    let space = Choices::new(vec![2; 6]).expect("values");
    let mut search = search(1);
    let mut points = BTreeSet::new();
    let mut starts = 0;
    for _ in 0..64 {
        let asked = search.ask(&space, ALL).expect("feasible").remove(0);
        starts += usize::from(asked.parents.is_empty());
        tell(&mut search, &[asked.evaluated(trap(&asked.point))]);
        points.insert(asked.point);
    }
    assert_eq!(points.len(), 64, "all 64 points, none twice");
    assert!(starts > 1, "{starts}");
    let single = Choices::new(vec![1]).expect("values");
    let mut search = self::search(3);
    for _ in 0..3 {
        let asked = search.ask(&single, ALL).expect("feasible");
        assert_eq!(asked.len(), 1);
        tell(&mut search, &[asked[0].evaluated(1.0)]);
    }
}

#[test]
fn a_start_that_failed_is_followed_by_another() {
    let mut search = search(2);
    for _ in 0..10 {
        let asked = search.ask(&letters(), ALL).expect("feasible");
        assert!(asked.len() == 1 && asked[0].parents.is_empty());
        tell(&mut search, &[asked[0].evaluated(f64::NEG_INFINITY)]);
    }
}
