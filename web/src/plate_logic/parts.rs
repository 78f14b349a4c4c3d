//! A picture's marks in parts, each drawn only when something in it has changed.

use std::collections::BTreeMap;
use std::ops::Range;

use switchyard::plate::scene::{Mark, Shape};

/// How many marks are compared and drawn together, those in groups counted each.
const PART: usize = 50;

/// The marks in parts: many of one kind in a row in pieces, all others up to there together. A part's name stays the
/// same when there are more or fewer marks of another kind.
pub fn parts(marks: &[Mark]) -> Vec<(String, Range<usize>)> {
    let mut parts: Vec<(String, Range<usize>)> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut push = |name: &str, range: Range<usize>| {
        if !range.is_empty() {
            let number = numbers.entry(name.to_owned()).or_default();
            parts.push((format!("{name}{number}"), range));
            *number += 1;
        }
    };
    let (mut start, mut others) = (0, 0);
    while start < marks.len() {
        let here = kind(&marks[start]);
        let end = start + marks[start..].iter().take_while(|mark| kind(mark) == here).count();
        if marks[start..end].iter().map(weight).sum::<usize>() >= PART {
            push("others", others..start);
            let (mut from, mut held) = (start, 0);
            for (next, mark) in (start + 1..).zip(&marks[start..end]) {
                held += weight(mark);
                if held >= PART || next == end {
                    push(here, from..next);
                    (from, held) = (next, 0);
                }
            }
            others = end;
        }
        start = end;
    }
    push("others", others..marks.len());
    parts
}

/// What a mark is: its identifier without the number at its end.
fn kind(mark: &Mark) -> &str {
    mark.id.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn weight(mark: &Mark) -> usize {
    match &mark.shape {
        Shape::Group { marks } => 1 + marks.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::plate::scene::Paint;

    fn circle(id: String) -> Mark {
        Mark::new(id, Shape::Circle { at: [0.0, 0.0], radius: 1.0 }, Paint::Dot)
    }

    fn scene(regions: usize) -> Vec<Mark> {
        let region = (0..regions).map(|number| circle(format!("region-{number}")));
        let point = (0..120).map(|number| circle(format!("point-{number}")));
        let image = (0..3).map(|number| {
            let marks = (0..64).map(|pixel| circle(format!("ink-{number}-{pixel}"))).collect();
            Mark::new(format!("image-{number}"), Shape::Group { marks }, Paint::None)
        });
        region.chain(point).chain(image).chain([circle("title".to_owned())]).collect()
    }

    #[test]
    fn every_mark_is_in_one_part_and_every_part_has_a_name_of_its_own() {
        for regions in [0, 3, 60] {
            let marks = scene(regions);
            let parts = parts(&marks);
            let covered: Vec<usize> = parts.iter().flat_map(|(_, range)| range.clone()).collect();
            assert_eq!(covered, (0..marks.len()).collect::<Vec<_>>());
            let mut names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), parts.len());
        }
        assert_eq!(parts(&[]), []);
    }

    #[test]
    fn names_do_not_depend_on_how_many_marks_of_another_kind_there_are() {
        let names = |regions| parts(&scene(regions)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let expected =
            ["others0", "point-0", "point-1", "point-2", "image-0", "image-1", "image-2", "others1"];
        assert_eq!(names(3), expected);
        assert_eq!(names(5), expected);
    }
}
