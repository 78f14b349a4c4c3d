//! The picture itself: named marks in a rectangle, ready for any back end (an SVG text, a browser's document).
//! Marks carry meaning (a slot, a tone), never colours; a back end turns meaning into colour for its theme.

use super::palette::Shade;

/// A picture: what it shows in words, its size in pixels, and its marks from back to front.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it and what it holds, for who cannot see it.
    pub description: String,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// The marks, drawn in this order.
    pub marks: Vec<Mark>,
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Unique in its scene.
    pub id: String,
    /// What it is, sufficient on its own: shown when pointed at, read out when focused. Decoration has none.
    pub name: Option<String>,
    /// Its form.
    pub shape: Shape,
    /// What it means, hence how it looks.
    pub paint: Paint,
    /// Its place in the order of keyboard focus, if it can be focused.
    pub focus: Option<usize>,
}

impl Mark {
    /// A mark without a name.
    pub fn new(id: impl Into<String>, shape: Shape, paint: Paint) -> Self {
        Self { id: id.into(), name: None, shape, paint, focus: None }
    }

    /// The mark with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The mark with a place in the order of keyboard focus.
    #[must_use]
    pub fn focused(mut self, place: usize) -> Self {
        self.focus = Some(place);
        self
    }
}

/// The form of a mark. All coordinates are pixels from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A straight line between two points.
    Line {
        /// Where it begins.
        from: [f64; 2],
        /// Where it ends.
        to: [f64; 2],
    },
    /// A rectangle.
    Rect {
        /// Upper left corner.
        at: [f64; 2],
        /// Width and height.
        size: [f64; 2],
        /// Radius of its corners.
        radius: f64,
    },
    /// A circle.
    Circle {
        /// Its centre.
        at: [f64; 2],
        /// Its radius.
        radius: f64,
    },
    /// Straight lines through points; several parts where there are gaps.
    Path {
        /// The parts.
        parts: Vec<Vec<[f64; 2]>>,
        /// Whether each part returns to its first point.
        closed: bool,
    },
    /// One line of text.
    Text {
        /// Where its baseline starts, has its middle or ends, according to the anchor.
        at: [f64; 2],
        /// The text.
        text: String,
        /// Its size, place and direction.
        style: Style,
    },
    /// A grid of cells, each in its slot's colour, the stronger the surer; a back end may draw it on a canvas.
    Pixels {
        /// Upper left corner.
        at: [f64; 2],
        /// Width and height of the whole grid.
        size: [f64; 2],
        /// Cells side by side.
        columns: usize,
        /// Cells above each other.
        rows: usize,
        /// The slot of each cell, row by row from the upper left.
        slots: Vec<u8>,
        /// How strong each cell's colour is, 0 to 255; see [`super::palette::opacity`].
        strength: Vec<u8>,
    },
    /// Marks that belong together.
    Group {
        /// The marks.
        marks: Vec<Mark>,
    },
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Size in pixels: 12, 14, 16, 20 or 28.
    pub size: f64,
    /// Which part of the text lies at its position.
    pub anchor: Anchor,
    /// Whether it reads upwards.
    pub upright: bool,
    /// Whether it is set in bold.
    pub bold: bool,
}

impl Style {
    /// Small text that starts at its position.
    pub const START: Self = Self { size: 12.0, anchor: Anchor::Start, upright: false, bold: false };
    /// Small text around its position.
    pub const MIDDLE: Self = Self { anchor: Anchor::Middle, ..Self::START };
    /// Small text that ends at its position.
    pub const END: Self = Self { anchor: Anchor::End, ..Self::START };

    /// The style in another size.
    #[must_use]
    pub const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// The style in bold.
    #[must_use]
    pub const fn strong(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// Which part of a text lies at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its first letter.
    Start,
    /// Its middle.
    Middle,
    /// Its last letter.
    End,
}

/// What a mark means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// Text or a line of full weight.
    Ink,
    /// Text or a line that stays back.
    Muted,
    /// The lines of a grid.
    Rule,
    /// The lines of axes and boxes.
    Edge,
    /// A dashed line to compare with: equal values, a capacity, zero.
    Reference,
    /// A quiet area, such as a noise band.
    Area,
    /// A box that holds text.
    Panel,
    /// A mark filled with a slot's colour.
    Slot(usize),
    /// An area filled with a slot's colour and hatch.
    Hatch(usize),
    /// A line in a slot's colour.
    Stroke(usize),
    /// A thin line in a slot's colour, such as an interval.
    Whisker(usize),
    /// A pale area in a slot's colour, such as an interval band.
    Band(usize),
    /// A cell shaded by its value.
    Shade(Shade),
    /// Text on a shaded cell.
    OnShade(Shade),
    /// No value: outline only.
    Null,
    /// A thin line between two regions.
    Border,
    /// A line that is to be seen first: a boundary, a front, a ring.
    Strong,
    /// A broad line in the colour of the paper, behind a line that crosses colours.
    Halo,
    /// A full marker that belongs to no slot.
    Dot,
    /// A hollow marker that belongs to no slot.
    Hollow,
    /// Text that lies on colours, with an edge in the colour of the paper.
    Label,
    /// The ground of a label that lies on colours.
    Chip,
    /// What was dropped, and the lines that strike it through.
    Dropped,
    /// A part that is in use.
    Lit,
    /// A part that is not in use.
    Unlit,
    /// A part that is passed by: a dashed outline.
    Skipped,
    /// An area in a slot's colour that others may cross.
    Ribbon(usize),
    /// A claim that holds.
    Good,
    /// A claim that cannot be decided.
    Warn,
    /// A claim that fails.
    Bad,
    /// Nothing of its own: a group.
    None,
}

/// The box that a text covers, for layout and its test.
#[derive(Clone, Debug, PartialEq)]
pub struct TextBox {
    /// The text.
    pub text: String,
    /// Left, top, right, bottom.
    pub edges: [f64; 4],
}

impl Scene {
    /// Every mark, groups before their members.
    pub fn all_marks(&self) -> Vec<&Mark> {
        fn collect<'a>(marks: &'a [Mark], into: &mut Vec<&'a Mark>) {
            for mark in marks {
                into.push(mark);
                if let Shape::Group { marks } = &mark.shape {
                    collect(marks, into);
                }
            }
        }
        let mut all = Vec::new();
        collect(&self.marks, &mut all);
        all
    }

    /// The boxes that the texts cover, by estimated letter widths.
    pub fn text_boxes(&self) -> Vec<TextBox> {
        self.all_marks()
            .into_iter()
            .filter_map(|mark| match &mark.shape {
                Shape::Text { at, text, style } => {
                    Some(TextBox { text: text.clone(), edges: edges(*at, text, *style) })
                }
                _ => None,
            })
            .collect()
    }
}

fn edges([x, y]: [f64; 2], text: &str, style: Style) -> [f64; 4] {
    let width = text_width(text, style.size);
    let before = match style.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let (above, below) = (style.size * 0.78, style.size * 0.22);
    if style.upright {
        [x - above, y - width + before, x + below, y + before]
    } else {
        [x - before, y - above, x - before + width, y + below]
    }
}

/// The width of a text in pixels, estimated a little too wide for the usual system fonts.
pub fn text_width(text: &str, size: f64) -> f64 {
    let letter = |letter: char| match letter {
        'i' | 'l' | 'j' | '.' | ',' | '\'' | '|' | ':' | ';' | '!' | '\u{202f}' => 0.3,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ' ' | '/' | '-' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.92,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '−' | '×' | '±' => 0.7,
        letter if letter as u32 >= 0x2e80 => 1.0,
        _ => 0.58,
    };
    text.chars().map(letter).sum::<f64>() * size
}

/// How much wider than [`text_width`] digits and small letters of the widest usual font are: DejaVu Sans, the one of many
/// Linux machines.
pub const WIDEST_FONT: f64 = 1.1;

/// The text, cut with an ellipsis where it is wider than `width`.
pub fn fitted(text: &str, size: f64, width: f64) -> String {
    // A hundredth of a pixel for sums that were rounded.
    if text_width(text, size) <= width + 0.01 {
        return text.to_owned();
    }
    let mut cut: Vec<char> = text.chars().collect();
    while cut.pop().is_some() {
        let candidate = cut.iter().collect::<String>().trim_end().to_owned() + "…";
        if text_width(&candidate, size) <= width {
            return candidate;
        }
    }
    String::new()
}

/// The text if it fits, else its last word if that fits (of `layer 3` the number matters), else cut as by [`fitted`].
pub fn shortened(text: &str, size: f64, width: f64) -> String {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let whole = [text, last].into_iter().find(|text| text_width(text, size) <= width + 0.01);
    whole.map_or_else(|| fitted(text, size, width), str::to_owned)
}

/// The text in lines of at most `width`, broken between words; a word that is too long is cut.
pub fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = fitted(word, size, width);
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}
