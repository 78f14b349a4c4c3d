//! The table twin holds every datum with all its digits, and data survive being written and read.

use super::{samples, stress};
use crate::plate::{Cell, Curve, CurvePoint, Line, Plate, Scatter};

/// The CSV as numbers and words, read by an independent reader.
pub fn fields(plate: &Plate) -> Vec<Vec<String>> {
    let text = plate.csv();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_twin_of_a_scatter_holds_every_point() {
    let plate = samples::scatter(16);
    let rows = fields(&Plate::Scatter(plate.clone()));
    assert_eq!(rows.len(), 1 + 64);
    let points =
        plate.series.iter().flat_map(|series| series.points.iter().map(move |point| (series, point)));
    for (row, (series, point)) in rows[1..].iter().zip(points) {
        assert_eq!((&row[0], &row[1]), (&series.name, &point.label));
        let number = |field: usize| row[field].parse::<f64>().ok();
        assert_eq!(
            [number(2), number(3), number(4)],
            [point.x, point.x_interval.unwrap()[0], point.x_interval.unwrap()[1]].map(Some)
        );
        assert_eq!(number(5), Some(point.y));
        assert_eq!([number(6), number(7)], [0, 1].map(|end| point.y_interval.map(|ends| ends[end])));
    }
    assert!(plate.table().caption.contains("0.0123"));
}

#[test]
fn the_twin_of_a_matrix_holds_every_cell() {
    let plate = samples::matrix(12);
    for (row, values) in fields(&Plate::Matrix(plate.clone()))[1..].iter().zip(&plate.values) {
        let read: Vec<Option<f64>> = row[1..].iter().map(|field| field.parse().ok()).collect();
        assert_eq!(&read, values);
    }
}

#[test]
fn the_twin_of_a_curve_holds_every_point_and_its_band() {
    let plate = samples::curve();
    let rows = fields(&Plate::Curve(plate.clone()));
    let points: Vec<&CurvePoint> = plate.lines.iter().flat_map(|line| &line.points).collect();
    assert_eq!(rows.len(), 1 + points.len());
    for (row, point) in rows[1..].iter().zip(points) {
        let read: Vec<Option<f64>> = row[1..].iter().map(|field| field.parse().ok()).collect();
        assert_eq!(read, [Some(point.x), Some(point.y), point.low, point.high]);
    }
}

#[test]
fn the_twin_of_bars_holds_every_bar_and_the_line() {
    let plate = samples::bars(6, true);
    let rows = fields(&Plate::Bars(plate.clone()));
    for (group, row) in rows[1..].iter().enumerate() {
        assert_eq!(row[0], plate.groups[group]);
        for (series, field) in plate.series.iter().zip(&row[1..]) {
            assert_eq!(field.parse::<f64>().unwrap(), series.values[group]);
        }
    }
    assert!(plate.table().caption.contains("capacity 64"));
}

#[test]
fn csv_quotes_what_needs_quoting() {
    let rows = fields(&stress::plates().into_iter().find(|plate| matches!(plate, Plate::Table(_))).unwrap());
    assert!(rows.iter().all(|row| row.len() == 5));
    assert_eq!(rows[2][0], stress::HOSTILE);
    assert_eq!(&rows[2][1..], ["nan", "-inf", "1e200", ""]);
    assert_eq!(rows[3][1].parse::<f64>().unwrap(), 1.0 / 3.0);
}

#[test]
fn plates_survive_being_written_and_read() {
    for (_, plate) in samples::plates() {
        let text = serde_json::to_string(&plate).unwrap();
        assert_eq!(serde_json::from_str::<Plate>(&text).unwrap(), plate);
    }
}

#[test]
fn undefined_numbers_survive_being_written_and_read() {
    let point = |y| CurvePoint { x: -0.0, y, low: Some(f64::NEG_INFINITY), high: Some(f64::NAN) };
    let line = Line { points: [f64::NAN, f64::INFINITY, 5e-324].map(point).into(), ..Line::default() };
    let plate = Plate::Curve(Curve { lines: vec![line], ..Curve::default() });
    let text = serde_json::to_string(&plate).unwrap();
    assert!(text.contains("\"y\":\"nan\"") && text.contains("\"low\":\"-inf\""), "{text}");
    let Plate::Curve(read) = serde_json::from_str(&text).unwrap() else { panic!("another kind of plate") };
    let bits = |point: &CurvePoint| [point.x, point.low.unwrap(), point.high.unwrap()].map(f64::is_nan);
    assert_eq!(read.lines[0].points.iter().map(bits).collect::<Vec<_>>(), [[false, false, true]; 3]);
    assert!(read.lines[0].points[0].y.is_nan() && read.lines[0].points[1].y == f64::INFINITY);
    assert_eq!(read.lines[0].points[2].y, 5e-324);
    for plate in stress::plates().iter().filter(|plate| !matches!(plate, Plate::Verdict(_))) {
        let text = serde_json::to_string(plate).unwrap();
        let again: Plate = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }
    assert!(
        serde_json::from_str::<Cell>("{\"cell\":\"number\",\"content\":{\"value\":\"ten\",\"digits\":3}}")
            .is_err()
    );
}

#[test]
fn whole_numbers_and_missing_options_are_read() {
    let text = r#"{"plate":"scatter","title":"t","caption":"c","x":{"title":"","unit":""},"y":{"title":"","unit":""},
        "series":[{"name":"s","slot":0,"points":[{"x":1,"y":-2,"label":"p"}]}]}"#;
    let Plate::Scatter(Scatter { series, ceiling, identity, .. }) = serde_json::from_str(text).unwrap()
    else {
        panic!("another kind of plate")
    };
    assert_eq!((series[0].points[0].x, series[0].points[0].y, ceiling, identity), (1.0, -2.0, None, false));
}
