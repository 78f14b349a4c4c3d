//! Plates that nobody wants to draw: empty, single, huge, tiny, undefined, long-winded, hostile.

use super::samples;
use crate::experiment::VerdictWord;
use crate::plate::{
    Axis, BarSeries, Bars, Cell, Column, Curve, CurvePoint, Line, Matrix, Plate, Point, Scale, Scatter,
    Series, Table, VerdictPlate,
};

/// A name that would end an element, an attribute or an entity.
pub const HOSTILE: &str = "<b a=\"1\" c='2'>&amp; ]]> \u{7}\u{0}</text> ﻿日本語 &#x26;";

pub const LONG: &str =
    "neuron-wise mixture of two experts with an independent initialisation and a separate router rate";

fn scatter(points: &[(f64, f64)]) -> Plate {
    let points = points.iter().map(|&(x, y)| Point { x, y, label: HOSTILE.to_owned(), ..Point::default() });
    Plate::Scatter(Scatter {
        title: HOSTILE.to_owned(),
        caption: HOSTILE.to_owned(),
        x: Axis::new(LONG, "nats"),
        y: Axis::new(HOSTILE, HOSTILE),
        series: vec![Series { name: LONG.to_owned(), slot: 11, points: points.collect() }],
        identity: true,
        ceiling: Some(0.1),
        ..Scatter::default()
    })
}

fn curve(lines: usize, points: &[(f64, f64)]) -> Plate {
    let point = |&(x, y): &(f64, f64)| CurvePoint { x, y, low: Some(y - 1.0), high: None };
    Plate::Curve(Curve {
        title: "Lines".to_owned(),
        caption: "Many.".to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("loss", "nats"),
        lines: (0..lines)
            .map(|slot| Line {
                name: format!("{slot} {LONG}"),
                slot,
                points: points.iter().map(point).collect(),
            })
            .collect(),
    })
}

fn bars(groups: usize, values: &[f64]) -> Bars {
    Bars {
        title: "Bars".to_owned(),
        caption: "Many.".to_owned(),
        y: Axis::new("load", ""),
        groups: (0..groups).map(|group| format!("{group} {LONG}")).collect(),
        series: (0..2)
            .map(|slot| BarSeries {
                name: HOSTILE.to_owned(),
                slot,
                values: values.iter().copied().cycle().take(groups).collect(),
                ..BarSeries::default()
            })
            .collect(),
        stacked: false,
        line: Some((-3.0, HOSTILE.to_owned())),
        ..Bars::default()
    }
}

fn matrix(rows: usize, columns: usize, value: f64) -> Plate {
    Plate::Matrix(Matrix {
        title: "Cells".to_owned(),
        caption: "Many.".to_owned(),
        rows: (0..rows).map(|row| format!("{row} {LONG}")).collect(),
        columns: (0..columns).map(|column| format!("{column} {HOSTILE}")).collect(),
        row_title: LONG.to_owned(),
        column_title: LONG.to_owned(),
        unit: LONG.to_owned(),
        values: vec![vec![Some(value), None]; rows],
        scale: Scale::Sequential { min: 0.0, max: value },
    })
}

fn table() -> Plate {
    Plate::Table(Table {
        title: "Cells".to_owned(),
        caption: HOSTILE.to_owned(),
        columns: vec![Column::text(HOSTILE), Column::number(LONG, LONG), Column::number("p", "")],
        rows: vec![
            vec![],
            vec![Cell::text(HOSTILE), Cell::interval(f64::NAN, f64::NEG_INFINITY, 1e200), Cell::Empty],
            vec![Cell::text(LONG), Cell::Number { value: 1.0 / 3.0, digits: 0 }, Cell::number(1e-308)],
        ],
    })
}

fn verdict(mean: f64, low: f64, high: f64) -> Plate {
    let mut verdict = samples::verdicts().remove(0);
    verdict.name = HOSTILE.to_owned();
    verdict.quantity = format!("{LONG} {LONG}");
    verdict.claim = format!("{LONG} {HOSTILE} {LONG}");
    (verdict.mean, verdict.low, verdict.high, verdict.word) = (mean, low, high, VerdictWord::NotSupported);
    Plate::Verdict(VerdictPlate { verdict })
}

pub fn plates() -> Vec<Plate> {
    let none = f64::NAN;
    let mut stacked = bars(5, &[3.0, -2.0, none, 0.0]);
    stacked.stacked = true;
    let mut plates = super::stress_routing::plates();
    plates.extend(vec![
        scatter(&[]),
        scatter(&[(1.0, 1.0)]),
        scatter(&[(0.0, 0.0), (none, 1.0), (f64::INFINITY, 2.0)]),
        scatter(&[(1e299, -1e299), (-1e299, 1e-300), (f64::MAX, f64::MIN)]),
        scatter(&[(1e-12, 1e12), (2e-12, 3e12)]),
        scatter(&[(1000.001, 5.0), (1000.0015, 5.0)]),
        Plate::Scatter(samples::scatter(200)),
        Plate::Scatter(Scatter::default()),
        curve(0, &[]),
        curve(1, &[(0.0, 1.0)]),
        curve(3, &[(0.0, 1.0), (1.0, none), (2.0, 5.0), (3.0, 1e6)]),
        curve(30, &[(0.0, 1.0), (1e9, 2.0)]),
        curve(9, &[(0.0, 1e-9), (1e9, 2e-9)]),
        Plate::Curve(Curve::default()),
        Plate::Bars(bars(0, &[1.0])),
        Plate::Bars(bars(1, &[1.0])),
        Plate::Bars(bars(30, &[1.0, 1e7, -1e7])),
        Plate::Bars(bars(300, &[0.0])),
        Plate::Bars(bars(2, &[none, f64::INFINITY])),
        Plate::Bars(stacked),
        Plate::Bars(samples::bars(30, false)),
        Plate::Bars(Bars::default()),
        matrix(0, 0, 1.0),
        matrix(1, 1, 0.0),
        matrix(30, 30, 1e-9),
        matrix(200, 3, 12_345.678),
        matrix(3, 200, f64::INFINITY),
        Plate::Matrix(samples::matrix(30)),
        table(),
        Plate::Table(Table::default()),
        verdict(0.0, 0.0, 0.0),
        verdict(1e-9, -1e9, 1e9),
        verdict(none, 0.0, f64::INFINITY),
    ]);
    plates
}
