//! The table twins of the plates about routing hold every datum, and what the plates measure is right.

use super::samples_routing as routing;
use super::stress_routing;
use super::twins::fields;
use crate::plate::scene::{Paint, Shape};
use crate::plate::{Bars, Field, Plate, Scatter, svg};

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

#[test]
fn the_twin_of_a_field_holds_every_share_and_every_point() {
    let plate = routing::field(4, 40, 120);
    let rows = fields(&Plate::Field(plate.clone()));
    assert_eq!(rows.len(), 1 + 4 + 120);
    for (slot, row) in rows[1..5].iter().enumerate() {
        let cells = plate.slots.iter().filter(|other| usize::from(**other) == slot).count();
        assert_eq!(row[1], format!("expert {slot}"));
        assert!((number(&row[2]) - cells as f64 / 16.0).abs() < 1e-9);
    }
    for (row, point) in rows[5..].iter().zip(&plate.points) {
        assert_eq!([number(&row[4]), number(&row[5])], [point.x, point.y]);
        assert_eq!(row[1], format!("expert {}", point.slot));
        assert_eq!(row[3], plate.class_names[point.class]);
        assert_eq!(row[0] == "held-out point", point.held_out);
    }
}

#[test]
fn the_twin_of_a_network_holds_every_count_and_share() {
    let plate = routing::network();
    for (row, column) in fields(&Plate::Network(plate.clone()))[1..].iter().zip(&plate.columns) {
        assert_eq!((&row[0], &row[1]), (&column.name, &column.kind));
        assert_eq!([number(&row[2]), number(&row[3])], [column.lit as f64, column.total as f64]);
        assert_eq!(row[4] == "yes", column.skipped);
        let shares: Vec<f64> = row[5..].iter().filter_map(|share| share.parse().ok()).collect();
        assert_eq!(shares, column.slot_shares);
    }
}

#[test]
fn the_twin_of_a_token_strip_holds_every_token() {
    let plate = routing::token_strip();
    let rows = fields(&Plate::TokenStrip(plate.clone()));
    let tokens: Vec<_> =
        plate.rows.iter().flat_map(|row| row.tokens.iter().map(move |token| (row, token))).collect();
    assert_eq!(rows.len(), 1 + tokens.len());
    for (row, (strip, token)) in rows[1..].iter().zip(tokens) {
        assert_eq!(
            [&row[0], &row[2], &row[5], &row[7]],
            [&strip.name, &token.text, &token.fate, &token.note]
        );
        assert_eq!(row[3], token.slot.map(|slot| format!("expert {slot}")).unwrap_or_default());
        assert_eq!(number(&row[4]), token.probability);
        assert_eq!(row[6] == "yes", token.marked);
    }
}

#[test]
fn the_twin_of_a_flow_holds_every_link() {
    let plate = routing::flow(6, 3);
    let rows = fields(&Plate::Flow(plate.clone()));
    assert_eq!(rows.len(), 1 + plate.links.len());
    for (row, link) in rows[1..].iter().zip(&plate.links) {
        let node = |stage: usize, node: usize| plate.stages[stage].nodes[node].name.clone();
        assert_eq!(row[1], node(link.from_stage, link.from));
        assert_eq!(row[3], node(link.from_stage + 1, link.to));
        assert_eq!((number(&row[4]), &row[5]), (link.amount, &link.fate));
    }
}

#[test]
fn the_twin_of_bars_holds_what_was_dropped() {
    let plate = routing::load();
    let rows = fields(&Plate::Bars(plate.clone()));
    assert_eq!(rows[0][2], "kept, dropped (per step)");
    let dropped: Vec<f64> = rows[1..].iter().map(|row| number(&row[2])).collect();
    assert_eq!(dropped, plate.series[0].dropped);
}

#[test]
fn a_dropped_part_is_struck_and_never_a_hue() {
    let picture = svg::element(&Plate::Bars(routing::load()).scene(), "a");
    let struck = picture.matches("class=\"dropped\"").count();
    // Four bars and the key, each an outline and its strokes.
    assert_eq!(struck, 2 * 5);
    let plain = Bars { series: Vec::new(), ..routing::load() };
    assert!(!svg::element(&plain.scene_at(400.0), "a").contains("class=\"dropped\""));
}

#[test]
fn bars_of_slots_have_their_slots_colours_while_there_is_one_series() {
    let paints = |bars: &Bars| {
        let scene = bars.scene_at(672.0);
        let bars = scene.all_marks().into_iter().filter(|mark| mark.id.starts_with("bar-"));
        bars.map(|mark| mark.paint).collect::<Vec<_>>()
    };
    let mut bars = routing::load();
    bars.group_slots = vec![7, 3];
    assert_eq!(paints(&bars)[..3], [Paint::Hatch(7), Paint::Hatch(3), Paint::Hatch(5)]);
    bars.series.extend(routing::load().series);
    assert!(paints(&bars).into_iter().all(|paint| paint == Paint::Hatch(5)));
}

#[test]
fn a_value_is_never_written_across_the_capacity() {
    for kept in 60..100 {
        let mut bars = routing::load();
        bars.series[0].values = vec![f64::from(kept); 8];
        bars.series[0].dropped.clear();
        let scene = bars.scene_at(672.0);
        let find = |id: &str| scene.all_marks().into_iter().find(|mark| mark.id == id).unwrap().shape.clone();
        let (Shape::Line { from, .. }, Shape::Text { at, .. }) = (find("reference"), find("value-0-0"))
        else {
            panic!("a line and a text")
        };
        assert!(at[1] <= from[1] - 3.0 || at[1] - 9.0 >= from[1], "{kept}: {at:?} {from:?}");
    }
}

#[test]
fn the_twin_of_a_scatter_says_who_is_on_the_front_and_who_was_chosen() {
    let plate = routing::trade_off();
    let rows = fields(&Plate::Scatter(plate.clone()));
    assert_eq!(&rows[0][4..], ["best trade-offs", "yours"]);
    let front: Vec<(usize, usize)> = rows[1..]
        .iter()
        .enumerate()
        .filter(|(_, row)| row[4] == "yes")
        .map(|(index, _)| (index / 24, index % 24))
        .collect();
    let mut expected = plate.front_points();
    expected.sort_unstable();
    assert_eq!(front, expected);
    let chosen: Vec<usize> = (0..48).filter(|index| rows[index + 1][5] == "yes").collect();
    assert_eq!(chosen, [24 + 9]);
}

#[test]
fn what_was_written_before_these_plates_existed_is_still_read() {
    let text = r#"{"plate":"bars","title":"t","caption":"c","y":{"title":"","unit":""},"groups":["a"],
        "series":[{"name":"s","slot":0,"values":[1]}]}"#;
    let Plate::Bars(bars) = serde_json::from_str(text).unwrap() else { panic!("another kind of plate") };
    assert!(bars.series[0].dropped.is_empty() && bars.group_slots.is_empty());
    let text = r#"{"plate":"scatter","title":"t","caption":"c","x":{"title":"","unit":""},"y":{"title":"","unit":""},
        "series":[]}"#;
    let Plate::Scatter(Scatter { front, highlight, .. }) = serde_json::from_str(text).unwrap() else {
        panic!("another kind of plate")
    };
    assert_eq!((front, highlight), (None, None));
}

#[test]
fn shares_of_a_plane_add_up_and_count_slots_without_cells() {
    let mut field = Field { slots: vec![2, 2, 0, 2], columns: 2, rows: 2, ..Field::default() };
    assert_eq!(field.region_shares(), [0.25, 0.0, 0.75]);
    field.slot_names = vec![String::new(); 5];
    assert_eq!(field.region_shares().len(), 5);
    assert!(Field::default().region_shares().is_empty());
}

#[test]
fn a_click_finds_the_place_that_is_drawn_there() {
    let field = routing::field(4, 40, 120);
    for width in [240.0, 420.0, 672.0, 900.0] {
        for place in [[0.0, 0.0], [-1.3, 1.2], [0.31, -0.52]] {
            let found = field.data_at(field.pixel_of(place, width), width).unwrap();
            assert!((0..2).all(|axis| (found[axis] - place[axis]).abs() < 1e-9), "{found:?} {place:?}");
        }
        let scene = field.scene_at(width);
        let mark = scene.all_marks().into_iter().find(|mark| mark.id == "cells").unwrap();
        let Shape::Pixels { at, size, .. } = &mark.shape else { panic!("no cells") };
        let upper_left = field.pixel_of([-1.4, 1.4], width);
        assert!((0..2).all(|axis| (upper_left[axis] - at[axis]).abs() < 1e-9));
        assert_eq!(field.data_at([at[0] + size[0] + 1.0, at[1] + 1.0], width), None);
    }
    assert_eq!(Field::default().data_at([50.0, 50.0], 420.0), None);
}

#[test]
fn cells_of_a_field_cover_the_plane_exactly_once() {
    let field = routing::field(8, 30, 0);
    let picture = svg::element(&field.scene_at(420.0), "a");
    let mut covered = 0;
    for path in picture.split("class=\"cell ").skip(1) {
        let slot: usize = path[1..2].parse().unwrap();
        let d = path.split('"').nth(2).unwrap();
        let cells: usize = d
            .split('h')
            .skip(1)
            .step_by(2)
            .map(|run| run.split('v').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert!(cells <= field.slots.iter().filter(|other| usize::from(**other) == slot).count());
        covered += cells;
    }
    assert_eq!(covered, 900);
    assert!(picture.len() < 40_000, "{}", picture.len());
}

#[test]
fn what_cannot_be_drawn_is_refused_with_a_sentence() {
    let mut refused = 0;
    for plate in stress_routing::plates() {
        for mark in plate.scene().all_marks().into_iter().filter(|mark| mark.id == "note-empty-0") {
            let Shape::Text { text, .. } = &mark.shape else { panic!("no text") };
            assert!(text.starts_with(char::is_uppercase), "{text}");
            refused += 1;
        }
    }
    assert!(refused >= 15, "{refused}");
}
