//! The front of a scatter: the points that no other point beats in both quantities at once (Pareto's best
//! trade-offs), and the staircase through them.

use crate::order;
use crate::plate::data::{Front, Point, Scatter};
use crate::plate::frame::{Draft, Frame};
use crate::plate::number::drawable;
use crate::plate::scene::{Mark, Paint, Shape};

impl Scatter {
    /// The points on the front by series and place, from left to right; none where no front is asked for.
    pub fn front_points(&self) -> Vec<(usize, usize)> {
        let Some(front) = &self.front else { return Vec::new() };
        let all = self.series.iter().enumerate().flat_map(|(series, held)| {
            held.points.iter().enumerate().map(move |(place, point)| (series, place, gains(front, point)))
        });
        let mut all: Vec<(usize, usize, [f64; 2])> =
            all.filter(|(_, _, gains)| gains.iter().all(|gain| drawable(*gain))).collect();
        // From the best on the right downwards: a point is on the front if nothing before it is as good in both.
        order::sort(&mut all, |a, b| b.2[0].total_cmp(&a.2[0]).then(b.2[1].total_cmp(&a.2[1])));
        let mut found: Vec<(usize, usize, [f64; 2])> = Vec::new();
        for candidate in all {
            let best = found.last().map_or(f64::NEG_INFINITY, |last| last.2[1]);
            if candidate.2[1] > best || found.last().is_some_and(|last| last.2 == candidate.2) {
                found.push(candidate);
            }
        }
        if front.x_larger_is_better {
            found.reverse();
        }
        found.into_iter().map(|(series, place, _)| (series, place)).collect()
    }

    /// Draws the staircase: on its worse side every point is beaten by one on the front.
    pub(super) fn draw_front(&self, draft: &mut Draft, frame: &Frame) {
        let found = self.front_points();
        let Some(front) = self.front.as_ref().filter(|_| !found.is_empty()) else { return };
        let places: Vec<[f64; 2]> = found
            .iter()
            .map(|(series, place)| {
                let point = &self.series[*series].points[*place];
                frame.place(point.x, point.y)
            })
            .collect();
        let mut steps = Vec::new();
        let worse_side = if front.x_larger_is_better { frame.left } else { frame.right };
        let worse_end = if front.y_larger_is_better { frame.bottom } else { frame.top };
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return };
        steps.push(if front.x_larger_is_better { [worse_side, first[1]] } else { [first[0], worse_end] });
        for (index, place) in places.iter().enumerate() {
            if let Some(before) = index.checked_sub(1).map(|before| places[before]) {
                // The corner joins the worse of both quantities.
                let across = if front.x_larger_is_better { before[0] } else { place[0] };
                let down = if front.x_larger_is_better { place[1] } else { before[1] };
                steps.push([across, down]);
            }
            steps.push(*place);
        }
        steps.push(if front.x_larger_is_better { [last[0], worse_end] } else { [worse_side, last[1]] });
        let shape = Shape::Path { parts: vec![steps], closed: false };
        let count = found.len();
        let name = format!("{}: {count} point{}", front.name, if count == 1 { "" } else { "s" });
        draft.push(Mark::new("front", shape, Paint::Strong).named(name));
    }
}

/// A point's values, turned so that more is better.
fn gains(front: &Front, point: &Point) -> [f64; 2] {
    let gain = |value: f64, larger: bool| if larger { value } else { -value };
    [gain(point.x, front.x_larger_is_better), gain(point.y, front.y_larger_is_better)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::data::Series;
    use crate::plate::number::Domain;

    fn scatter(x_larger_is_better: bool, y_larger_is_better: bool) -> Scatter {
        let points = (0..40).map(|index| {
            let place = f64::from(index);
            Point { x: (place * 7.3) % 11.0, y: (place * 5.1) % 9.0, ..Point::default() }
        });
        let series = [0, 1].map(|half| Series {
            points: points.clone().skip(half * 20).take(20).collect(),
            ..Series::default()
        });
        let front = Some(Front { name: "best".to_owned(), x_larger_is_better, y_larger_is_better });
        Scatter { series: series.into(), front, ..Scatter::default() }
    }

    #[test]
    fn the_front_holds_exactly_the_points_that_no_other_point_beats() {
        for (x, y) in [(true, true), (true, false), (false, true), (false, false)] {
            let plate = scatter(x, y);
            let front = plate.front.clone().unwrap_or_default();
            let points: Vec<[f64; 2]> = plate
                .series
                .iter()
                .flat_map(|series| &series.points)
                .map(|point| gains(&front, point))
                .collect();
            let beaten = |point: &[f64; 2]| {
                points.iter().any(|other| other != point && other[0] >= point[0] && other[1] >= point[1])
            };
            let expected: Vec<usize> = (0..40).filter(|index| !beaten(&points[*index])).collect();
            let mut found: Vec<usize> =
                plate.front_points().into_iter().map(|(series, place)| series * 20 + place).collect();
            let across: Vec<f64> =
                found.iter().map(|index| points[*index][0] * if x { 1.0 } else { -1.0 }).collect();
            assert!(across.is_sorted(), "from left to right");
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_staircase_leaves_every_point_on_its_worse_side() {
        let plate = scatter(false, true);
        let unit = Domain { low: 0.0, high: 11.0 };
        let frame = Frame { left: 0.0, right: 110.0, top: 0.0, bottom: 110.0, x: unit, y: unit };
        let mut draft = Draft::default();
        plate.draw_front(&mut draft, &frame);
        let Shape::Path { parts, .. } = &draft.marks[0].shape else { panic!("no path") };
        for pair in parts[0].windows(2) {
            assert!(pair[0][0] == pair[1][0] || pair[0][1] == pair[1][1], "a step is straight: {pair:?}");
            assert!(pair[0][0] <= pair[1][0] && pair[0][1] >= pair[1][1], "less is left, better is up");
        }
    }

    #[test]
    fn points_without_a_place_are_never_on_the_front() {
        let mut plate = scatter(true, true);
        plate.series[0].points[0].x = f64::INFINITY;
        plate.series[0].points[0].y = f64::INFINITY;
        assert!(!plate.front_points().contains(&(0, 0)));
        plate.front = None;
        assert!(plate.front_points().is_empty());
    }
}
