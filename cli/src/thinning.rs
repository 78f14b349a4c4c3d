//! Thinner pictures for a recording: fewer cells, fewer points, fewer digits. What a picture says stays.

use serde_json::Value;
use switchyard::experiment::View;
use switchyard::plate::{Field, Plate};

/// How thin pictures are to be; nothing leaves them as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Thinning {
    /// The most cells side by side, and above each other, in a field.
    pub cells: Option<usize>,
    /// The most points in a field.
    pub points: Option<usize>,
    /// Significant digits of numbers.
    pub digits: Option<usize>,
}

impl Thinning {
    /// Thins one picture. Units keep their rows.
    pub fn thin(self, view: &mut View) {
        let Plate::Field(field) = &mut view.plate else { return };
        if let Some(cells) = self.cells {
            coarsen(field, cells);
        }
        if let Some(points) = self.points {
            let kept = spread(field.points.len(), points);
            if let Some(units) = view.units.as_mut().filter(|units| units.rows.len() == field.points.len()) {
                units.rows = kept.iter().map(|index| units.rows[*index]).collect();
            }
            field.points = kept.into_iter().map(|index| field.points[index].clone()).collect();
        }
    }
}

/// At most `most` of `count` indices, evenly spread.
fn spread(count: usize, most: usize) -> Vec<usize> {
    let kept = count.min(most);
    (0..kept).map(|place| place * count / kept).collect()
}

/// The field seen through fewer cells: each takes what the old one at its middle had.
fn coarsen(field: &mut Field, cells: usize) {
    let (columns, rows) = (field.columns, field.rows);
    let (fewer_columns, fewer_rows) = (columns.min(cells), rows.min(cells));
    if (fewer_columns, fewer_rows) == (columns, rows) || field.slots.len() != columns * rows {
        return;
    }
    let middle = |place: usize, fewer: usize, all: usize| (2 * place + 1) * all / (2 * fewer);
    let places: Vec<usize> = (0..fewer_rows)
        .flat_map(|row| {
            let above = middle(row, fewer_rows, rows) * columns;
            (0..fewer_columns).map(move |column| above + middle(column, fewer_columns, columns))
        })
        .collect();
    let chosen = |old: &[u8]| places.iter().filter_map(|place| old.get(*place).copied()).collect::<Vec<u8>>();
    (field.slots, field.strength) = (chosen(&field.slots), chosen(&field.strength));
    (field.columns, field.rows) = (fewer_columns, fewer_rows);
}

/// Rounds every number that is not whole to so many significant digits.
pub fn rounded(value: &mut Value, digits: usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rounded(item, digits)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rounded(field, digits)),
        Value::Number(number) => {
            let exact = number.as_f64().filter(|exact| number.is_f64() && exact.fract() != 0.0);
            let text = exact.map(|exact| format!("{exact:.*e}", digits.saturating_sub(1)));
            let near = text.and_then(|text| text.parse::<f64>().ok()).and_then(serde_json::Number::from_f64);
            if let Some(near) = near {
                *number = near;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use switchyard::experiment::Place;
    use switchyard::plate::FieldPoint;

    use super::*;

    fn field(columns: usize, rows: usize, points: usize) -> Field {
        Field {
            columns,
            rows,
            slots: (0..columns * rows).map(|cell| u8::from(cell % columns >= columns / 2)).collect(),
            strength: vec![200; columns * rows],
            points: (0..points).map(|at| FieldPoint { x: at as f64, ..FieldPoint::default() }).collect(),
            ..Field::default()
        }
    }

    fn thinned(thinning: Thinning, field: Field) -> (Field, Vec<u32>) {
        let rows = (0..field.points.len() as u32).map(|row| row * 10).collect();
        let mut view = View::new("field", Place::Yard, Plate::Field(field)).with_units("point-", rows);
        thinning.thin(&mut view);
        let Plate::Field(field) = view.plate else { panic!("it stays a field") };
        (field, view.units.map(|units| units.rows).unwrap_or_default())
    }

    #[test]
    fn a_coarser_field_shows_the_same_halves() {
        let thinning = Thinning { cells: Some(6), ..Thinning::default() };
        let (thin, _) = thinned(thinning, field(64, 20, 0));
        assert_eq!((thin.columns, thin.rows, thin.strength.len()), (6, 6, 36));
        assert_eq!(thin.slots, [0, 0, 0, 1, 1, 1].repeat(6));
        let small = field(5, 6, 0);
        assert_eq!(thinned(thinning, small.clone()).0, small, "a small field stays");
    }

    #[test]
    fn fewer_points_keep_their_rows() {
        let (thin, rows) = thinned(Thinning { points: Some(3), ..Thinning::default() }, field(4, 4, 10));
        assert_eq!(thin.points.iter().map(|point| point.x).collect::<Vec<_>>(), [0.0, 3.0, 6.0]);
        assert_eq!(rows, [0, 30, 60]);
        let (all, rows) = thinned(Thinning { points: Some(30), ..Thinning::default() }, field(4, 4, 10));
        assert_eq!((all.points.len(), rows.len()), (10, 10));
    }

    #[test]
    fn numbers_are_rounded_and_whole_ones_stay() {
        let mut value =
            serde_json::json!({ "a": [0.123456, 12.0, 123_456, -0.000_123_456], "b": "0.123456" });
        rounded(&mut value, 3);
        assert_eq!(value, serde_json::json!({ "a": [0.123, 12.0, 123_456, -0.000_123], "b": "0.123456" }));
    }
}
