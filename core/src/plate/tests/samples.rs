//! Plates as a real run makes them, for the golden pictures and the layout tests.

use std::collections::BTreeMap;

use super::samples_routing;
use crate::experiment::{Event, Verdict, VerdictWord};
use crate::plate::{
    Axis, BarSeries, Bars, Cell, Column, Curve, CurvePoint, Line, Matrix, Plate, Point, Record, Scale,
    Scatter, Series, Table, VerdictPlate,
};

const METHODS: [&str; 4] = ["sandwich", "layer-wise m=2", "neuron-wise m=2", "fixed router input"];

/// A repeatable number between -1 and 1.
pub fn wobble(a: usize, b: usize) -> f64 {
    let mixed = (a as u64 * 7919 + b as u64 * 104_729 + 13).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / f64::from(1_u32 << 23) - 1.0
}

pub fn scatter(points: usize) -> Scatter {
    let series = |(slot, name): (usize, &&str)| Series {
        name: (*name).to_owned(),
        slot,
        points: (0..points)
            .map(|index| {
                let x = 0.14 + 0.09 * index as f64 / points.max(2) as f64 + 0.008 * wobble(1, index);
                let y = x + 0.03 - 0.007 * slot as f64 + 0.01 * wobble(slot + 2, index);
                Point {
                    x,
                    y,
                    label: format!("a{index:02} <w{}&d{}>", 16 + index % 4 * 16, 1 + index % 3),
                    x_interval: Some([x - 0.004, x + 0.004]),
                    y_interval: (slot > 0).then_some([y - 0.006, y + 0.007]),
                }
            })
            .collect(),
    };
    Scatter {
        title: "Every supernet is worse than training alone; neuron-wise comes nearest".to_owned(),
        caption:
            "One mark per architecture. On the dashed line a subnet is as good as the same network trained \
                  alone; inside the grey band the difference is no larger than that between two seeds."
                .to_owned(),
        x: Axis::new("loss trained alone", "nats"),
        y: Axis::new("loss in the supernet", "nats"),
        series: METHODS.iter().enumerate().map(series).collect(),
        identity: true,
        ceiling: Some(0.0123),
        ..Scatter::default()
    }
}

pub fn matrix(size: usize) -> Matrix {
    let names: Vec<String> =
        (0..size).map(|index| format!("w{} d{}", 16 + index % 4 * 16, 1 + index / 4)).collect();
    let value = |row: usize, column: usize| {
        let distance = row.abs_diff(column) as f64;
        (row + 2 != column || !row.is_multiple_of(3))
            .then(|| (1.0 - 0.11 * distance + 0.05 * wobble(row, column)).clamp(0.0, 1.0))
    };
    Matrix {
        title: "Architectures of like width share their weights".to_owned(),
        caption:
            "Each cell is the cosine between the mixing weights of two architectures: full colour is one \
                  set of weights, paper is separate sets, an outlined cell was not measured."
                .to_owned(),
        rows: names.clone(),
        columns: names,
        row_title: "architecture a".to_owned(),
        column_title: "architecture a′".to_owned(),
        unit: "cosine".to_owned(),
        values: (0..size).map(|row| (0..size).map(|column| value(row, column)).collect()).collect(),
        scale: Scale::Sequential { min: 0.0, max: 1.0 },
    }
}

pub fn differences() -> Matrix {
    let mut plate = matrix(6);
    plate.title = "The mixture helps small networks and costs large ones".to_owned();
    plate.caption = "Difference of loss to plain sharing; the paper colour is no difference.".to_owned();
    plate.unit = "nats".to_owned();
    plate.values =
        (0..6).map(|row| (0..6).map(|column| Some(0.04 * wobble(row + 9, column))).collect()).collect();
    plate.scale = Scale::Diverging { centre: 0.0, reach: 0.04 };
    plate
}

pub fn curve() -> Curve {
    let line = |(slot, name): (usize, &&str)| Line {
        name: (*name).to_owned(),
        slot,
        points: (0..=30)
            .map(|index| {
                let step = f64::from(index) * 40.0;
                let y = 0.2
                    + 0.012 * (4 - slot) as f64
                    + 2.1 * libm::exp(-step / 180.0)
                    + 0.02 * wobble(slot, index as usize);
                let reach = 0.03 + 0.2 * libm::exp(-step / 200.0);
                CurvePoint { x: step, y, low: Some(y - reach), high: Some(y + reach) }
            })
            .collect(),
    };
    Curve {
        title: "All four methods settle by step 800, within each other's intervals".to_owned(),
        caption:
            "Validation loss averaged over the architectures; the pale band is the 95% interval over seeds."
                .to_owned(),
        x: Axis::new("training step", ""),
        y: Axis::new("validation loss", "nats"),
        lines: METHODS.iter().enumerate().map(line).collect(),
    }
}

pub fn bars(slots: usize, stacked: bool) -> Bars {
    let value =
        |series: usize, group: usize| (40.0 + 30.0 * wobble(series, group)).round() / (1.0 + series as f64);
    let series = |(slot, name): (usize, &&str)| BarSeries {
        name: (*name).to_owned(),
        slot: slot + 1,
        values: (0..slots).map(|group| value(slot, group)).collect(),
        ..BarSeries::default()
    };
    Bars {
        title: "Expert 3 takes more than it can hold".to_owned(),
        caption: "Tokens sent to each expert in one step; what lies above the dashed line was dropped."
            .to_owned(),
        y: Axis::new("tokens", "per step"),
        groups: (0..slots).map(|slot| format!("expert {slot}")).collect(),
        series: [&"kept", &"rerouted", &"dropped"].into_iter().enumerate().map(series).collect(),
        stacked,
        line: Some((64.0, "capacity".to_owned())),
        ..Bars::default()
    }
}

pub fn every_slot() -> Bars {
    Bars {
        title: "Sixteen slots, told apart by hue, hatch and number".to_owned(),
        caption: "Beyond eight the hue repeats and the hatch changes.".to_owned(),
        y: Axis::new("load", "tokens"),
        groups: vec!["first layer".to_owned()],
        series: (0..16)
            .map(|slot| BarSeries {
                name: format!("slot {slot}"),
                slot,
                values: vec![8.0 + slot as f64],
                ..BarSeries::default()
            })
            .collect(),
        ..Bars::default()
    }
}

pub fn table() -> Table {
    let row = |(index, name): (usize, &&str)| {
        let mean = 0.031 - 0.004 * index as f64;
        vec![
            Cell::text(*name),
            Cell::interval(mean, mean - 0.006, mean + 0.007),
            Cell::number(0.71 + 0.03 * index as f64),
            Cell::Number { value: 18_432.0 * (1 + index) as f64, digits: 3 },
            if index == 0 { Cell::Empty } else { Cell::number(0.004 * (4 - index) as f64) },
        ]
    };
    Table {
        title: "What each method reaches with the same budget".to_owned(),
        caption: "Mean over seeds with 95% interval; p after Holm's correction.".to_owned(),
        columns: vec![
            Column::text("Method"),
            Column::number("Gap to training alone", "nats"),
            Column::number("Kendall's tau-b", ""),
            Column::number("Parameters", ""),
            Column::number("p", ""),
        ],
        rows: METHODS.iter().enumerate().map(row).collect(),
    }
}

pub fn verdicts() -> Vec<Verdict> {
    let verdict = |name: &str, mean: f64, reach: f64, wins, word| {
        Verdict {
        name: name.to_owned(),
        claim: "Mixing the weights of two experts by architecture brings a subnet nearer to what it reaches alone.".to_owned(),
        paper: "Table 5: gap 0.30 smaller, BLEU on WMT'14 En-De (Mixture-of-Supernets, 2023).".to_owned(),
        quantity: "reduction of the mean gap against sandwich, nats".to_owned(),
        mean,
        low: mean - reach,
        high: mean + reach,
        wins,
        replicates: 18,
        word,
    }
    };
    vec![
        verdict("Neuron-wise against sandwich", 0.0124, 0.0051, 17, VerdictWord::Supported),
        verdict("Layer-wise against sandwich", 0.0021, 0.0062, 11, VerdictWord::Inconclusive),
        verdict("Fixed router input against sandwich", -0.0071, 0.0033, 2, VerdictWord::Contradicted),
    ]
}

/// One plate of each kind and more, with the names of their golden files.
pub fn plates() -> Vec<(&'static str, Plate)> {
    vec![
        ("scatter", Plate::Scatter(scatter(16))),
        ("matrix", Plate::Matrix(matrix(12))),
        ("differences", Plate::Matrix(differences())),
        ("curve", Plate::Curve(curve())),
        ("bars", Plate::Bars(bars(6, false))),
        ("stacked", Plate::Bars(bars(8, true))),
        ("slots", Plate::Bars(every_slot())),
        ("table", Plate::Table(table())),
        ("field", Plate::Field(samples_routing::field(4, 40, 120))),
        ("network", Plate::Network(samples_routing::network())),
        ("token-strip", Plate::TokenStrip(samples_routing::token_strip())),
        ("flow", Plate::Flow(samples_routing::flow(6, 3))),
        ("load", Plate::Bars(samples_routing::load())),
        ("trade-off", Plate::Scatter(samples_routing::trade_off())),
        ("counts", Plate::Matrix(samples_routing::counts(10, 8))),
        ("verdict", Plate::Verdict(VerdictPlate { verdict: verdicts().remove(0) })),
    ]
}

/// A whole run.
pub fn record() -> Record {
    let mut events = vec![Event::Stage { name: "supernets".to_owned(), tasks: 15 }];
    events.extend(plates().into_iter().map(|(_, plate)| Event::Plate { plate }));
    for text in [
        "The largest subnet is not the best one in 2 of 3 seeds; rankings near the top are noise.",
        "The fixed-input control also improves: part of the gain is the larger parameter count, not the routing.",
    ] {
        events.push(Event::Warning { text: text.to_owned() });
    }
    events.extend(verdicts().into_iter().map(|verdict| Event::Verdict { verdict }));
    events.push(Event::Finished {
        digest: "5f0c".repeat(16),
        verdict: VerdictWord::Supported,
        sentence: "Routing does it.".into(),
    });
    let environment = [
        ("switchyard", "0.1.0"),
        ("backend", "flex, 2 threads"),
        ("processor", "two cores, 2.1 GHz"),
        ("duration", "2 min 41 s"),
    ];
    Record {
        title: "Mixture-of-Supernets on digits".to_owned(),
        experiment_toml:
            "preset = \"mos-digits\"\nseed = 7\n\n[supernet]\nexperts = 2\nrouter = \"neuron-wise\"\n"
                .to_owned(),
        link: "https://switchyard.example/#v=1&run=mos-digits&supernet.experts=2&seed=7".to_owned(),
        command: "switchyard run mos-digits --set supernet.experts=2 --seed 7".to_owned(),
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        events,
    }
}

/// The same run before anything is known.
pub fn empty_record() -> Record {
    Record {
        title: "A run that stopped <early>".to_owned(),
        environment: BTreeMap::new(),
        ..Record::default()
    }
}
