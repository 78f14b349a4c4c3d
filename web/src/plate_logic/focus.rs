//! The keyboard's way through a picture: one stop at a time, by the arrows to the neighbour in that direction, into
//! a group and out of it.

use switchyard::experiment::UnitMarks;
use switchyard::order;
use switchyard::plate::Scene;
use switchyard::plate::scene::{Mark, Shape};

use super::bounds::{bounds, middle};

/// A place where the focus can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// The mark's identifier.
    pub id: String,
    /// What it says.
    pub name: String,
    /// Its middle.
    pub at: [f64; 2],
    /// Whether it has members to step into.
    pub group: bool,
    /// Whether it can be asked about.
    pub unit: bool,
}

/// A key that moves the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To the neighbour on the left.
    Left,
    /// To the neighbour on the right.
    Right,
    /// To the neighbour above.
    Up,
    /// To the neighbour below.
    Down,
    /// To the next one in order.
    Next,
    /// To the one before in order.
    Previous,
    /// To the first one.
    First,
    /// To the last one.
    Last,
}

impl Move {
    /// The move that a key asks for, by its name in the browser.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "PageDown" => Self::Next,
            "PageUp" => Self::Previous,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

/// The stops of a picture, in order: what the scene says can be focused, and every unit that can be asked about.
pub fn stops(scene: &Scene, units: Option<&UnitMarks>) -> Vec<Stop> {
    let is_unit = |mark: &Mark| units.is_some_and(|units| units.row(&mark.id).is_some());
    let mut found: Vec<(usize, Stop)> = Vec::new();
    for mark in scene.all_marks() {
        let unit = is_unit(mark);
        let place = mark.focus.or(unit.then_some(usize::MAX));
        if let (Some(place), Some(stop)) = (place, stop(mark, unit)) {
            found.push((place, stop));
        }
    }
    order::sort_by_key(&mut found, |(place, _)| *place);
    found.into_iter().map(|(_, stop)| stop).collect()
}

/// The stops inside a group: its named members.
pub fn members(scene: &Scene, group: &str, units: Option<&UnitMarks>) -> Vec<Stop> {
    let all = scene.all_marks();
    let Some(Shape::Group { marks }) = all.into_iter().find(|mark| mark.id == group).map(|mark| &mark.shape)
    else {
        return Vec::new();
    };
    marks
        .iter()
        .filter_map(|mark| stop(mark, units.is_some_and(|units| units.row(&mark.id).is_some())))
        .collect()
}

/// The group that a mark is a member of.
pub fn group_of<'a>(scene: &'a Scene, id: &str) -> Option<&'a Mark> {
    scene.all_marks().into_iter().find(|mark| match &mark.shape {
        Shape::Group { marks } => mark.focus.is_some() && marks.iter().any(|member| member.id == id),
        _ => false,
    })
}

/// The mark as a stop, if it has a name and a place.
fn stop(mark: &Mark, unit: bool) -> Option<Stop> {
    let members = match &mark.shape {
        Shape::Group { marks } => marks.iter().any(|member| member.name.is_some()),
        _ => false,
    };
    Some(Stop {
        id: mark.id.clone(),
        name: mark.name.clone()?,
        at: middle(bounds(mark)?),
        group: members && !unit,
        unit,
    })
}

/// Where a move leads from the stop of this identifier: an index into the stops. Arrows lead to the nearest stop in
/// their direction, and where there is none, on in the order.
pub fn moved(stops: &[Stop], from: &str, by: Move) -> Option<usize> {
    let last = stops.len().checked_sub(1)?;
    let Some(here) = stops.iter().position(|stop| stop.id == from) else { return Some(0) };
    let (next, previous) = ((here + 1).min(last), here.saturating_sub(1));
    let nearest = |ahead: fn([f64; 2]) -> [f64; 2]| {
        let cost = |stop: &Stop| {
            let [along, aside] = ahead([stop.at[0] - stops[here].at[0], stop.at[1] - stops[here].at[1]]);
            let aside = aside.abs();
            (along > 0.5 && aside <= along).then_some(along + 2.0 * aside)
        };
        let costs = stops.iter().enumerate().filter_map(|(index, stop)| Some((index, cost(stop)?)));
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
    };
    Some(match by {
        Move::First => 0,
        Move::Last => last,
        Move::Next => next,
        Move::Previous => previous,
        Move::Right => nearest(|[x, y]| [x, y]).unwrap_or(next),
        Move::Left => nearest(|[x, y]| [-x, y]).unwrap_or(previous),
        Move::Down => nearest(|[x, y]| [y, x]).unwrap_or(next),
        Move::Up => nearest(|[x, y]| [-y, x]).unwrap_or(previous),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::plate::scene::Paint;

    fn circle(id: &str, at: [f64; 2]) -> Mark {
        Mark::new(id, Shape::Circle { at, radius: 2.0 }, Paint::Dot).named(format!("mark {id}"))
    }

    fn scene(marks: Vec<Mark>) -> Scene {
        let (title, description) = (String::new(), String::new());
        Scene { title, description, width: 100.0, height: 100.0, marks }
    }

    /// A grid of three by three, named by row and column.
    fn grid() -> Vec<Stop> {
        let place = |index: usize| [10.0 + 30.0 * (index % 3) as f64, 10.0 + 30.0 * (index / 3) as f64];
        let marks =
            (0..9).map(|index| circle(&format!("point-{index}"), place(index)).focused(index)).collect();
        stops(&scene(marks), None)
    }

    #[test]
    fn arrows_lead_to_the_neighbour_and_on_at_the_edge() {
        let grid = grid();
        let lead = |from: &str, by| moved(&grid, from, by).map(|index| grid[index].id.clone());
        assert_eq!(lead("point-4", Move::Up).as_deref(), Some("point-1"));
        assert_eq!(lead("point-4", Move::Left).as_deref(), Some("point-3"));
        assert_eq!(lead("point-2", Move::Right).as_deref(), Some("point-3"), "the next line");
        assert_eq!(lead("point-8", Move::Down).as_deref(), Some("point-8"));
        assert_eq!(lead("point-4", Move::Last).as_deref(), Some("point-8"));
        assert_eq!(lead("gone", Move::Right).as_deref(), Some("point-0"));
        assert_eq!(moved(&[], "gone", Move::Right), None);
    }

    #[test]
    fn next_and_previous_reach_every_stop() {
        let grid = grid();
        let mut at = 0;
        for expected in 1..grid.len() {
            at = moved(&grid, &grid[at].id, Move::Next).expect("the grid has stops");
            assert_eq!(at, expected);
        }
        assert_eq!(moved(&grid, &grid[0].id, Move::Previous), Some(0));
    }

    #[test]
    fn units_are_stops_also_inside_a_group() {
        let group = Shape::Group { marks: vec![circle("a-0", [1.0, 1.0]), circle("a-1", [9.0, 1.0])] };
        let group = Mark::new("series-0", group, Paint::None).named("series").focused(0);
        let scene = scene(vec![group]);
        let units = UnitMarks { prefix: "a-".to_owned(), rows: vec![5] };
        let found = stops(&scene, Some(&units));
        let told: Vec<_> = found.iter().map(|stop| (stop.id.as_str(), stop.group, stop.unit)).collect();
        assert_eq!(told, [("series-0", true, false), ("a-0", false, true)]);
        assert_eq!(members(&scene, "series-0", None).len(), 2);
        assert_eq!(group_of(&scene, "a-1").map(|mark| mark.id.as_str()), Some("series-0"));
        assert_eq!(group_of(&scene, "series-0"), None);
    }
}
