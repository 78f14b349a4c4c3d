//! One small regression tree, grown level by level: at every node the split of one column that lowers the squared error most.

use super::check_length;

/// Splits on the way to a leaf.
const LEVELS: usize = 4;
/// Rows of a leaf, at least.
const LEAF_ROWS: usize = 3;
/// A split that lowers the squared error by a smaller share is rounding.
const ROUNDING: f64 = 1e-9;

/// A grown tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree {
    columns: usize,
    /// The root first.
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Leaf(f64),
    /// Rows whose column is at most the threshold go on at `low`, the others at the node behind it.
    Split {
        column: usize,
        threshold: f64,
        low: usize,
    },
}

/// How many rows, and the sum of their targets.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    count: usize,
    sum: f64,
}

impl Part {
    fn add(&mut self, target: f64) {
        self.count += 1;
        self.sum += target;
    }

    /// By how much its mean lowers the squared error, against 0.
    fn explained(self) -> f64 {
        self.sum * self.sum / self.count as f64
    }
}

/// The best split of a node that is known so far.
#[derive(Debug, Clone, Copy)]
struct Best {
    gain: f64,
    column: usize,
    threshold: f64,
}

/// The rows that trees are grown on, sorted once by each column.
pub(super) struct Grower<'a> {
    rows: &'a [Vec<f64>],
    /// For each column the places of the rows, the smallest number first; equal numbers in the order of rows.
    orders: Vec<Vec<usize>>,
}

impl<'a> Grower<'a> {
    pub fn new(rows: &'a [Vec<f64>], columns: usize) -> Self {
        let order = |column: usize| {
            let mut places: Vec<usize> = (0..rows.len()).collect();
            places.sort_by(|a, b| rows[*a][column].total_cmp(&rows[*b][column]));
            places
        };
        Self { rows, orders: (0..columns).map(order).collect() }
    }

    /// A tree for the rows that are wanted. Its leaves hold the mean target of their rows.
    pub fn grow(&self, targets: &[f64], wanted: &[bool]) -> Tree {
        let mut nodes = vec![Node::Leaf(0.0)];
        // The node that each row is at, where it takes part.
        let mut at: Vec<Option<usize>> = wanted.iter().map(|wanted| wanted.then_some(0)).collect();
        let mut first = 0;
        for level in 0..=LEVELS {
            let (parts, squares) = self.parts(&nodes[first..], first, targets, &at);
            for (place, part) in parts.iter().enumerate() {
                nodes[first + place] =
                    Node::Leaf(if part.count > 0 { part.sum / part.count as f64 } else { 0.0 });
            }
            if level == LEVELS {
                break;
            }
            let best = self.best_splits(&parts, &squares, first, targets, &at);
            let end = nodes.len();
            for (place, best) in best.iter().enumerate() {
                if let Some(Best { column, threshold, .. }) = best {
                    nodes[first + place] =
                        Node::Split { column: *column, threshold: *threshold, low: nodes.len() };
                    nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
                }
            }
            for (row, at) in self.rows.iter().zip(&mut at) {
                *at = at.and_then(|node| next(&nodes[node], row));
            }
            first = end;
        }
        Tree { columns: self.orders.len(), nodes }
    }

    /// What is in each node of a level, and the squares of its targets.
    fn parts(
        &self,
        level: &[Node],
        first: usize,
        targets: &[f64],
        at: &[Option<usize>],
    ) -> (Vec<Part>, Vec<f64>) {
        let (mut parts, mut squares) = (vec![Part::default(); level.len()], vec![0.0; level.len()]);
        for (node, target) in at.iter().zip(targets) {
            if let Some(node) = node {
                parts[node - first].add(*target);
                squares[node - first] += target * target;
            }
        }
        (parts, squares)
    }

    /// The best split of each node of a level, where one is worth it: one walk along every column serves all nodes.
    fn best_splits(
        &self,
        parts: &[Part],
        squares: &[f64],
        first: usize,
        targets: &[f64],
        at: &[Option<usize>],
    ) -> Vec<Option<Best>> {
        let mut best: Vec<Option<Best>> = vec![None; parts.len()];
        for (column, order) in self.orders.iter().enumerate() {
            let mut below = vec![Part::default(); parts.len()];
            let mut last = vec![0.0; parts.len()];
            for &place in order {
                let Some(node) = at[place].map(|node| node - first) else { continue };
                let (value, low, all) = (self.rows[place][column], below[node], parts[node]);
                let high = Part { count: all.count - low.count, sum: all.sum - low.sum };
                if low.count >= LEAF_ROWS && high.count >= LEAF_ROWS && value > last[node] {
                    let gain = low.explained() + high.explained() - all.explained();
                    let known = best[node].map_or(ROUNDING * squares[node], |best| best.gain);
                    if gain > known {
                        best[node] = Some(Best { gain, column, threshold: between(last[node], value) });
                    }
                }
                below[node].add(targets[place]);
                last[node] = value;
            }
        }
        best
    }
}

/// A number that is at least `low` and below `high`, in the middle where rounding lets it.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    if middle < high { middle } else { low }
}

/// Where a row goes on from a node; nowhere from a leaf.
fn next(node: &Node, row: &[f64]) -> Option<usize> {
    match node {
        Node::Leaf(_) => None,
        Node::Split { column, threshold, low } => Some(low + usize::from(row[*column] > *threshold)),
    }
}

impl Tree {
    /// The mean target of the leaf that a row belongs to.
    pub fn predict(&self, row: &[f64]) -> f64 {
        check_length(row, self.columns);
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Leaf(mean) => return *mean,
                split => at = next(split, row).unwrap_or(at),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    /// The best first split by trying every one: its column and its gain.
    fn best_by_trying(rows: &[Vec<f64>], targets: &[f64]) -> (usize, f64) {
        let explained = |places: &[usize]| {
            let sum: f64 = places.iter().map(|place| targets[*place]).sum();
            sum * sum / places.len() as f64
        };
        let all: Vec<usize> = (0..rows.len()).collect();
        let mut best = (0, 0.0);
        for column in 0..rows[0].len() {
            for threshold in rows.iter().map(|row| row[column]) {
                let (low, high): (Vec<usize>, Vec<usize>) =
                    all.iter().partition(|place| rows[**place][column] <= threshold);
                if low.len() >= LEAF_ROWS && high.len() >= LEAF_ROWS {
                    let gain = explained(&low) + explained(&high) - explained(&all);
                    if gain > best.1 + 1e-12 {
                        best = (column, gain);
                    }
                }
            }
        }
        best
    }

    #[test]
    fn the_first_split_is_the_best_of_all() {
        let mut stream = Streams::new(3).stream("test");
        for _ in 0..20 {
            let rows: Vec<Vec<f64>> =
                (0..30).map(|_| (0..3).map(|_| stream.below(6) as f64).collect()).collect();
            let targets: Vec<f64> = (0..30).map(|_| stream.normal()).collect();
            let grower = Grower::new(&rows, 3);
            let at = vec![Some(0); 30];
            let (parts, squares) = grower.parts(&[Node::Leaf(0.0)], 0, &targets, &at);
            let found =
                grower.best_splits(&parts, &squares, 0, &targets, &at)[0].expect("noise can be split");
            let (column, gain) = best_by_trying(&rows, &targets);
            assert_eq!(found.column, column);
            assert!((found.gain - gain).abs() < 1e-9, "{} and {gain}", found.gain);
        }
    }

    #[test]
    fn a_step_is_learned_whole_and_rows_left_out_count_nothing() {
        let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 10)]).collect();
        let mut targets: Vec<f64> = rows.iter().map(|row| if row[0] < 4.0 { -1.0 } else { 2.0 }).collect();
        targets[39] = 1e6;
        let mut wanted = vec![true; 40];
        wanted[39] = false;
        let tree = Grower::new(&rows, 1).grow(&targets, &wanted);
        for (row, target) in rows.iter().zip(&targets).take(39) {
            assert!((tree.predict(row) - target).abs() < 1e-12);
        }
    }
}
