//! A layer as a strip of cells: full where units are used, outlined where they are not. The strip runs downwards or to
//! the right.

use crate::plate::data_routing::NetworkColumn;
use crate::plate::frame::Draft;
use crate::plate::scene::{Mark, Paint, Shape};

/// At most so many cells make up a strip.
const MOST_CELLS: usize = 32;
/// The room between two cells.
const GAP: f64 = 1.5;

/// Where a strip lies.
#[derive(Clone, Copy, Debug)]
pub struct Strip {
    /// The upper left corner.
    pub at: [f64; 2],
    /// How thick it is.
    pub thickness: f64,
    /// The length of one unit.
    pub unit: f64,
    /// How many units make up a cell.
    pub group: usize,
    /// Whether it runs downwards instead of to the right.
    pub upright: bool,
}

/// How many units one cell stands for, so that the largest layer has at most 32 cells: 1, 2, 4, 8…
pub fn group(largest: usize) -> usize {
    let mut group = 1_usize;
    while largest.div_ceil(group) > MOST_CELLS {
        group = group.saturating_mul(2);
    }
    group
}

impl Strip {
    /// The rectangle from one unit to another.
    fn part(&self, from: f64, to: f64) -> ([f64; 2], [f64; 2]) {
        let (start, length) = (from * self.unit, ((to - from) * self.unit - GAP).max(0.5));
        if self.upright {
            ([self.at[0], self.at[1] + start], [self.thickness, length])
        } else {
            ([self.at[0] + start, self.at[1]], [length, self.thickness])
        }
    }

    /// Draws a layer's cells.
    pub fn draw(&self, draft: &mut Draft, index: usize, column: &NetworkColumn) {
        let (total, lit) = (column.total, column.lit.min(column.total));
        if column.skipped || total == 0 {
            let (at, size) = self.part(0.0, total.max(1) as f64);
            let paint = if column.skipped { Paint::Skipped } else { Paint::Unlit };
            draft.rect(format!("cells-{index}"), at, size, paint);
            return;
        }
        for start in (0..total).step_by(self.group) {
            let end = start.saturating_add(self.group).min(total);
            let (at, size) = self.part(start as f64, end as f64);
            if lit > start {
                let (at, size) = self.part(start as f64, end.min(lit) as f64);
                draft.rect(format!("lit-{index}-{start}"), at, size, Paint::Lit);
            }
            if lit < end {
                draft.rect(format!("unlit-{index}-{start}"), at, size, Paint::Unlit);
            }
        }
    }

    /// The ends of the lit part, on the side that faces backwards or forwards.
    fn lit(&self, column: &NetworkColumn, forwards: bool) -> [[f64; 2]; 2] {
        let (at, size) = self.part(0.0, column.lit.min(column.total) as f64);
        let far = if forwards { self.thickness } else { 0.0 };
        if self.upright {
            [[at[0] + far, at[1]], [at[0] + far, at[1] + size[1]]]
        } else {
            [[at[0], at[1] + far], [at[0] + size[0], at[1] + far]]
        }
    }
}

/// Draws what connects the lit parts of two layers.
pub fn link(draft: &mut Draft, id: String, from: (&Strip, &NetworkColumn), to: (&Strip, &NetworkColumn)) {
    let ([a, b], [c, d]) = (from.0.lit(from.1, true), to.0.lit(to.1, false));
    draft.push(Mark::new(id, Shape::Path { parts: vec![vec![a, c, d, b]], closed: true }, Paint::Area));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(total: usize, lit: usize) -> Vec<(Paint, f64)> {
        let strip = Strip { at: [0.0; 2], thickness: 8.0, unit: 4.0, group: group(total), upright: true };
        let mut draft = Draft::default();
        strip.draw(&mut draft, 0, &NetworkColumn { total, lit, ..NetworkColumn::default() });
        let cell = |mark: &Mark| match &mark.shape {
            Shape::Rect { size, .. } => (mark.paint, (size[1] + GAP) / 4.0),
            _ => panic!("a cell is a rectangle"),
        };
        draft.marks.iter().map(cell).collect()
    }

    #[test]
    fn lit_cells_hold_exactly_the_units_in_use() {
        for (total, lit) in [(64, 24), (64, 23), (10, 10), (10, 0), (1, 1), (100, 37), (7, 9)] {
            let cells = drawn(total, lit);
            let units: f64 = cells.iter().filter(|cell| cell.0 == Paint::Lit).map(|cell| cell.1).sum();
            assert!((units - lit.min(total) as f64).abs() < 1e-9, "{total} {lit}: {units}");
            assert!(cells.iter().filter(|cell| cell.0 == Paint::Unlit).count() <= MOST_CELLS);
        }
    }

    #[test]
    fn a_strip_never_has_more_than_thirty_two_cells() {
        assert_eq!([0, 1, 32, 33, 64, 65, 1000].map(group), [1, 1, 1, 2, 2, 4, 32]);
        for largest in [usize::MAX, usize::MAX / 2, 1 << 40] {
            assert!(largest.div_ceil(group(largest)) <= MOST_CELLS);
        }
    }
}
