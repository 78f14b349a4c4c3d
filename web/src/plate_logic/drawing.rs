//! A small picture drawn cell by cell, each cell with one of a few levels of ink.

use super::focus::Move;

/// How much ink the levels hold, from paper to full.
pub const INK: [f32; 4] = [0.0, 0.35, 0.7, 1.0];

/// A picture being drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    width: usize,
    levels: Vec<u8>,
}

impl Drawing {
    /// Blank paper.
    pub fn blank(width: usize, height: usize) -> Self {
        Self { width: width.max(1), levels: vec![0; width * height] }
    }

    /// Cells of a line.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Each cell's level of ink, line by line.
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Each cell's ink, from 0 to 1, line by line.
    pub fn ink(&self) -> Vec<f32> {
        self.levels.iter().map(|level| INK[usize::from(*level)]).collect()
    }

    /// Whether nothing is drawn.
    pub fn is_blank(&self) -> bool {
        self.levels.iter().all(|level| *level == 0)
    }

    /// The picture with a cell at a level; as it was where there is no such cell.
    #[must_use]
    pub fn with(&self, cell: usize, level: u8) -> Self {
        let mut drawn = self.clone();
        if let Some(old) = drawn.levels.get_mut(cell) {
            *old = level.min(INK.len() as u8 - 1);
        }
        drawn
    }

    /// The picture with every cell on the way from one cell to another at a level.
    #[must_use]
    pub fn with_line(&self, from: usize, to: usize, level: u8) -> Self {
        let place = |cell: usize| [(cell % self.width) as f64, (cell / self.width) as f64];
        let ([x, y], [far_x, far_y]) = (place(from), place(to));
        let steps = (far_x - x).abs().max((far_y - y).abs()).max(1.0);
        let cell = |step: usize| {
            let part = step as f64 / steps;
            let [column, line] = [x + (far_x - x) * part, y + (far_y - y) * part].map(f64::round);
            line as usize * self.width + column as usize
        };
        (0..=steps as usize).fold(self.clone(), |drawn, step| drawn.with(cell(step), level))
    }

    /// The picture with a cell one level darker, and blank after full.
    #[must_use]
    pub fn cycled(&self, cell: usize) -> Self {
        let level = self.levels.get(cell).copied().unwrap_or(0);
        self.with(cell, (level + 1) % INK.len() as u8)
    }

    /// The level that a stroke from this cell draws with: full ink, or paper where it begins on full ink.
    pub fn stroke_from(&self, cell: usize) -> u8 {
        let full = INK.len() as u8 - 1;
        if self.levels.get(cell) == Some(&full) { 0 } else { full }
    }

    /// The picture with a stamp's ink, cell by cell at the nearest level.
    #[must_use]
    pub fn stamped(&self, ink: &[f32]) -> Self {
        let distance = |level: usize, ink: f32| (INK[level] - ink).abs();
        let nearest = |ink: f32| {
            (0..INK.len()).min_by(|a, b| distance(*a, ink).total_cmp(&distance(*b, ink))).unwrap_or(0) as u8
        };
        let levels = (0..self.levels.len()).map(|cell| ink.get(cell).map_or(0, |ink| nearest(*ink)));
        Self { width: self.width, levels: levels.collect() }
    }

    /// The cell that a key leads to.
    pub fn moved(&self, cell: usize, by: Move) -> usize {
        let (column, line) = (cell % self.width, cell / self.width);
        let last = self.levels.len().saturating_sub(1);
        match by {
            Move::Left if column > 0 => cell - 1,
            Move::Right if column + 1 < self.width => cell + 1,
            Move::Up if line > 0 => cell - self.width,
            Move::Down if cell + self.width <= last => cell + self.width,
            Move::First => line * self.width,
            Move::Last => (line * self.width + self.width - 1).min(last),
            Move::Previous => column,
            Move::Next => last / self.width * self.width + column,
            _ => cell,
        }
    }
}

/// Ten digits on eight by eight cells, to begin a drawing with: `#` is full ink, `+` is some.
const DIGITS: [[&str; 8]; 10] = [
    ["..+##+..", ".+#++#+.", ".#+..+#.", ".#....#.", ".#....#.", ".#+..+#.", ".+#++#+.", "..+##+.."],
    ["...+#...", "..+##...", ".+#+#...", "....#...", "....#...", "....#...", "....#...", "...###.."],
    ["..+##+..", ".+#++#+.", ".+...+#.", ".....+#.", "....+#+.", "...+#+..", "..+#+...", ".+#####."],
    ["..####..", ".+..+#+.", ".....#+.", "...###..", "....+#+.", ".....+#.", ".+..+#+.", "..###+.."],
    ["....+#..", "...+#+..", "..+#+...", ".+#+.#..", ".#+..#..", ".######.", ".....#..", ".....#.."],
    [".+#####.", ".#+.....", ".#+.....", ".####+..", ".+..+#+.", ".....+#.", ".+..+#+.", ".+###+.."],
    ["...+#+..", "..+#+...", ".+#+....", ".#+##+..", ".##++#+.", ".#+..+#.", ".+#++#+.", "..+##+.."],
    [".######.", ".+++.+#.", ".....#+.", "....+#..", "...+#+..", "...#+...", "..+#....", "..#+...."],
    ["..+##+..", ".+#++#+.", ".+#++#+.", "..+##+..", ".+#++#+.", ".#+..+#.", ".+#++#+.", "..+##+.."],
    ["..+##+..", ".+#++#+.", ".#+..+#.", ".+#+++#.", "..+##+#.", ".....+#.", "....+#+.", "..+#+..."],
];

/// A digit to begin with, cell by cell, for drawings of eight by eight.
pub fn digit(digit: usize) -> Option<Vec<f32>> {
    let ink = |letter: char| match letter {
        '#' => 1.0,
        '+' => 0.35,
        _ => 0.0,
    };
    Some(DIGITS.get(digit)?.iter().flat_map(|line| line.chars().map(ink)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_goes_through_all_levels_and_back_to_paper() {
        let mut drawing = Drawing::blank(3, 2);
        for level in [1, 2, 3, 0] {
            drawing = drawing.cycled(4);
            assert_eq!(drawing.levels()[4], level);
        }
        assert!(drawing.is_blank());
        assert_eq!(drawing.with(99, 3), drawing, "no such cell");
    }

    #[test]
    fn a_stroke_that_begins_on_full_ink_wipes() {
        let drawing = Drawing::blank(2, 2).with(1, 3);
        assert_eq!((drawing.stroke_from(0), drawing.stroke_from(1)), (3, 0));
    }

    #[test]
    fn a_fast_stroke_leaves_no_gap() {
        let drawn = Drawing::blank(4, 4).with_line(0, 11, 3);
        let inked: Vec<usize> = (0..16).filter(|cell| drawn.levels()[*cell] == 3).collect();
        assert_eq!(inked, [0, 5, 6, 11]);
        assert_eq!(Drawing::blank(4, 4).with_line(5, 5, 3), Drawing::blank(4, 4).with(5, 3));
    }

    #[test]
    fn keys_stay_inside_the_grid() {
        let drawing = Drawing::blank(3, 2);
        let lead = |cell, by| drawing.moved(cell, by);
        assert_eq!(
            [lead(0, Move::Left), lead(2, Move::Right), lead(1, Move::Up), lead(4, Move::Down)],
            [0, 2, 1, 4]
        );
        assert_eq!([lead(1, Move::Down), lead(4, Move::Up), lead(3, Move::Right)], [4, 1, 4]);
        assert_eq!(
            [lead(4, Move::First), lead(4, Move::Last), lead(4, Move::Previous), lead(1, Move::Next)],
            [3, 5, 1, 4]
        );
    }

    #[test]
    fn every_digit_to_begin_with_has_sixty_four_cells_and_is_another_one() {
        let digits: Vec<_> = (0..10).filter_map(digit).collect();
        assert_eq!(digits.len(), 10);
        for (index, ink) in digits.iter().enumerate() {
            assert_eq!(ink.len(), 64, "{index}");
            assert!(!digits[..index].contains(ink), "{index}");
            let drawn = Drawing::blank(8, 8).stamped(ink);
            assert_eq!(drawn.ink(), *ink, "{index}: a stamp uses levels that can be drawn");
        }
        assert_eq!(digit(10), None);
    }
}
