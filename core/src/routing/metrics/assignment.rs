//! The linear assignment problem, by the Hungarian method with potentials (Kuhn 1955, Munkres 1957): `O(n^3)`.

use super::undefined;
use crate::Result;

/// The column of each row such that no column is used twice and the sum of `costs[row][column]` is smallest.
///
/// # Errors
/// If `costs` is not square or holds a number that is not finite.
pub fn minimum_cost_assignment(costs: &[Vec<f64>]) -> Result<Vec<usize>> {
    const NAME: &str = "the assignment";
    let size = costs.len();
    for (index, row) in costs.iter().enumerate() {
        if row.len() != size || row.iter().any(|cost| !cost.is_finite()) {
            return Err(undefined(NAME, format!("row {index} does not hold {size} finite costs")));
        }
    }
    // Column `size` is a place for the row that is being added; `owner[column]` is the row that holds a column.
    let mut owner = vec![None; size + 1];
    let mut row_price = vec![0.0; size];
    let mut column_price = vec![0.0; size + 1];
    for row in 0..size {
        owner[size] = Some(row);
        let mut column = size;
        let mut slack = vec![f64::INFINITY; size];
        let mut previous = vec![size; size];
        let mut visited = vec![false; size + 1];
        // Grow a tree of tight edges from `row` until it reaches a free column.
        while let Some(current) = owner[column] {
            visited[column] = true;
            let (mut step, mut next) = (f64::INFINITY, size);
            for candidate in (0..size).filter(|&candidate| !visited[candidate]) {
                let reduced = costs[current][candidate] - row_price[current] - column_price[candidate];
                if reduced < slack[candidate] {
                    slack[candidate] = reduced;
                    previous[candidate] = column;
                }
                if slack[candidate] < step {
                    (step, next) = (slack[candidate], candidate);
                }
            }
            for index in 0..=size {
                match owner[index] {
                    Some(holder) if visited[index] => {
                        row_price[holder] += step;
                        column_price[index] -= step;
                    }
                    _ if index < size && !visited[index] => slack[index] -= step,
                    _ => {}
                }
            }
            column = next;
        }
        // Turn the path around: every column on it passes to the row before it.
        while column != size {
            owner[column] = owner[previous[column]];
            column = previous[column];
        }
    }
    let mut columns = vec![0; size];
    for (column, row) in owner[..size].iter().enumerate() {
        if let Some(row) = row {
            columns[*row] = column;
        }
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Streams;

    fn cheapest(costs: &[Vec<f64>], row: usize, used: &mut Vec<bool>) -> f64 {
        if row == costs.len() {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..costs.len() {
            if !used[column] {
                used[column] = true;
                best = best.min(costs[row][column] + cheapest(costs, row + 1, used));
                used[column] = false;
            }
        }
        best
    }

    #[test]
    fn it_finds_the_cheapest_of_all_assignments() {
        let mut stream = Streams::new(1).stream("test");
        for size in 0..7 {
            for _ in 0..30 {
                let costs: Vec<Vec<f64>> =
                    (0..size).map(|_| (0..size).map(|_| stream.below(9) as f64 - 4.0).collect()).collect();
                let columns = minimum_cost_assignment(&costs).expect("square and finite");
                let mut sorted = columns.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..size).collect::<Vec<_>>());
                let found: f64 = columns.iter().enumerate().map(|(row, &column)| costs[row][column]).sum();
                assert_eq!(found, cheapest(&costs, 0, &mut vec![false; size]), "{costs:?}");
            }
        }
    }

    #[test]
    fn costs_that_are_not_square_or_not_finite_are_refused() {
        assert!(minimum_cost_assignment(&[vec![1.0, 2.0]]).is_err());
        assert!(minimum_cost_assignment(&[vec![f64::NAN]]).is_err());
    }
}
