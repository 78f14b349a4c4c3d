//! What a click on a picture asks, and what lies under the pointer.

use switchyard::experiment::{Probe, View};
use switchyard::plate::number::significant;
use switchyard::plate::{Field, Plate};

/// What a click or Enter asks: about the unit that the mark stands for, else about the place in the plane, if the
/// picture (drawn at this width) shows one there.
pub fn asked(view: &View, mark: Option<&str>, at: Option<[f64; 2]>, width: f64) -> Option<Probe> {
    let row = mark.and_then(|mark| view.units.as_ref()?.row(mark));
    if let Some(row) = row {
        return Some(Probe::Row { row });
    }
    match &view.plate {
        Plate::Field(field) => {
            let [x, y] = field.data_at(at?, width)?;
            Some(Probe::Input { features: vec![x as f32, y as f32] })
        }
        _ => None,
    }
}

/// Whether a click can ask anything in this picture.
pub fn can_be_asked(view: &View) -> bool {
    view.units.is_some() || matches!(view.plate, Plate::Field(_))
}

/// What a field shows at a pixel of its picture, as a sentence.
pub fn under(field: &Field, at: [f64; 2], width: f64) -> Option<String> {
    let [x, y] = field.data_at(at, width)?;
    let cell = cell_at(field, [x, y])?;
    let slot = usize::from(*field.slots.get(cell)?);
    let sure = f64::from(*field.strength.get(cell)?) / 255.0;
    let name = field.slot_names.get(slot).cloned().unwrap_or_else(|| format!("expert {slot}"));
    Some(format!("({}, {}) goes to {name}, probability {sure:.2}", significant(x, 2), significant(y, 2)))
}

/// The cell that holds a place of the plane.
fn cell_at(field: &Field, [x, y]: [f64; 2]) -> Option<usize> {
    let part = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
    let (across, down) = (part(x, field.x_range), 1.0 - part(y, field.y_range));
    let column = ((across * field.columns as f64) as usize).min(field.columns.checked_sub(1)?);
    let row = ((down * field.rows as f64) as usize).min(field.rows.checked_sub(1)?);
    Some(row * field.columns + column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::experiment::Place;

    fn field() -> Field {
        Field {
            x_range: [-1.0, 1.0],
            y_range: [-1.0, 1.0],
            columns: 2,
            rows: 2,
            slots: vec![0, 1, 2, 3],
            strength: vec![255, 0, 51, 102],
            ..Field::default()
        }
    }

    #[test]
    fn a_unit_comes_before_the_plane_and_the_plane_before_nothing() {
        let view = View::new("yard", Place::Yard, Plate::Field(field())).with_units("point-", vec![7]);
        let at = Some(field().pixel_of([0.5, -0.25], 400.0));
        assert_eq!(asked(&view, Some("point-0"), at, 400.0), Some(Probe::Row { row: 7 }));
        let Some(Probe::Input { features }) = asked(&view, Some("label-0"), at, 400.0) else {
            panic!("the plane was clicked");
        };
        assert!((features[0] - 0.5).abs() < 1e-5 && (features[1] + 0.25).abs() < 1e-5, "{features:?}");
        assert_eq!(asked(&view, None, Some([-3.0, 0.0]), 400.0), None);
        assert_eq!(asked(&view, None, None, 400.0), None);
    }

    #[test]
    fn what_lies_under_the_pointer_is_the_cell_there() {
        let field = field();
        let said = |place| under(&field, field.pixel_of(place, 400.0), 400.0).unwrap_or_default();
        assert_eq!(
            said([-0.5, 0.5]),
            "(-0.50, 0.50) goes to expert 0, probability 1.00".replace('-', "\u{2212}")
        );
        assert!(said([0.5, -0.5]).contains("expert 3, probability 0.40"), "{}", said([0.5, -0.5]));
        assert!(under(&Field::default(), [10.0, 10.0], 400.0).is_none());
    }
}
