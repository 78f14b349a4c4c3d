//! No text lies on another or leaves its picture, at any width that is used.

use super::{samples, samples_routing, stress};
use crate::plate::scene::{Scene, Shape, TextBox, WIDEST_FONT, text_width};
use crate::plate::{Matrix, Plate, Scale, VerdictPlate};

const WIDTHS: [f64; 7] = [240.0, 288.0, 360.0, 420.0, 672.0, 900.0, 1000.0];

fn all_scenes() -> Vec<Scene> {
    let plates = samples::plates().into_iter().map(|(_, plate)| plate).chain(stress::plates());
    let scenes = plates.flat_map(|plate| WIDTHS.map(|width| plate.scene_at(width)));
    let intervals = samples::verdicts().into_iter().flat_map(|verdict| {
        WIDTHS.map(|width| VerdictPlate { verdict: verdict.clone() }.interval_scene(width))
    });
    scenes.chain(intervals).collect()
}

fn overlap(first: &TextBox, second: &TextBox) -> bool {
    let ([a, b, c, d], [e, f, g, h]) = (first.edges, second.edges);
    a + 0.5 < g && e + 0.5 < c && b + 0.5 < h && f + 0.5 < d
}

#[test]
fn texts_never_overlap() {
    for scene in all_scenes() {
        let mut boxes: Vec<TextBox> =
            scene.text_boxes().into_iter().filter(|text| !text.text.is_empty()).collect();
        boxes.sort_by(|a, b| a.edges[1].total_cmp(&b.edges[1]));
        for (index, first) in boxes.iter().enumerate() {
            // Those that begin below the first one cannot lie on it, nor can any after them.
            for second in boxes[index + 1..].iter().take_while(|second| second.edges[1] < first.edges[3]) {
                assert!(!overlap(first, second), "{} at {}: {first:?} {second:?}", scene.title, scene.width);
            }
        }
    }
}

#[test]
fn texts_and_marks_stay_in_the_picture() {
    for scene in all_scenes() {
        let inside = |[x, y]: [f64; 2]| {
            (-1.0..=scene.width + 1.0).contains(&x) && (-1.0..=scene.height + 1.0).contains(&y)
        };
        for text in scene.text_boxes() {
            let [left, top, right, bottom] = text.edges;
            assert!(
                inside([left, top]) && inside([right, bottom]),
                "{} at {}: {text:?}",
                scene.title,
                scene.width
            );
        }
        for mark in scene.all_marks() {
            let corners: Vec<[f64; 2]> = match &mark.shape {
                Shape::Line { from, to } => vec![*from, *to],
                Shape::Rect { at, size, .. } | Shape::Pixels { at, size, .. } => {
                    assert!(size[0] >= 0.0 && size[1] >= 0.0, "{mark:?}");
                    vec![*at, [at[0] + size[0], at[1] + size[1]]]
                }
                Shape::Circle { at, radius } => {
                    vec![[at[0] - radius, at[1] - radius], [at[0] + radius, at[1] + radius]]
                }
                Shape::Path { parts, .. } => parts.concat(),
                Shape::Text { .. } | Shape::Group { .. } => Vec::new(),
            };
            assert!(corners.into_iter().all(inside), "{} at {}: {mark:?}", scene.title, scene.width);
        }
    }
}

#[test]
fn only_the_five_sizes_of_type_are_used() {
    for scene in all_scenes() {
        for mark in scene.all_marks() {
            if let Shape::Text { style, .. } = &mark.shape {
                assert!([12.0, 14.0, 16.0, 20.0, 28.0].contains(&style.size), "{mark:?}");
            }
        }
    }
}

#[test]
fn every_datum_has_a_mark_that_says_its_name() {
    let named = |plate: &Plate, prefix: &str| {
        let scene = plate.scene();
        let marks = scene.all_marks().into_iter().filter(|mark| mark.id.starts_with(prefix));
        let names: Vec<String> = marks.filter_map(|mark| mark.name.clone()).collect();
        names
    };
    let points = named(&Plate::Scatter(samples::scatter(16)), "point-");
    assert_eq!(points.len(), 64);
    assert!(points[0].starts_with("sandwich, a00 <w16&d1>: loss trained alone 0.1"), "{}", points[0]);
    assert_eq!(named(&Plate::Matrix(samples::matrix(12)), "cell-").len(), 144);
    assert_eq!(named(&Plate::Bars(samples::bars(8, true)), "bar-").len(), 24);
    assert!(named(&Plate::Curve(samples::curve()), "point-").len() >= 4 * 7);
    assert_eq!(named(&samples::plates().pop().unwrap().1, "interval").len(), 1);
    let field = Plate::Field(samples_routing::field(4, 40, 120));
    assert_eq!(named(&field, "point-").len(), 120);
    assert_eq!(named(&field, "region-").len(), 4);
    let strip = named(&Plate::TokenStrip(samples_routing::token_strip()), "token-");
    assert_eq!(strip.len(), 2 * 19);
    assert!(
        strip[3].starts_with("“sends” 2 dropped, layer 1, token 4: dropped, expert 2 with probability 0."),
        "{}",
        strip[3]
    );
    let flow = samples_routing::flow(6, 3);
    let ribbons = named(&Plate::Flow(flow.clone()), "ribbon-");
    assert_eq!(ribbons.len(), flow.links.len());
    assert_eq!(ribbons[0], "From digit 0 to expert 3: 41 of 60 samples");
    let network = named(&Plate::Network(samples_routing::network()), "column-");
    assert_eq!(network[1], "block 1: 24 of 64 inner units; weights from expert 0 62%, expert 1 38%");
}

#[test]
fn a_point_of_a_field_says_where_it_is_and_where_it_goes() {
    let mut field = samples_routing::field(4, 40, 1);
    (field.points[0].x, field.points[0].y, field.points[0].slot) = (0.31, -0.52, 3);
    let scene = field.scene_at(420.0);
    let point = scene.all_marks().into_iter().find(|mark| mark.id == "point-0").unwrap();
    let name = "Point at (0.31, −0.52), class inner, goes to expert 3, held out";
    assert_eq!(point.name.as_deref(), Some(name));
    assert_eq!(point.focus, Some(4));
}

#[test]
fn focus_visits_every_place_once_and_each_says_what_it_is() {
    let plates = samples::plates().into_iter().map(|(_, plate)| plate).chain(stress::plates());
    for plate in plates {
        let scene = plate.scene_at(420.0);
        let marks = scene.all_marks();
        let mut places: Vec<usize> = marks.iter().filter_map(|mark| mark.focus).collect();
        places.sort_unstable();
        assert!(
            places.iter().enumerate().all(|(index, place)| index == *place),
            "{}: {places:?}",
            scene.title
        );
        for mark in marks.iter().filter(|mark| mark.focus.is_some()) {
            assert!(
                mark.name.as_ref().is_some_and(|name| !name.trim().is_empty()),
                "{}: {mark:?}",
                scene.title
            );
        }
        let mut ids: Vec<&str> = marks.iter().map(|mark| mark.id.as_str()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}: an id is used twice", scene.title);
    }
}

#[test]
fn long_names_of_rows_have_room_in_a_wide_font() {
    let matrix = Plate::Matrix(Matrix {
        title: "long names".to_owned(),
        caption: String::new(),
        rows: vec!["e24-16x2.32x4-d24-16x2x2x1.32x4x4x2".to_owned()],
        columns: (0..8).map(|part| format!("part {part}")).collect(),
        row_title: "architecture".to_owned(),
        column_title: "part".to_owned(),
        unit: String::new(),
        values: vec![vec![Some(0.5); 8]],
        scale: Scale::Sequential { min: 0.0, max: 1.0 },
    });
    for width in WIDTHS {
        let boxes = matrix.scene_at(width).text_boxes();
        let name = boxes.iter().find(|text| text.text.starts_with("e2")).expect("the row is named");
        let [left, _, right, _] = name.edges;
        assert!(right - (right - left) * WIDEST_FONT >= -0.1, "{width}: {name:?}");
    }
}

#[test]
fn keyboard_focus_visits_series_in_order() {
    let places: Vec<usize> = Plate::Scatter(samples::scatter(3))
        .scene()
        .all_marks()
        .into_iter()
        .filter_map(|mark| mark.focus)
        .collect();
    assert_eq!(places, [0, 1, 2, 3]);
}

#[test]
fn a_title_of_letters_is_wider_than_one_of_full_stops() {
    assert!(text_width("mmm", 12.0) > text_width("...", 12.0));
    assert!((text_width("ab", 24.0) - 2.0 * text_width("ab", 12.0)).abs() < 1e-9);
}
