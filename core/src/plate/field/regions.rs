//! What a grid of slots looks like as regions: connected pieces, a place for a label inside each, and the lines
//! between them. It measures in cells and draws nothing.

use crate::order;

/// A connected piece of one slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its slot.
    pub slot: u8,
    /// How many cells it has.
    pub cells: usize,
    /// Cells that lie far inside, with their distance to the edge in cells, the best place for a label first.
    pub places: Vec<(usize, f64)>,
}

/// How many places for a label each region offers.
const PLACES: usize = 24;

/// The regions of a grid, the largest first. `crowd` says how much each cell would rather stay free.
pub fn regions(columns: usize, slots: &[u8], crowd: &[f64]) -> Vec<Region> {
    let distances = distances(columns, slots);
    let mut seen = vec![false; slots.len()];
    let mut found = Vec::new();
    for start in 0..slots.len() {
        if !seen[start] {
            let cells = piece(columns, slots, start, &mut seen);
            let mut places: Vec<(usize, f64)> = cells.iter().map(|cell| (*cell, distances[*cell])).collect();
            let deepest = places.iter().fold(0.0_f64, |most, place| most.max(place.1));
            places.retain(|place| place.1 >= 0.7 * deepest);
            let rank = |place: &(usize, f64)| crowd.get(place.0).copied().unwrap_or(0.0) - place.1 / deepest;
            order::sort(&mut places, |a, b| rank(a).total_cmp(&rank(b)).then(a.0.cmp(&b.0)));
            let every = places.len().div_ceil(PLACES).max(1);
            let places = places.into_iter().step_by(every).collect();
            found.push(Region { slot: slots[start], cells: cells.len(), places });
        }
    }
    order::sort(&mut found, |a, b| b.cells.cmp(&a.cells).then(a.slot.cmp(&b.slot)));
    found
}

/// The cells that hang together with `start` by their sides and have its slot.
fn piece(columns: usize, slots: &[u8], start: usize, seen: &mut [bool]) -> Vec<usize> {
    let mut cells = vec![start];
    seen[start] = true;
    let mut next = 0;
    while let Some(&cell) = cells.get(next) {
        next += 1;
        for neighbour in neighbours(columns, slots.len(), cell).into_iter().flatten() {
            if !seen[neighbour] && slots[neighbour] == slots[start] {
                seen[neighbour] = true;
                cells.push(neighbour);
            }
        }
    }
    cells
}

/// The cells to the left and right, above and below.
fn neighbours(columns: usize, count: usize, cell: usize) -> [Option<usize>; 4] {
    let column = cell % columns;
    [
        (column > 0).then(|| cell - 1),
        (column + 1 < columns).then_some(cell + 1),
        cell.checked_sub(columns),
        Some(cell + columns).filter(|below| *below < count),
    ]
}

/// How far each cell's middle is from the nearest cell of another slot or from the border of the plane, in cells,
/// with steps to the side and aslant (a chamfer distance, at most a twelfth too long or too short).
fn distances(columns: usize, slots: &[u8]) -> Vec<f64> {
    const SIDE: f64 = 0.955;
    const ASLANT: f64 = 1.369;
    let rows = slots.len() / columns;
    let edge = |cell: usize| {
        let around = neighbours(columns, slots.len(), cell);
        around.into_iter().any(|other| other.is_none_or(|other| slots[other] != slots[cell]))
    };
    let mut distances: Vec<f64> =
        (0..slots.len()).map(|cell| if edge(cell) { 0.5 } else { f64::INFINITY }).collect();
    let mut relax = |cell: usize, steps: [(isize, isize); 4]| {
        let (row, column) = ((cell / columns) as isize, (cell % columns) as isize);
        for (down, across) in steps {
            let (row, column) = (row + down, column + across);
            if (0..rows as isize).contains(&row) && (0..columns as isize).contains(&column) {
                let other = row as usize * columns + column as usize;
                let step = if down != 0 && across != 0 { ASLANT } else { SIDE };
                distances[cell] = distances[cell].min(distances[other] + step);
            }
        }
    };
    for cell in 0..slots.len() {
        relax(cell, [(0, -1), (-1, -1), (-1, 0), (-1, 1)]);
    }
    for cell in (0..slots.len()).rev() {
        relax(cell, [(0, 1), (1, 1), (1, 0), (1, -1)]);
    }
    distances
}

/// The lines between cells of different slots, from corner to corner, in cells; straight stretches are one line.
pub fn outlines(columns: usize, slots: &[u8]) -> Vec<[[usize; 2]; 2]> {
    let rows = slots.len() / columns;
    let at = |row: usize, column: usize| slots[row * columns + column];
    let mut lines = Vec::new();
    for column in 1..columns {
        let parted = |row: usize| at(row, column - 1) != at(row, column);
        lines.extend(stretches(rows, parted).map(|(from, to)| [[column, from], [column, to]]));
    }
    for row in 1..rows {
        let parted = |column: usize| at(row - 1, column) != at(row, column);
        lines.extend(stretches(columns, parted).map(|(from, to)| [[from, row], [to, row]]));
    }
    lines
}

/// The stretches of numbers below `count` for which something holds, each from its first to after its last.
fn stretches(count: usize, holds: impl Fn(usize) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for index in 0..=count {
        match (index < count && holds(index), start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                found.push((from, index));
                start = None;
            }
            _ => {}
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of slot 1 in slot 0, with a lone cell of slot 2 in a corner.
    fn ring() -> Vec<u8> {
        let mut slots = vec![0; 49];
        for row in 1..6 {
            for column in 1..6 {
                slots[row * 7 + column] = u8::from(!(3..4).contains(&row) || !(3..4).contains(&column));
            }
        }
        slots[0] = 2;
        slots
    }

    #[test]
    fn pieces_that_touch_only_at_corners_are_apart() {
        let found = regions(2, &[0, 1, 1, 0], &[]);
        assert_eq!(
            found.iter().map(|region| (region.slot, region.cells)).collect::<Vec<_>>(),
            [(0, 1), (0, 1), (1, 1), (1, 1)]
        );
        assert_eq!(regions(1, &[3, 3, 3], &[])[0].cells, 3);
    }

    #[test]
    fn every_cell_belongs_to_one_region_and_labels_lie_inside_their_own() {
        let slots = ring();
        let found = regions(7, &slots, &[]);
        assert_eq!(found.iter().map(|region| region.cells).sum::<usize>(), 49);
        assert_eq!(found.iter().map(|region| region.cells).collect::<Vec<_>>(), [24, 23, 1, 1]);
        for region in &found {
            assert!(region.places.iter().all(|place| slots[place.0] == region.slot));
        }
    }

    #[test]
    fn a_label_lies_in_the_middle_of_a_square_unless_points_crowd_there() {
        let slots = [4_u8; 81];
        assert_eq!(regions(9, &slots, &[])[0].places[0].0, 40);
        let mut crowd = [0.0; 81];
        crowd[40] = 9.0;
        assert_ne!(regions(9, &slots, &crowd)[0].places[0].0, 40);
    }

    #[test]
    fn distances_grow_towards_the_middle_as_a_slow_search_says() {
        let slots = ring();
        let fast = distances(7, &slots);
        for cell in 0..49 {
            let (row, column) = ((cell / 7) as f64, (cell % 7) as f64);
            let edges = (0..49).filter(|other| fast[*other] == 0.5 && slots[*other] == slots[cell]);
            let far = |other: usize| libm::hypot(row - (other / 7) as f64, column - (other % 7) as f64);
            let slow = edges.map(far).fold(f64::INFINITY, f64::min) + 0.5;
            assert!((fast[cell] - slow).abs() <= 0.1 * slow, "{cell}: {} {slow}", fast[cell]);
        }
    }

    #[test]
    fn outlines_part_exactly_the_neighbours_that_differ() {
        let slots = ring();
        let length: usize =
            outlines(7, &slots).iter().map(|[from, to]| to[0] - from[0] + to[1] - from[1]).sum();
        let mut parted = 0;
        for cell in 0..49 {
            let [_, right, _, below] = neighbours(7, 49, cell);
            parted +=
                [right, below].into_iter().flatten().filter(|other| slots[*other] != slots[cell]).count();
        }
        assert_eq!(length, parted);
        assert!(outlines(7, &[5; 49]).is_empty());
    }
}
