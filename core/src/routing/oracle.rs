//! The oracle: every route of a small route space is tried, and the best is taken with the loss in hand.
//!
//! What it gains over a router is no proof that a better router exists: of many equally good routes one is always luckiest
//! (best of N). So its gain stands beside two controls. *Best of N* keeps each route's losses and gives them to other
//! units: what is left is luck. *Split half* lets something that can be known before (a key: the character, the class)
//! choose the route that was best for it on one half of the units, and judges on the other half: what is left is what a
//! router could learn from that key.

use super::metrics::RouteLosses;
use crate::rng::Stream;
use crate::{Error, Result};

/// The most routes that are tried.
pub const MOST_ROUTES: usize = 64;

/// How often best of N is drawn.
const DRAWS: usize = 20;

/// Mean losses of ways to choose a route, over the units that have a choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oracle {
    /// How many routes there are.
    pub routes: usize,
    /// What the router chose.
    pub router: f64,
    /// A route drawn evenly.
    pub random: f64,
    /// The one route that is best for all units together.
    pub best_single: f64,
    /// Each unit's best route: chosen with the loss it is judged by.
    pub oracle: f64,
    /// The same where each route's losses belong to other units: luck alone.
    pub best_of_n: f64,
    /// Each key's best route on the other half of the units.
    pub split_half: f64,
    /// How often the router chose a best route.
    pub accuracy: f64,
}

/// Every set of `k` of `slots` slots, each in rising order; nothing when there are more than [`MOST_ROUTES`].
pub fn route_space(slots: usize, k: usize) -> Option<Vec<Vec<usize>>> {
    if k == 0 || k > slots {
        return None;
    }
    let mut routes: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..k {
        let longer = routes.iter().flat_map(|route| {
            let next = route.last().map_or(0, |last| last + 1);
            (next..slots).map(move |slot| [route.as_slice(), &[slot]].concat())
        });
        routes = longer.collect();
        if routes.len() > MOST_ROUTES * slots {
            return None;
        }
    }
    (routes.len() <= MOST_ROUTES).then_some(routes)
}

impl Oracle {
    /// Compares ways to choose. `chosen` is the router's route of each unit, nothing for units that are left out; `keys` is
    /// what can be known of a unit. Halves and luck are drawn from `stream`.
    ///
    /// # Errors
    /// When the choices or keys do not fit the losses, or fewer than two units have a choice.
    pub fn new(
        losses: &RouteLosses,
        chosen: &[Option<usize>],
        keys: &[usize],
        stream: &mut Stream,
    ) -> Result<Self> {
        let accuracy = losses.selection_accuracy(chosen)?;
        let places =
            || chosen.iter().enumerate().filter_map(|(unit, route)| route.map(|route| (unit, route)));
        let rows: Vec<&[f64]> = places().map(|(unit, _)| losses.row(unit)).collect();
        if keys.len() != chosen.len() || rows.len() < 2 {
            let problem = format!("{} keys and {} units with a choice", keys.len(), rows.len());
            return Err(Error::Undefined { statistic: "the oracle", problem });
        }
        let keys: Vec<usize> = places().map(|(unit, _)| keys[unit]).collect();
        let (count, routes) = (rows.len() as f64, losses.routes());
        let mean = |value: &dyn Fn(&[f64]) -> f64| rows.iter().map(|row| value(row)).sum::<f64>() / count;
        let router = places().map(|(unit, route)| losses.row(unit)[route]).sum::<f64>() / count;
        let single = (0..routes).map(|route| mean(&|row| row[route]));
        Ok(Self {
            routes,
            router,
            random: mean(&|row| row.iter().sum::<f64>() / routes as f64),
            best_single: single.fold(f64::INFINITY, f64::min),
            oracle: mean(&smallest),
            best_of_n: best_of_n(&rows, routes, stream),
            split_half: split_half(&rows, routes, &keys, stream),
            accuracy,
        })
    }
}

fn smallest(row: &[f64]) -> f64 {
    row.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Each unit keeps its mean over routes; how far each route is from it is dealt out anew. Distances from a mean of `N` vary
/// less than `N` independent losses do, by `(N - 1) / N`, which is put right.
fn best_of_n(rows: &[&[f64]], routes: usize, stream: &mut Stream) -> f64 {
    let means: Vec<f64> = rows.iter().map(|row| row.iter().sum::<f64>() / routes as f64).collect();
    let wider = (routes as f64 / (routes as f64 - 1.0).max(1.0)).sqrt();
    let away =
        |route: usize| rows.iter().zip(&means).map(|(row, mean)| wider * (row[route] - mean)).collect();
    let mut columns: Vec<Vec<f64>> = (0..routes).map(away).collect();
    let mut total = 0.0;
    for _ in 0..DRAWS {
        columns.iter_mut().for_each(|column| stream.shuffle(column));
        let best = |unit: usize| columns.iter().map(|column| column[unit]).fold(f64::INFINITY, f64::min);
        total += (0..rows.len()).map(|unit| means[unit] + best(unit)).sum::<f64>();
    }
    total / (DRAWS * rows.len()) as f64
}

/// Each half is judged by the routes that were best for its keys on the other; keys that only one half has take the route
/// that was best there for all.
fn split_half(rows: &[&[f64]], routes: usize, keys: &[usize], stream: &mut Stream) -> f64 {
    let order = stream.permutation(rows.len());
    let (first, second) = order.split_at(rows.len() / 2);
    let judged = |learn: &[usize], judge: &[usize]| -> f64 {
        let mut sums = std::collections::BTreeMap::<Option<usize>, Vec<f64>>::new();
        for &unit in learn {
            for key in [None, Some(keys[unit])] {
                let sum = sums.entry(key).or_insert_with(|| vec![0.0; routes]);
                sum.iter_mut().zip(rows[unit]).for_each(|(sum, loss)| *sum += loss);
            }
        }
        let best = |key: usize| {
            let sum = sums.get(&Some(key)).or_else(|| sums.get(&None)).map_or(&[][..], Vec::as_slice);
            (0..sum.len()).min_by(|&a, &b| sum[a].total_cmp(&sum[b])).unwrap_or(0)
        };
        judge.iter().map(|&unit| rows[unit][best(keys[unit])]).sum()
    };
    (judged(first, second) + judged(second, first)) / rows.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    #[test]
    fn route_spaces_hold_every_set_once_and_large_ones_are_not_tried() {
        let routes = route_space(4, 2).expect("six");
        assert_eq!(routes, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert_eq!(route_space(8, 1).map(|routes| routes.len()), Some(8));
        assert_eq!((route_space(64, 2), route_space(3, 4), route_space(3, 0)), (None, None, None));
        assert_eq!(route_space(64, 32), None);
    }

    fn losses(count: usize, value: impl Fn(usize, usize) -> f64) -> RouteLosses {
        let cells = (0..count).flat_map(|unit| (0..4).map(move |route| (unit, route)));
        RouteLosses::new(cells.map(|(unit, route)| value(unit, route)).collect(), 4).expect("finite")
    }

    #[test]
    fn luck_is_told_from_skill() {
        let streams = Streams::new(3);
        let stream = &mut streams.stream("luck");
        let noise: Vec<f64> = (0..2000).map(|_| stream.normal()).collect();
        let keys: Vec<usize> = (0..500).map(|unit| unit % 4).collect();
        let chosen: Vec<Option<usize>> = keys.iter().map(|&key| Some(key)).collect();
        // Nothing but noise: the oracle gains a lot, all of it luck, and no key helps.
        let lucky = losses(500, |unit, route| noise[unit * 4 + route]);
        let found = Oracle::new(&lucky, &chosen, &keys, stream).expect("defined");
        assert!(found.oracle < found.random - 0.8, "{found:?}");
        assert!((found.oracle - found.best_of_n).abs() < 0.1, "{found:?}");
        assert!((found.split_half - found.random).abs() < 0.15, "{found:?}");
        // The key's own route is better by 1: split half finds it, and the router that takes it is the oracle.
        let skilled = losses(500, |unit, route| if route == unit % 4 { 0.0 } else { 1.0 });
        let found = Oracle::new(&skilled, &chosen, &keys, stream).expect("defined");
        assert_eq!((found.router, found.oracle, found.split_half, found.accuracy), (0.0, 0.0, 0.0, 1.0));
        assert!((found.random - 0.75).abs() < 1e-12 && (found.best_single - 0.75).abs() < 1e-12);
        assert!(Oracle::new(&skilled, &chosen, &keys[..3], stream).is_err());
        assert!(Oracle::new(&skilled, &vec![None; 500], &keys, stream).is_err());
    }
}
