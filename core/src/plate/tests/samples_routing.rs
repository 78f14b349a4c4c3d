//! Plates about routing as a real run makes them: a router in a plane, a sub-network, a sentence, digits to experts.

use crate::plate::{
    Axis, BarSeries, Bars, Field, FieldPoint, Flow, FlowLink, FlowNode, FlowStage, Front, Highlight, Matrix,
    Network, NetworkColumn, Point, Scale, Scatter, Series, StripToken, TokenRow, TokenStrip,
};

use super::samples::wobble;

fn experts(count: usize) -> Vec<String> {
    (0..count).map(|slot| format!("expert {slot}")).collect()
}

/// The winner among soft sectors around the middle, and how sure it is.
fn winner(experts: usize, [x, y]: [f64; 2]) -> (u8, u8) {
    let score = |slot: usize| {
        let angle = 2.0 * std::f64::consts::PI * (slot as f64 + 0.3) / experts as f64;
        let bend = 0.9 * (x * x + y * y) + 0.4 * wobble(slot, 3);
        5.0 * (x * libm::cos(angle + bend) + y * libm::sin(angle + bend)) + 0.8 * wobble(slot, 1)
    };
    let scores: Vec<f64> = (0..experts).map(score).collect();
    let best = (0..experts).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
    let sum: f64 = scores.iter().map(|score| libm::exp(score - scores[best])).sum();
    (best as u8, (255.0 / sum) as u8)
}

/// Two rings of points, routed to experts by their place.
pub fn field(experts_count: usize, cells: usize, points: usize) -> Field {
    let middle = |index: usize| -1.4 + 2.8 * (index as f64 + 0.5) / cells as f64;
    let won = |cell: usize| winner(experts_count, [middle(cell % cells), -middle(cell / cells)]);
    let point = |index: usize| {
        let class = index % 2;
        let angle = 2.0 * std::f64::consts::PI * (0.5 + 0.5 * wobble(index * index, 7));
        let radius = 0.45 + 0.5 * class as f64 + 0.13 * wobble(index, index * 3);
        let (x, y) = (radius * libm::cos(angle), radius * libm::sin(angle));
        let slot = usize::from(winner(experts_count, [x, y]).0);
        FieldPoint { x, y, class, label: String::new(), slot, held_out: index.is_multiple_of(5) }
    };
    let ring = (0..=72).map(|step| {
        let angle = f64::from(step) * std::f64::consts::PI / 36.0;
        let radius = 0.7 + 0.04 * libm::sin(5.0 * angle);
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    });
    Field {
        title: "Four experts share the plane, and expert 2 takes the most of it".to_owned(),
        caption:
            "Each cell has the colour of the expert that a point there goes to, stronger where the router is \
                  surer. The strong line is where the predicted class changes."
                .to_owned(),
        x: Axis::new("x₁", ""),
        y: Axis::new("x₂", ""),
        x_range: [-1.4, 1.4],
        y_range: [-1.4, 1.4],
        columns: cells,
        rows: cells,
        slots: (0..cells * cells).map(|cell| won(cell).0).collect(),
        strength: (0..cells * cells).map(|cell| won(cell).1).collect(),
        slot_names: experts(experts_count),
        boundary: vec![ring.collect()],
        points: (0..points).map(point).collect(),
        class_names: vec!["inner".to_owned(), "outer".to_owned()],
    }
}

pub fn network() -> Network {
    let column = |name: &str, kind: &str, total, lit, slot_shares: &[f64]| NetworkColumn {
        name: name.to_owned(),
        total,
        lit,
        kind: kind.to_owned(),
        slot_shares: slot_shares.to_vec(),
        skipped: false,
    };
    let mut columns = vec![
        column("pixels", "inputs", 64, 64, &[]),
        column("block 1", "inner units", 64, 24, &[0.62, 0.38]),
        column("block 2", "inner units", 64, 48, &[0.55, 0.45]),
        column("block 3", "inner units", 64, 32, &[0.71, 0.29]),
        column("digit", "classes", 10, 10, &[]),
    ];
    columns[2].skipped = true;
    Network {
        title: "Two of three blocks are used, with 24 and 32 of their 64 units".to_owned(),
        caption: "Full cells are used by this sub-network, outlined ones are not; a dashed block is skipped. The bar \
                  beneath a block says which share of its weights comes from each expert."
            .to_owned(),
        columns,
        slot_names: experts(2),
    }
}

pub fn token_strip() -> TokenStrip {
    let token = |(index, text): (usize, &str)| StripToken {
        text: text.to_owned(),
        slot: Some((text.len() + index) % 6),
        probability: 0.7 + 0.3 * wobble(index, text.len()),
        fate: "kept".to_owned(),
        note: String::new(),
        marked: false,
    };
    let tokens: Vec<StripToken> =
        "The signal box sends every train to one of six tracks , unless the track is full already ."
            .split(' ')
            .enumerate()
            .map(token)
            .collect();
    let mut rows: Vec<TokenRow> =
        [1, 2].map(|layer| TokenRow { name: format!("layer {layer}"), tokens: tokens.clone() }).into();
    for (place, fate) in [(3, "dropped"), (6, "rerouted"), (9, "shared"), (14, "dropped")] {
        rows[0].tokens[place].fate = fate.to_owned();
    }
    for (place, fate) in [(12, "null"), (17, "skipped")] {
        rows[0].tokens[place].fate = fate.to_owned();
        rows[0].tokens[place].slot = None;
    }
    rows[1].tokens[4].marked = true;
    rows[1].tokens[4].note = "Predicted: each.".to_owned();
    TokenStrip {
        title: "Two of nineteen tokens are dropped in the first layer".to_owned(),
        caption: "Under each token its expert's colour and number; the bar is as long as the router is sure. A token \
                  that is struck through was dropped, a dashed one skipped the layer, a marked corner is a wrong \
                  prediction."
            .to_owned(),
        rows,
        slot_names: experts(6),
    }
}

/// Ten digits to `slots` experts, and on to what they are taken for.
pub fn flow(slots: usize, stages: usize) -> Flow {
    let digits = |name: &str| FlowStage {
        name: name.to_owned(),
        nodes: (0..10).map(|digit| FlowNode { name: format!("digit {digit}"), slot: None }).collect(),
    };
    let node = |slot: usize| FlowNode { name: format!("expert {slot}"), slot: Some(slot) };
    let experts = FlowStage { name: "expert".to_owned(), nodes: (0..slots).map(node).collect() };
    let mut links = Vec::new();
    for digit in 0..10 {
        let first = (digit * 7 + 3) % slots;
        let second = (digit * 5 + 2) % slots;
        for (to, amount) in [(first, 41.0 + digit as f64), (second, 19.0 - digit as f64)] {
            links.push(FlowLink { from_stage: 0, from: digit, to, amount, ..FlowLink::default() });
            if stages > 2 {
                let wrong = (digit + to) % 10;
                for (node, part) in [(digit, 0.9), (wrong, 0.1)] {
                    links.push(FlowLink {
                        from_stage: 1,
                        from: to,
                        to: node,
                        amount: (amount * part).round(),
                        slot: Some(to),
                        ..FlowLink::default()
                    });
                }
            }
        }
    }
    links[1].fate = "dropped".to_owned();
    let mut all = vec![digits("digit"), experts];
    if stages > 2 {
        all.push(digits("taken for"));
    }
    Flow {
        title: "Each expert takes two or three digits".to_owned(),
        caption: "A ribbon is as wide as the number of samples that take this way; what is struck through was dropped."
            .to_owned(),
        unit: "samples".to_owned(),
        stages: all,
        links,
    }
}

/// Load of eight experts with what did not fit.
pub fn load() -> Bars {
    let demand = |slot: usize| (70.0 + 60.0 * wobble(slot, 5)).round();
    Bars {
        title: "Four experts are full, and 97 tokens are dropped".to_owned(),
        caption: "Tokens that each expert takes in one step; the struck part on top did not fit.".to_owned(),
        y: Axis::new("tokens", "per step"),
        groups: experts(8),
        series: vec![BarSeries {
            name: "kept".to_owned(),
            slot: 5,
            values: (0..8).map(|slot| demand(slot).min(80.0)).collect(),
            dropped: (0..8).map(|slot| (demand(slot) - 80.0).max(0.0)).collect(),
        }],
        stacked: false,
        group_slots: (0..8).collect(),
        line: Some((80.0, "capacity".to_owned())),
    }
}

/// Architectures by size and accuracy, with the best trade-offs and the one that was chosen.
pub fn trade_off() -> Scatter {
    let series = |slot: usize, name: &str| Series {
        name: name.to_owned(),
        slot,
        points: (0..24)
            .map(|index| {
                let size = 2000.0 + 700.0 * index as f64 + 300.0 * wobble(index, slot);
                let best = 97.5 - 18.0 * libm::exp(-size / 4000.0) + slot as f64 * 0.4;
                Point {
                    x: size.round(),
                    y: best - 1.6 * (1.0 + wobble(slot + 4, index)),
                    label: format!("a{index:02}"),
                    ..Point::default()
                }
            })
            .collect(),
    };
    Scatter {
        title: "Beyond 8000 parameters more size buys little".to_owned(),
        caption: "One mark per architecture. No other architecture is both smaller and better than one on the line."
            .to_owned(),
        x: Axis::new("parameters", ""),
        y: Axis::new("accuracy", "%"),
        series: vec![series(0, "plain sharing"), series(4, "mixture")],
        front: Some(Front {
            name: "best trade-offs".to_owned(),
            x_larger_is_better: false,
            y_larger_is_better: true,
        }),
        highlight: Some(Highlight { series: 1, point: 9, name: "yours".to_owned() }),
        ..Scatter::default()
    }
}

/// How many units of each kind go to each slot.
pub fn counts(rows: usize, columns: usize) -> Matrix {
    let value = |row: usize, column: usize| {
        let near = (row * columns / rows.max(1)).abs_diff(column) as f64;
        Some((120.0 * libm::exp(-near) * (1.0 + 0.4 * wobble(row, column))).round())
    };
    Matrix {
        title: "Neighbouring units go to neighbouring experts".to_owned(),
        caption: "How many of each row's samples go to each expert.".to_owned(),
        rows: (0..rows).map(|row| format!("unit {row}")).collect(),
        columns: experts(columns),
        row_title: "unit".to_owned(),
        column_title: "expert".to_owned(),
        unit: "samples".to_owned(),
        values: (0..rows).map(|row| (0..columns).map(|column| value(row, column)).collect()).collect(),
        scale: Scale::Sequential { min: 0.0, max: 160.0 },
    }
}
