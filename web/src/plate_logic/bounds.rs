//! The rectangle that a mark covers, for the ring around it and for finding its neighbours.

use switchyard::plate::scene::{Anchor, Mark, Shape, text_width};

/// Left, top, right and bottom edge in pixels of the picture.
pub type Edges = [f64; 4];

/// The smallest rectangle around a mark and everything in it; nothing for an empty group.
pub fn bounds(mark: &Mark) -> Option<Edges> {
    let around = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        points.fold(None, |edges, [x, y]| joined(edges, Some([x, y, x, y])))
    };
    match &mark.shape {
        Shape::Group { marks } => marks.iter().map(bounds).fold(None, joined),
        Shape::Line { from, to } => around(&mut [*from, *to].into_iter()),
        Shape::Rect { at, size, .. } | Shape::Pixels { at, size, .. } => {
            Some([at[0], at[1], at[0] + size[0], at[1] + size[1]])
        }
        Shape::Circle { at, radius } => {
            Some([at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius])
        }
        Shape::Path { parts, .. } => around(&mut parts.iter().flatten().copied()),
        Shape::Text { at: [x, y], text, style } => {
            let width = text_width(text, style.size);
            let before = match style.anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => width / 2.0,
                Anchor::End => width,
            };
            let (above, below) = (style.size * 0.78, style.size * 0.22);
            Some(if style.upright {
                [x - above, y - width + before, x + below, y + before]
            } else {
                [x - before, y - above, x - before + width, y + below]
            })
        }
    }
}

/// The smallest rectangle around two.
fn joined(first: Option<Edges>, second: Option<Edges>) -> Option<Edges> {
    match (first, second) {
        (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]),
        (edges, None) | (None, edges) => edges,
    }
}

/// The middle of a rectangle.
pub fn middle(edges: Edges) -> [f64; 2] {
    [(edges[0] + edges[2]) / 2.0, (edges[1] + edges[3]) / 2.0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchyard::plate::scene::{Paint, Style};

    fn mark(shape: Shape) -> Mark {
        Mark::new("a", shape, Paint::Ink)
    }

    #[test]
    fn a_group_is_as_large_as_what_it_holds() {
        let circle = mark(Shape::Circle { at: [10.0, 20.0], radius: 5.0 });
        let line = mark(Shape::Line { from: [0.0, 18.0], to: [40.0, 19.0] });
        let empty = mark(Shape::Group { marks: Vec::new() });
        assert_eq!(bounds(&empty), None);
        let group = mark(Shape::Group { marks: vec![empty, circle, line] });
        assert_eq!(bounds(&group), Some([0.0, 15.0, 40.0, 25.0]));
        assert_eq!(middle([0.0, 15.0, 40.0, 25.0]), [20.0, 20.0]);
    }

    #[test]
    fn upright_text_reaches_upwards() {
        let style = Style { upright: true, ..Style::START };
        let text = mark(Shape::Text { at: [10.0, 100.0], text: "depth".to_owned(), style });
        let [left, top, right, bottom] = bounds(&text).expect("a text has bounds");
        assert!(left < 10.0 && right > 10.0 && top < 80.0 && bottom <= 100.0);
    }
}
