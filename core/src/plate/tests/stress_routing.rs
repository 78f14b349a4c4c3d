//! Plates about routing that nobody wants to draw, besides those in [`super::stress`].

use super::samples_routing as routing;
use super::stress::{HOSTILE, LONG};
use crate::plate::{
    Axis, Bars, Field, FieldPoint, Flow, FlowLink, FlowNode, FlowStage, Front, Highlight, Network,
    NetworkColumn, Plate, Point, Scatter, Series, StripToken, TokenRow, TokenStrip,
};

const NONE: f64 = f64::NAN;

/// A board of 12 by 12 cells that all go to different slots, with nothing else right.
fn board() -> Field {
    let point = |(x, y): (f64, f64)| FieldPoint {
        x,
        y,
        class: 77,
        label: HOSTILE.to_owned(),
        slot: 999,
        held_out: x > 0.0,
    };
    let places = [(0.0, 0.0), (NONE, 1.0), (f64::INFINITY, 2.0), (5.0, 0.0), (1.0, 1.0), (-1.0, -1.0)];
    Field {
        title: HOSTILE.to_owned(),
        caption: LONG.to_owned(),
        x: Axis::new(LONG, LONG),
        y: Axis::new(HOSTILE, ""),
        x_range: [-1.0, 1.0],
        y_range: [-1.0, 1.0],
        columns: 12,
        rows: 12,
        slots: (0..144).collect(),
        strength: vec![9],
        slot_names: vec![LONG.to_owned(), HOSTILE.to_owned()],
        boundary: vec![
            vec![],
            vec![[0.0, 0.0]],
            vec![[-9.0, 0.0], [0.0, NONE], [0.0, 0.5], [9.0, 9.0], [9.0, -9.0]],
        ],
        points: places.into_iter().map(point).collect(),
        class_names: vec![LONG.to_owned(), HOSTILE.to_owned()],
    }
}

fn fields() -> Vec<Field> {
    let stripes = (0..144).map(|cell| (cell / 12 % 2) as u8).collect();
    vec![
        Field::default(),
        board(),
        Field { x_range: [-1e299, 1e299], y_range: [0.0, 1e-300], ..board() },
        Field { x_range: [3.0, 3.0], ..board() },
        Field { y_range: [1.0, -1.0], ..board() },
        Field { y_range: [NONE, 1.0], ..board() },
        Field { columns: 13, ..board() },
        Field { columns: usize::MAX, rows: usize::MAX, ..board() },
        Field { columns: 144, rows: 1, ..board() },
        Field { columns: 1, rows: 1, slots: vec![255], ..board() },
        Field { slots: stripes, ..board() },
        Field { columns: 600, rows: 600, slots: vec![0; 360_000], ..board() },
        routing::field(8, 60, 1999),
        routing::field(30, 30, 0),
    ]
}

fn networks() -> Vec<Network> {
    let column = |name: &str, total, lit, shares: &[f64]| NetworkColumn {
        name: name.to_owned(),
        total,
        lit,
        kind: HOSTILE.to_owned(),
        slot_shares: shares.to_vec(),
        skipped: false,
    };
    let network = |columns: Vec<NetworkColumn>| Network {
        title: HOSTILE.to_owned(),
        caption: LONG.to_owned(),
        columns,
        slot_names: vec![LONG.to_owned()],
    };
    let skipped = NetworkColumn { skipped: true, ..column("", 5, 5, &[NONE, -1.0]) };
    vec![
        Network::default(),
        network(vec![column(LONG, 0, 0, &[]); 65]),
        network(vec![column(LONG, 1, 0, &[0.1; 20]); 64]),
        network(vec![
            column("a", usize::MAX, usize::MAX - 1, &[0.5]),
            column("b", 1, 9, &[3.0, f64::INFINITY]),
        ]),
        network(vec![skipped.clone(), column(LONG, 40, 39, &[1.0]), skipped.clone(), skipped]),
        network(vec![column("", 0, 0, &[0.0])]),
    ]
}

fn strips() -> Vec<TokenStrip> {
    let token = |text: &str, slot, probability, fate: &str| StripToken {
        text: text.to_owned(),
        slot,
        probability,
        fate: fate.to_owned(),
        note: HOSTILE.to_owned(),
        marked: true,
    };
    let strip = |tokens: Vec<StripToken>| TokenStrip {
        title: HOSTILE.to_owned(),
        caption: LONG.to_owned(),
        rows: vec![
            TokenRow { name: LONG.to_owned(), tokens: Vec::new() },
            TokenRow { name: String::new(), tokens },
            TokenRow { name: HOSTILE.to_owned(), tokens: Vec::new() },
        ],
        slot_names: vec![HOSTILE.to_owned()],
    };
    vec![
        TokenStrip::default(),
        strip(Vec::new()),
        strip(vec![token("a", Some(3), 0.5, "kept"); 1500]),
        strip(vec![
            token(HOSTILE, Some(0), NONE, "dropped"),
            token(LONG, None, -4.0, "null"),
            token("", Some(usize::MAX), 9.0, ""),
            token(" \n\t", None, 0.0, "kept"),
            token("x", Some(8), 0.0, HOSTILE),
            token("y", Some(9), 1.0, LONG),
            token("z", Some(17), f64::INFINITY, "skipped"),
        ]),
    ]
}

fn flows() -> Vec<Flow> {
    let stage = |nodes: usize| FlowStage {
        name: LONG.to_owned(),
        nodes: (0..nodes)
            .map(|node| FlowNode {
                name: format!("{HOSTILE} {node}"),
                slot: node.is_multiple_of(2).then_some(node),
            })
            .collect(),
    };
    let link = |from_stage, from, to, amount, fate: &str| FlowLink {
        from_stage,
        from,
        to,
        amount,
        fate: fate.to_owned(),
        slot: None,
    };
    let flow = |stages: Vec<FlowStage>, links: Vec<FlowLink>| Flow {
        title: HOSTILE.to_owned(),
        caption: LONG.to_owned(),
        unit: HOSTILE.to_owned(),
        stages,
        links,
    };
    let fates = ["dropped", "null", "skipped", "shared", "rerouted", HOSTILE, ""];
    let chain = (0..39).map(|stage| link(stage, 0, 1, 2.0, fates[stage % 7])).collect();
    let fan = (0..300).map(|node| link(0, node, node / 3, node as f64, "kept")).collect();
    vec![
        Flow::default(),
        flow(vec![stage(3)], vec![link(0, 0, 0, 1.0, "")]),
        flow(vec![stage(0), stage(0)], Vec::new()),
        flow(vec![stage(3), stage(0), stage(2)], vec![link(0, 0, 0, 1.0, "")]),
        flow(vec![stage(2), stage(2)], Vec::new()),
        flow(
            vec![stage(2), stage(1), stage(1)],
            vec![
                link(0, 0, 0, 1e299, "dropped"),
                link(1, 0, 0, 1e-300, "kept"),
                link(usize::MAX, 0, 0, 1.0, ""),
                link(0, usize::MAX, 0, 1.0, ""),
                link(0, 1, 0, NONE, ""),
                link(0, 1, 0, -3.0, ""),
                link(0, 1, 0, f64::INFINITY, ""),
                link(0, 1, 0, 0.0, ""),
            ],
        ),
        flow(vec![stage(2); 40], chain),
        flow(vec![stage(300), stage(100)], fan),
        flow(vec![stage(1), stage(1)], vec![link(0, 0, 0, 1e-320, "skipped"); 3]),
        flow(vec![stage(1), stage(1)], vec![link(0, 0, 0, 1.0, ""); 5000]),
        routing::flow(32, 2),
    ]
}

fn bars() -> Vec<Bars> {
    let mut loads: Vec<Bars> = (0..3).map(|_| routing::load()).collect();
    loads[0].series[0].dropped = vec![NONE, -1.0, 1e299, 1e299];
    loads[1].series.extend(routing::load().series);
    loads[1].stacked = true;
    loads[2].series[0].values = vec![-5.0, NONE, 1e7];
    loads[2].series.extend(routing::load().series);
    loads
}

fn fronts() -> Vec<Scatter> {
    let scatter = |points: &[(f64, f64)], point: usize| Scatter {
        title: "Points".to_owned(),
        caption: "Some.".to_owned(),
        x: Axis::new("size", ""),
        y: Axis::new("loss", "nats"),
        series: vec![Series {
            name: "all".to_owned(),
            slot: 0,
            points: points.iter().map(|&(x, y)| Point { x, y, ..Point::default() }).collect(),
        }],
        front: Some(Front { name: LONG.to_owned(), ..Front::default() }),
        highlight: Some(Highlight { series: 0, point, name: HOSTILE.to_owned() }),
        ..Scatter::default()
    };
    vec![
        scatter(&[], 0),
        scatter(&[(1.0, 1.0)], 0),
        scatter(&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)], 7),
        scatter(&[(0.0, 0.0), (1.0, 1.0), (NONE, 0.0), (-1.0, f64::NEG_INFINITY)], 1),
        scatter(&[(0.0, 9.0), (1.0, 1.0), (9.0, 0.0)], 2),
        scatter(&[(0.0, 9.0), (1.0, 1.0), (9.0, 0.0)], 0),
    ]
}

pub fn plates() -> Vec<Plate> {
    let mut plates: Vec<Plate> = fields().into_iter().map(Plate::Field).collect();
    plates.extend(networks().into_iter().map(Plate::Network));
    plates.extend(strips().into_iter().map(Plate::TokenStrip));
    plates.extend(flows().into_iter().map(Plate::Flow));
    plates.extend(bars().into_iter().map(Plate::Bars));
    plates.extend(fronts().into_iter().map(Plate::Scatter));
    plates.push(Plate::Matrix(routing::counts(64, 32)));
    plates
}
