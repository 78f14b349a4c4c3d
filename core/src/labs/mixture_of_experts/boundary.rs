//! Where the predicted class changes: lines through a grid of class logits.
//!
//! Every square of four neighbouring grid points is cut into two triangles (marching triangles: unlike marching
//! squares they have no ambiguous case, and any number of classes works). On a side whose ends belong to different
//! classes the line passes where the two classes' logits meet. Pieces that share such a point are joined.

use std::collections::BTreeMap;

/// A grid of points with the logits of every class at each, row by row.
pub(super) struct Grid<'a> {
    pub columns: usize,
    pub rows: usize,
    pub classes: usize,
    /// `[rows * columns, classes]`.
    pub logits: &'a [f32],
    /// The likeliest class of each point.
    pub predicted: &'a [usize],
}

/// A point of a line: on the side between two grid points, or in the middle of a triangle where three classes meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Side(usize, usize),
    Middle(usize, usize),
}

/// A line's points in the grid's own units: columns from the left, rows from the top.
pub(super) type Line = Vec<[f64; 2]>;

/// The boundary lines of a grid.
pub(super) fn lines(grid: &Grid<'_>) -> Vec<Line> {
    let mut places = BTreeMap::new();
    let mut pieces = Vec::new();
    for row in 0..grid.rows.saturating_sub(1) {
        for column in 0..grid.columns.saturating_sub(1) {
            let [a, b] = [row * grid.columns + column, row * grid.columns + column + 1];
            let [c, d] = [a + grid.columns, b + grid.columns];
            for triangle in [[a, b, c], [b, c, d]] {
                cut(grid, triangle, &mut places, &mut pieces);
            }
        }
    }
    joined(&pieces).into_iter().map(|line| line.into_iter().map(|node| places[&node]).collect()).collect()
}

/// The pieces of boundary in one triangle: none, one from side to side, or three that meet in its middle.
fn cut(
    grid: &Grid<'_>,
    triangle: [usize; 3],
    places: &mut BTreeMap<Node, [f64; 2]>,
    pieces: &mut Vec<[Node; 2]>,
) {
    let [a, b, c] = triangle;
    let crossed: Vec<Node> = [[a, b], [b, c], [a, c]]
        .into_iter()
        .filter(|[from, to]| grid.predicted[*from] != grid.predicted[*to])
        .map(|[from, to]| {
            let node = Node::Side(from, to);
            places.entry(node).or_insert_with(|| crossing(grid, from, to));
            node
        })
        .collect();
    match crossed[..] {
        [first, second] => pieces.push([first, second]),
        [_, _, _] => {
            let middle = Node::Middle(a, c);
            let at = |axis: usize| crossed.iter().map(|node| places[node][axis]).sum::<f64>() / 3.0;
            let place = [at(0), at(1)];
            places.insert(middle, place);
            pieces.extend(crossed.iter().map(|node| [*node, middle]));
        }
        _ => {}
    }
}

/// Where the logits of the two ends' classes meet on a side.
fn crossing(grid: &Grid<'_>, from: usize, to: usize) -> [f64; 2] {
    let lead = |point: usize| {
        let logit = |class: usize| f64::from(grid.logits[point * grid.classes + class]);
        logit(grid.predicted[from]) - logit(grid.predicted[to])
    };
    let (start, end) = (lead(from), lead(to));
    let share = if start > end { (start / (start - end)).clamp(0.0, 1.0) } else { 0.5 };
    let place = |point: usize| [(point % grid.columns) as f64, (point / grid.columns) as f64];
    let (first, last) = (place(from), place(to));
    [0, 1].map(|axis| first[axis] + share * (last[axis] - first[axis]))
}

/// Pieces with common ends as lines: from every end and every meeting of three first, then what is closed.
fn joined(pieces: &[[Node; 2]]) -> Vec<Vec<Node>> {
    let mut touching: BTreeMap<Node, Vec<usize>> = BTreeMap::new();
    for (piece, ends) in pieces.iter().enumerate() {
        ends.iter().for_each(|end| touching.entry(*end).or_default().push(piece));
    }
    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    let ends: Vec<Node> =
        touching.iter().filter(|(_, pieces)| pieces.len() != 2).map(|(node, _)| *node).collect();
    let all: Vec<Node> = touching.keys().copied().collect();
    for start in ends.into_iter().chain(all) {
        while let Some(mut piece) = touching[&start].iter().copied().find(|piece| !used[*piece]) {
            let mut line = vec![start];
            loop {
                used[piece] = true;
                let at = line[line.len() - 1];
                let next = if pieces[piece][0] == at { pieces[piece][1] } else { pieces[piece][0] };
                line.push(next);
                let around = &touching[&next];
                let goes_on = around.iter().copied().find(|piece| !used[*piece]);
                match goes_on.filter(|_| around.len() == 2) {
                    Some(following) => piece = following,
                    None => break,
                }
            }
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid_lines(size: usize, classes: usize, logit: impl Fn(f64, f64, usize) -> f64) -> Vec<Line> {
        let points = (0..size * size).map(|point| ((point % size) as f64, (point / size) as f64));
        let logits: Vec<f32> = points
            .flat_map(|(x, y)| (0..classes).map(move |class| (x, y, class)))
            .map(|(x, y, c)| logit(x, y, c) as f32)
            .collect();
        let best = |row: &[f32]| {
            (0..classes).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        };
        let predicted: Vec<usize> = logits.chunks(classes).map(best).collect();
        lines(&Grid { columns: size, rows: size, classes, logits: &logits, predicted: &predicted })
    }

    #[test]
    fn a_straight_boundary_is_one_line_in_its_exact_place() {
        let lines = grid_lines(6, 2, |x, _, class| if class == 0 { 2.3 - x } else { x - 2.3 });
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|point| (point[0] - 2.3).abs() < 1e-6), "{lines:?}");
        let ends = [lines[0][0][1], lines[0][lines[0].len() - 1][1]];
        assert_eq!((ends[0].min(ends[1]), ends[0].max(ends[1])), (0.0, 5.0));
    }

    #[test]
    fn a_circle_is_one_closed_line_at_its_radius() {
        let lines = grid_lines(21, 2, |x, y, class| {
            let outside = (x - 10.0).hypot(y - 10.0) - 6.0;
            if class == 0 { -outside } else { outside }
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!(lines[0].iter().all(|[x, y]| ((x - 10.0).hypot(y - 10.0) - 6.0).abs() < 0.1), "{lines:?}");
    }

    #[test]
    fn three_classes_meet_in_one_point_and_one_class_has_no_boundary() {
        let three = grid_lines(11, 3, |x, y, class| match class {
            0 => 5.2 - y,
            1 => (y - 5.2) + (5.2 - x),
            _ => (y - 5.2) + (x - 5.2),
        });
        assert_eq!(three.len(), 3, "{three:?}");
        let shared = |point: &[f64; 2]| {
            three.iter().all(|line| line.first() == Some(point) || line.last() == Some(point))
        };
        assert!(three[0].first().is_some_and(shared) || three[0].last().is_some_and(shared), "{three:?}");
        assert!(grid_lines(5, 2, |_, _, class| class as f64).is_empty());
        assert!(grid_lines(1, 2, |_, _, class| class as f64).is_empty());
    }
}
