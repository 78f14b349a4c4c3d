//! In what two pictures of the same name differ, when two runs are seen side by side.

use switchyard::plate::number::brief;
use switchyard::plate::{Bars, Curve, Field, Matrix, Plate, TokenStrip};

/// What differs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// The difference in a sentence.
    pub sentence: String,
    /// The marks that differ, where they can be told one by one.
    pub marks: Vec<String>,
    /// The cells of a field that go elsewhere, as stretches of a row: row, first column, length.
    pub cells: Vec<[usize; 3]>,
}

/// How the first picture differs from the second; nothing when they are of different kinds or cannot be compared.
pub fn difference(here: &Plate, there: &Plate) -> Option<Difference> {
    match (here, there) {
        (Plate::Field(here), Plate::Field(there)) => fields(here, there),
        (Plate::TokenStrip(here), Plate::TokenStrip(there)) => Some(strips(here, there)),
        (Plate::Bars(here), Plate::Bars(there)) => bars(here, there),
        (Plate::Matrix(here), Plate::Matrix(there)) => matrices(here, there),
        (Plate::Curve(here), Plate::Curve(there)) => curves(here, there),
        _ => None,
    }
}

fn fields(here: &Field, there: &Field) -> Option<Difference> {
    let same_plane = (here.columns, here.rows, here.x_range, here.y_range)
        == (there.columns, there.rows, there.x_range, there.y_range);
    if !same_plane || here.columns == 0 || here.slots.len() != there.slots.len() {
        return None;
    }
    let differs: Vec<bool> = here.slots.iter().zip(&there.slots).map(|(a, b)| a != b).collect();
    let count = differs.iter().filter(|differs| **differs).count();
    let share = count as f64 / differs.len().max(1) as f64;
    let sentence = if count == 0 {
        "Every place goes to the same expert as in the other run.".to_owned()
    } else {
        format!("{} of the plane, hatched, goes to another expert than in the other run.", percent(share))
    };
    Some(Difference { sentence, marks: Vec::new(), cells: stretches(&differs, here.columns) })
}

/// Cells side by side as one stretch.
fn stretches(cells: &[bool], columns: usize) -> Vec<[usize; 3]> {
    let mut found = Vec::new();
    for (row, line) in cells.chunks(columns).enumerate() {
        let mut column = 0;
        while column < line.len() {
            let length = line[column..].iter().take_while(|cell| **cell).count();
            if length > 0 {
                found.push([row, column, length]);
            }
            column += length.max(1);
        }
    }
    found
}

fn strips(here: &TokenStrip, there: &TokenStrip) -> Difference {
    let mut marks = Vec::new();
    let mut count = 0;
    for (row, (a, b)) in here.rows.iter().zip(&there.rows).enumerate() {
        for (number, (a, b)) in a.tokens.iter().zip(&b.tokens).enumerate() {
            count += 1;
            if (a.slot, &a.fate) != (b.slot, &b.fate) {
                marks.push(format!("token-{row}-{number}"));
            }
        }
    }
    let sentence = match marks.len() {
        0 => "Every token goes the same way as in the other run.".to_owned(),
        1 => format!("1 of {count} tokens, framed, goes another way than in the other run."),
        differing => format!("{differing} of {count} tokens, framed, go another way than in the other run."),
    };
    Difference { sentence, marks, cells: Vec::new() }
}

/// The pair of values that differ most, with what they are.
fn largest(values: impl Iterator<Item = (String, f64, f64)>) -> Option<Difference> {
    let finite = values.filter(|(_, a, b)| a.is_finite() && b.is_finite());
    let (name, a, b) = finite.max_by(|x, y| (x.1 - x.2).abs().total_cmp(&(y.1 - y.2).abs()))?;
    let sentence = if a == b {
        "All values are as in the other run.".to_owned()
    } else {
        format!("Largest difference to the other run: {name}, {} here and {} there.", brief(a), brief(b))
    };
    Some(Difference { sentence, ..Difference::default() })
}

fn bars(here: &Bars, there: &Bars) -> Option<Difference> {
    if here.groups != there.groups {
        return None;
    }
    let several = here.series.len() > 1;
    largest(here.series.iter().zip(&there.series).flat_map(|(a, b)| {
        let values = here.groups.iter().zip(a.values.iter().zip(&b.values));
        values.map(move |(group, (x, y))| {
            let name = if several { format!("{group}, {}", a.name) } else { group.clone() };
            (name, *x, *y)
        })
    }))
}

fn matrices(here: &Matrix, there: &Matrix) -> Option<Difference> {
    if here.rows != there.rows || here.columns != there.columns {
        return None;
    }
    let cells = here.rows.iter().enumerate().flat_map(|(row, name)| {
        here.columns.iter().enumerate().filter_map(move |(column, other)| {
            Some((format!("{name}, {other}"), here.value(row, column)?, there.value(row, column)?))
        })
    });
    largest(cells)
}

fn curves(here: &Curve, there: &Curve) -> Option<Difference> {
    let ends = here.lines.iter().filter_map(|line| {
        let other = there.lines.iter().find(|other| other.name == line.name)?;
        Some((&line.name, line.points.last()?, other.points.last()?))
    });
    let told: Vec<String> = ends
        .filter(|(_, a, b)| a.y.is_finite() && b.y.is_finite())
        .map(|(name, a, b)| format!("{name} {} here and {} there", brief(a.y), brief(b.y)))
        .take(3)
        .collect();
    (!told.is_empty()).then(|| Difference {
        sentence: format!("At the last point: {}.", told.join("; ")),
        ..Difference::default()
    })
}

fn percent(share: f64) -> String {
    if share < 0.005 { "Less than 1%".to_owned() } else { format!("{:.0}%", share * 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::plate::{BarSeries, CurvePoint, Line, StripToken, TokenRow};

    fn field(slots: &[u8]) -> Field {
        Field { columns: 3, rows: 2, slots: slots.to_vec(), ..Field::default() }
    }

    #[test]
    fn a_field_tells_which_share_of_the_plane_goes_elsewhere_and_where() {
        let (here, there) =
            (Plate::Field(field(&[0, 1, 1, 0, 0, 2])), Plate::Field(field(&[0, 0, 0, 0, 0, 1])));
        let told = difference(&here, &there).expect("the planes are alike");
        assert!(told.sentence.starts_with("50% of the plane"), "{}", told.sentence);
        assert_eq!(told.cells, [[0, 1, 2], [1, 2, 1]]);
        assert!(difference(&here, &here).is_some_and(|told| told.cells.is_empty()));
        let other = Plate::Field(Field { columns: 2, rows: 3, ..field(&[0; 6]) });
        assert_eq!(difference(&here, &other), None);
    }

    #[test]
    fn a_token_that_goes_another_way_is_marked() {
        let strip = |slots: [usize; 3]| {
            let token =
                |slot| StripToken { slot: Some(slot), fate: "kept".to_owned(), ..StripToken::default() };
            let row = TokenRow { tokens: slots.map(token).into(), ..TokenRow::default() };
            Plate::TokenStrip(TokenStrip { rows: vec![row], ..TokenStrip::default() })
        };
        let told = difference(&strip([0, 1, 2]), &strip([0, 2, 2])).expect("both are strips");
        assert_eq!(told.marks, ["token-0-1"]);
        assert!(told.sentence.starts_with("1 of 3 tokens"));
    }

    #[test]
    fn numbers_tell_where_they_differ_most() {
        let bars = |values: [f64; 3]| {
            let series =
                BarSeries { name: "load".to_owned(), slot: 0, values: values.into(), ..BarSeries::default() };
            let groups = ["1", "2", "3"].map(str::to_owned).into();
            Plate::Bars(Bars { groups, series: vec![series], ..Bars::default() })
        };
        let told =
            difference(&bars([0.1, f64::NAN, 0.5]), &bars([0.2, 0.4, 0.1])).expect("the bars are alike");
        assert_eq!(told.sentence, "Largest difference to the other run: 3, 0.5 here and 0.1 there.");
        assert!(
            difference(&bars([0.0; 3]), &bars([0.0; 3])).is_some_and(|told| told.sentence.starts_with("All"))
        );
        let curve = |end| {
            let points = vec![CurvePoint { x: 1.0, y: end, ..CurvePoint::default() }];
            let lines = vec![Line { name: "loss".to_owned(), points, ..Line::default() }];
            Plate::Curve(Curve { lines, ..Curve::default() })
        };
        let told = difference(&curve(0.25), &curve(0.5)).expect("both have a loss");
        assert_eq!(told.sentence, "At the last point: loss 0.25 here and 0.5 there.");
        assert_eq!(difference(&curve(0.25), &bars([0.0; 3])), None);
    }
}
