//! Several objectives at once: which points no other beats in all of them, and how much of the plane they cover.
//!
//! All objectives are minimised. A point dominates another when it is nowhere worse and somewhere better.
//!
//! Hypervolume (Zitzler and Thiele 1998) is the area between a front and a reference point that is worse than all of
//! it. It depends on the scale of the objectives, so a benchmark fixes an ideal and a reference point and states
//! them; only [`normalised_hypervolume`] under the same two may be compared. Here for two objectives, exactly.

use crate::{Error, Result};

/// The places of the points that no other dominates, in the order given; of equal points the first only.
///
/// Sorted by all objectives in turn, a point can only be dominated by one before it, so each is compared with the
/// front so far: `n log n + n |front|`.
///
/// # Errors
/// [`Error::Undefined`] for fewer than two objectives, points of different length or numbers that are not finite.
pub fn non_dominated<P: AsRef<[f64]>>(points: &[P]) -> Result<Vec<usize>> {
    const STATISTIC: &str = "the Pareto front";
    let objectives = points.first().map_or(2, |point| point.as_ref().len());
    if objectives < 2 {
        return Err(undefined(STATISTIC, format!("it needs 2 or more objectives, not {objectives}")));
    }
    for (place, point) in points.iter().enumerate() {
        let point = point.as_ref();
        if point.len() != objectives {
            let found = point.len();
            let problem = format!("point {place} has {found} objectives, but point 0 has {objectives}");
            return Err(undefined(STATISTIC, problem));
        }
        check_finite(STATISTIC, place, point)?;
    }
    let of = |place: usize| points[place].as_ref();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| lexicographic(of(a), of(b)).then(a.cmp(&b)));
    let mut front: Vec<usize> = Vec::new();
    for place in order {
        // From the back: with two objectives the last of the front is the first to dominate.
        if !front.iter().rev().any(|&before| covers(of(before), of(place))) {
            front.push(place);
        }
    }
    front.sort_unstable();
    Ok(front)
}

/// The area that is dominated by a point and dominates the reference: that of the union of the boxes between each
/// point and `reference`. Points that are not better than it in both objectives add nothing.
///
/// A sweep from the left: each step of the staircase is a rectangle, so it is exact but for rounding.
///
/// # Errors
/// [`Error::Undefined`] for numbers that are not finite.
pub fn hypervolume(points: &[[f64; 2]], reference: [f64; 2]) -> Result<f64> {
    const STATISTIC: &str = "the hypervolume";
    for (place, point) in points.iter().enumerate() {
        check_finite(STATISTIC, place, point)?;
    }
    if !reference.iter().all(|number| number.is_finite()) {
        let problem = format!("the reference point is {reference:?}; give finite numbers");
        return Err(undefined(STATISTIC, problem));
    }
    let mut inside: Vec<[f64; 2]> =
        points.iter().copied().filter(|point| point[0] < reference[0] && point[1] < reference[1]).collect();
    inside.sort_by(|a, b| lexicographic(a, b));
    let mut lowest = reference[1];
    let mut area = 0.0;
    for [across, down] in inside {
        if down < lowest {
            area += (reference[0] - across) * (lowest - down);
            lowest = down;
        }
    }
    Ok(area)
}

/// [`hypervolume`] as a share of the box between `ideal` and `reference`: 0 for nothing, 1 for a point at the ideal.
///
/// # Errors
/// [`Error::Undefined`] for numbers that are not finite, an ideal that is not better than the reference in both
/// objectives, or a point that is better than the ideal in one.
pub fn normalised_hypervolume(points: &[[f64; 2]], ideal: [f64; 2], reference: [f64; 2]) -> Result<f64> {
    const STATISTIC: &str = "the normalised hypervolume";
    if !ideal.iter().zip(&reference).all(|(best, worst)| best.is_finite() && best < worst) {
        let problem =
            format!("the ideal {ideal:?} must be below the reference {reference:?} in both objectives");
        return Err(undefined(STATISTIC, problem));
    }
    if let Some(place) = points.iter().position(|point| point[0] < ideal[0] || point[1] < ideal[1]) {
        let problem = format!("point {place} is {:?}, better than the ideal {ideal:?}", points[place]);
        return Err(undefined(STATISTIC, problem));
    }
    let whole = (reference[0] - ideal[0]) * (reference[1] - ideal[1]);
    Ok(hypervolume(points, reference)? / whole)
}

/// Whether `one` is nowhere worse than `other`: it dominates it, or it is its equal.
fn covers(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).all(|(a, b)| a <= b)
}

/// By the first objective, then the second, and so on. Zero and its negative are equal.
fn lexicographic(one: &[f64], other: &[f64]) -> std::cmp::Ordering {
    let positive = |number: &f64| number + 0.0;
    let pairs = one.iter().map(positive).zip(other.iter().map(positive));
    pairs.fold(std::cmp::Ordering::Equal, |order, (a, b)| order.then(a.total_cmp(&b)))
}

fn check_finite(statistic: &'static str, place: usize, point: &[f64]) -> Result<()> {
    if point.iter().all(|number| number.is_finite()) {
        return Ok(());
    }
    Err(undefined(
        statistic,
        format!("point {place} (counted from 0) is {point:?}; leave out failed evaluations"),
    ))
}

fn undefined(statistic: &'static str, problem: String) -> Error {
    Error::Undefined { statistic, problem }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::Streams;

    /// The definition over all pairs: the slow twin.
    fn reference_front(points: &[Vec<f64>]) -> Vec<usize> {
        let dominates = |a: &[f64], b: &[f64]| covers(a, b) && a.iter().zip(b).any(|(x, y)| x < y);
        (0..points.len())
            .filter(|&i| !points.iter().any(|other| dominates(other, &points[i])))
            .filter(|&i| !points[..i].contains(&points[i]))
            .collect()
    }

    /// Counts the unit squares between whole-numbered points and the reference: exact for them.
    fn reference_area(points: &[[f64; 2]], reference: [i32; 2]) -> f64 {
        let covered =
            |x: i32, y: i32| points.iter().any(|point| point[0] <= f64::from(x) && point[1] <= f64::from(y));
        let columns = (-20..reference[0]).map(|x| (-20..reference[1]).filter(|&y| covered(x, y)).count());
        columns.sum::<usize>() as f64
    }

    fn plane() -> impl Strategy<Value = Vec<[f64; 2]>> {
        let point = (-3i32..9, -3i32..9).prop_map(|(x, y)| [f64::from(x), f64::from(y)]);
        prop::collection::vec(point, 0..20)
    }

    #[test]
    fn fronts_and_areas_equal_those_computed_by_hand() {
        let points = [[1.0, 5.0], [2.0, 3.0], [2.0, 3.0], [4.0, 1.0], [3.0, 3.0], [0.0, 9.0]];
        assert_eq!(non_dominated(&points).expect("finite"), [0, 1, 3, 5]);
        // Below (6, 6): 5·1 + 4·2 + 2·2; the last point is outside.
        assert_eq!(hypervolume(&points, [6.0, 6.0]), Ok(17.0));
        assert_eq!(normalised_hypervolume(&points, [0.0, 0.0], [6.0, 6.0]), Ok(17.0 / 36.0));
        assert_eq!(normalised_hypervolume(&[[0.0, 0.0]], [0.0, 0.0], [6.0, 6.0]), Ok(1.0));
        assert_eq!(hypervolume(&[], [1.0, 1.0]), Ok(0.0));
        assert_eq!(non_dominated::<[f64; 2]>(&[]), Ok(vec![]));
        assert_eq!(non_dominated(&[[0.0, 1.0], [-0.0, 1.0]]), Ok(vec![0]));
        assert_eq!(non_dominated(&[[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [3.0, 2.0, 3.0]]), Ok(vec![0, 1]));
    }

    #[test]
    fn what_has_no_front_or_area_is_refused() {
        assert!(non_dominated(&[[1.0]]).is_err());
        assert!(non_dominated(&[vec![1.0, 2.0], vec![1.0]]).is_err());
        let failed = non_dominated(&[[1.0, 2.0], [f64::NAN, 0.0]]).expect_err("not a number");
        assert!(failed.to_string().contains("point 1"), "{failed}");
        assert!(hypervolume(&[[f64::INFINITY, 0.0]], [1.0, 1.0]).is_err());
        assert!(hypervolume(&[], [1.0, f64::NAN]).is_err());
        assert!(normalised_hypervolume(&[], [0.0, 1.0], [1.0, 1.0]).is_err());
        assert!(normalised_hypervolume(&[[-1.0, 0.5]], [0.0, 0.0], [1.0, 1.0]).is_err());
    }

    proptest! {
        #[test]
        fn the_front_is_that_of_the_slow_twin(
            points in (2usize..5).prop_flat_map(|objectives| {
                let point = prop::collection::vec((0i32..5).prop_map(f64::from), objectives);
                prop::collection::vec(point, 0..25)
            }),
        ) {
            prop_assert_eq!(non_dominated(&points).expect("finite"), reference_front(&points));
        }

        #[test]
        fn the_area_is_that_of_the_slow_twin_and_of_the_front_alone(points in plane()) {
            let area = hypervolume(&points, [7.0, 5.0]).expect("finite");
            prop_assert_eq!(area, reference_area(&points, [7, 5]));
            let front: Vec<[f64; 2]> =
                non_dominated(&points).expect("finite").into_iter().map(|place| points[place]).collect();
            prop_assert_eq!(area, hypervolume(&front, [7.0, 5.0]).expect("finite"));
        }

        #[test]
        fn order_plays_no_part_a_point_never_takes_area_and_a_dominated_one_changes_nothing(
            points in plane(), added in (-3i32..9, -3i32..9), seed in any::<u64>(),
        ) {
            let area = |points: &[[f64; 2]]| hypervolume(points, [7.0, 7.0]).expect("finite");
            let front = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
                let mut front: Vec<_> =
                    non_dominated(points).expect("finite").into_iter().map(|place| points[place]).collect();
                front.sort_by(|a, b| lexicographic(a, b));
                front
            };
            let mut shuffled = points.clone();
            Streams::new(seed).stream("test").shuffle(&mut shuffled);
            prop_assert_eq!(area(&shuffled), area(&points));
            prop_assert_eq!(front(&shuffled), front(&points));
            let mut more = points.clone();
            more.push([f64::from(added.0), f64::from(added.1)]);
            prop_assert!(area(&more) >= area(&points));
            let mut dominated = points.clone();
            dominated.extend(points.first().map(|point| [point[0] + 1.0, point[1]]));
            prop_assert_eq!(area(&dominated), area(&points));
            prop_assert_eq!(non_dominated(&dominated), non_dominated(&points));
        }
    }
}
