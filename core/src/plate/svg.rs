//! A scene as SVG text: titled, described, without scripts and without references to anything outside.
//! Colours come from `static/tokens.css`, so one text serves both themes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::palette::{DARK, LIGHT, Shade, cue, hue, level};
use super::scene::{Anchor, Mark, Paint, Scene, Shape, Style};

/// The style sheet of reports: tokens, plates, page. The first two parts also style single pictures.
pub const STYLE: &str = concat!(
    include_str!("../../../static/tokens.css"),
    "\n",
    include_str!("../../../static/plates.css"),
    "\n",
    include_str!("../../../static/report.css")
);

/// The mark in the style sheet after which only pages, not pictures, are styled.
const END_OF_PLATES: &str = "/* === page === */";

/// The part of the style sheet that a single picture needs.
pub fn plate_style() -> &'static str {
    STYLE.split(END_OF_PLATES).next().unwrap_or(STYLE)
}

/// The scene as an `<svg>` element for a page that holds [`STYLE`]. The prefix keeps its ids apart from other
/// pictures on the page.
pub fn element(scene: &Scene, prefix: &str) -> String {
    write(scene, prefix, "")
}

/// The scene as a file of its own, with its style and its paper.
pub fn file(scene: &Scene) -> String {
    let inside = format!(
        "<style>{}</style><rect class=\"paper\" width=\"100%\" height=\"100%\"/>",
        plate_style().replace('&', "&amp;").replace('<', "&lt;")
    );
    write(scene, "plate", &inside)
}

/// A text as the beginning of identifiers: everything but letters and digits becomes a hyphen.
pub fn identifier(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

fn write(scene: &Scene, prefix: &str, inside: &str) -> String {
    let prefix = identifier(prefix);
    let (width, height) = (length(scene.width), length(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plate\" role=\"img\" \
         aria-labelledby=\"{prefix}-title {prefix}-desc\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\"><title id=\"{prefix}-title\">{}</title><desc id=\"{prefix}-desc\">{}</desc>{inside}",
        escaped(&scene.title),
        escaped(&scene.description)
    );
    write_patterns(&mut out, scene, &prefix);
    for mark in &scene.marks {
        write_mark(&mut out, mark, &prefix);
    }
    out.push_str("</svg>\n");
    out
}

/// The hatches that a scene needs, as hue and second cue; a plain slot needs none.
pub fn hatches(scene: &Scene) -> BTreeSet<(usize, usize)> {
    let hatch = |mark: &Mark| match mark.paint {
        Paint::Hatch(slot) if cue(slot) != 0 => Some((hue(slot), cue(slot))),
        _ => None,
    };
    scene.all_marks().into_iter().filter_map(hatch).collect()
}

/// What a second cue's hatch consists of, on a square of 8 by 8: tags with their attributes.
pub fn hatch_lines(cue: usize) -> Vec<(&'static str, Attributes)> {
    let line = |path: &str| vec![("path", vec![("d", path.to_owned())])];
    let dot = |at: f64| ("circle", lengths(&[("cx", at), ("cy", at), ("r", 1.0)]));
    match cue {
        1 => line("M-2 2l4-4M0 8l8-8M6 10l4-4"),
        2 => vec![dot(2.0), dot(6.0)],
        3 => line("M0 2h8M0 6h8"),
        4 => line("M-2 6l4 4M0 0l8 8M6-2l4 4"),
        5 => line("M4 0v8M0 4h8"),
        6 => line("M2 0v8M6 0v8"),
        _ => line("M0 0l8 8M0 8l8-8"),
    }
}

fn write_patterns(out: &mut String, scene: &Scene, prefix: &str) {
    let slots = hatches(scene);
    if slots.is_empty() {
        return;
    }
    out.push_str("<defs>");
    for (hue, cue) in slots {
        let lines: String = hatch_lines(cue)
            .iter()
            .map(|(tag, attributes)| format!("<{tag}{}/>", written(attributes)))
            .collect();
        let _ = write!(
            out,
            "<pattern id=\"{prefix}-hatch-{hue}-{cue}\" class=\"hatch s{hue}\" width=\"8\" height=\"8\" \
             patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\"/>{lines}</pattern>"
        );
    }
    out.push_str("</defs>");
}

fn write_mark(out: &mut String, mark: &Mark, prefix: &str) {
    let paint = written(&look(mark.paint, prefix));
    let (tag, shape) = match &mark.shape {
        Shape::Group { marks } => {
            let _ = write!(out, "<g id=\"{prefix}-{}\"{paint}>", escaped(&mark.id));
            for mark in marks {
                write_mark(out, mark, prefix);
            }
            out.push_str("</g>");
            return;
        }
        Shape::Pixels { .. } => return write_pixels(out, mark),
        shape => outline(shape),
    };
    let shape = written(&shape);
    if let Shape::Text { text, .. } = &mark.shape {
        let _ = write!(out, "<text{shape}{paint}>{}</text>", escaped(text));
        return;
    }
    match &mark.name {
        Some(name) => {
            let _ = write!(out, "<{tag}{shape}{paint}><title>{}</title></{tag}>", escaped(name));
        }
        None => {
            let _ = write!(out, "<{tag}{shape}{paint}/>");
        }
    }
}

/// The attributes of an element, in the order in which they are written, not yet escaped.
pub type Attributes = Vec<(&'static str, String)>;

fn written(attributes: &Attributes) -> String {
    attributes.iter().map(|(name, value)| format!(" {name}=\"{}\"", escaped(value))).collect()
}

/// The tag that a shape is drawn with, and the attributes that place it. A grid of cells has none of its own: it is
/// a group here, and a back end fills it.
pub fn outline(shape: &Shape) -> (&'static str, Attributes) {
    match shape {
        Shape::Group { .. } | Shape::Pixels { .. } => ("g", Attributes::new()),
        Shape::Text { at, style, .. } => ("text", text_attributes(*at, *style)),
        Shape::Line { from, to } => {
            ("line", lengths(&[("x1", from[0]), ("y1", from[1]), ("x2", to[0]), ("y2", to[1])]))
        }
        Shape::Rect { at, size, radius } => {
            let mut sides = vec![("x", at[0]), ("y", at[1]), ("width", size[0]), ("height", size[1])];
            if *radius > 0.0 {
                sides.push(("rx", *radius));
            }
            ("rect", lengths(&sides))
        }
        Shape::Circle { at, radius } => ("circle", lengths(&[("cx", at[0]), ("cy", at[1]), ("r", *radius)])),
        Shape::Path { parts, closed } => ("path", vec![("d", path(parts, *closed))]),
    }
}

/// A grid of cells: one path for each slot and level of strength, in units of cells; cells side by side are one
/// rectangle.
fn write_pixels(out: &mut String, mark: &Mark) {
    let Shape::Pixels { at, size, columns, rows, slots, strength } = &mark.shape else { return };
    let mut paths: BTreeMap<(u8, usize), String> = BTreeMap::new();
    let kind = |cell: usize| Some((*slots.get(cell)?, level(strength.get(cell).copied().unwrap_or(255))));
    for row in 0..*rows {
        let mut column = 0;
        while column < *columns {
            let Some(first) = kind(row * columns + column) else { break };
            let same = |next: &usize| kind(row * columns + next) == Some(first);
            let length = (column..*columns).take_while(same).count();
            let _ = write!(paths.entry(first).or_default(), "M{column} {row}h{length}v1h-{length}z");
            column += length;
        }
    }
    let scale = [size[0] / (*columns).max(1) as f64, size[1] / (*rows).max(1) as f64];
    let _ = write!(
        out,
        "<g class=\"pixels\" shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({:.5} {:.5})\">",
        length(at[0]),
        length(at[1]),
        scale[0],
        scale[1]
    );
    if let Some(name) = &mark.name {
        let _ = write!(out, "<title>{}</title>", escaped(name));
    }
    for ((slot, level), path) in paths {
        let _ = write!(out, "<path class=\"cell s{} l{level}\" d=\"{path}\"/>", hue(usize::from(slot)));
    }
    out.push_str("</g>");
}

fn text_attributes([x, y]: [f64; 2], style: Style) -> Attributes {
    let mut out = lengths(&[("x", x), ("y", y)]);
    match style.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push(("text-anchor", "middle".to_owned())),
        Anchor::End => out.push(("text-anchor", "end".to_owned())),
    }
    out.push(("font-size", length(style.size)));
    if style.bold {
        out.push(("font-weight", "600".to_owned()));
    }
    if style.upright {
        out.push(("transform", format!("rotate(-90 {} {})", length(x), length(y))));
    }
    out
}

/// The attributes that make a mark look like what it means: its class, and where that is not enough, its fill.
pub fn look(paint: Paint, prefix: &str) -> Attributes {
    let class = |name: &str| vec![("class", name.to_owned())];
    let slot_class = |name: &str, slot: usize| vec![("class", format!("{name} s{}", hue(slot)))];
    match paint {
        Paint::None => Attributes::new(),
        Paint::Ink => class("ink"),
        Paint::Muted => class("muted"),
        Paint::Rule => class("rule"),
        Paint::Edge => class("edge"),
        Paint::Reference => class("reference"),
        Paint::Area => class("area"),
        Paint::Panel => class("panel"),
        Paint::Null => class("null"),
        Paint::Border => class("border"),
        Paint::Strong => class("strong"),
        Paint::Halo => class("halo"),
        Paint::Dot => class("dot"),
        Paint::Hollow => class("hollow"),
        Paint::Label => class("label"),
        Paint::Chip => class("chip"),
        Paint::Dropped => class("dropped"),
        Paint::Lit => class("lit"),
        Paint::Unlit => class("unlit"),
        Paint::Skipped => class("skipped"),
        Paint::Good => class("good"),
        Paint::Warn => class("warn"),
        Paint::Bad => class("bad"),
        Paint::Slot(slot) => slot_class("slot", slot),
        Paint::Stroke(slot) => slot_class("stroke", slot),
        Paint::Whisker(slot) => slot_class("whisker", slot),
        Paint::Band(slot) => slot_class("band", slot),
        Paint::Ribbon(slot) => slot_class("ribbon", slot),
        Paint::Hatch(slot) if cue(slot) == 0 => slot_class("slot bar", slot),
        Paint::Hatch(slot) => {
            let (hue, cue) = (hue(slot), cue(slot));
            vec![("class", format!("bar s{hue}")), ("fill", format!("url(#{prefix}-hatch-{hue}-{cue})"))]
        }
        Paint::Shade(shade) => shaded(&shade.colour(LIGHT), &shade.colour(DARK)),
        Paint::OnShade(shade) => on_shade(shade),
    }
}

fn on_shade(shade: Shade) -> Attributes {
    shaded(shade.text_colour(LIGHT), shade.text_colour(DARK))
}

/// Both themes' colours; the style sheet picks one.
fn shaded(light: &str, dark: &str) -> Attributes {
    vec![("class", "shade".to_owned()), ("style", format!("--l:{light};--d:{dark}"))]
}

fn path(parts: &[Vec<[f64; 2]>], closed: bool) -> String {
    let mut out = String::new();
    for part in parts {
        for (index, [x, y]) in part.iter().enumerate() {
            let _ = write!(out, "{}{} {}", if index == 0 { 'M' } else { 'L' }, length(*x), length(*y));
        }
        // A line of one point is seen as a dot, because line ends are round.
        if closed || part.len() == 1 {
            out.push('Z');
        }
    }
    out
}

fn lengths(values: &[(&'static str, f64)]) -> Attributes {
    values.iter().map(|(name, value)| (*name, length(*value))).collect()
}

/// A length with at most two decimals.
pub fn length(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// The text as it may stand in XML and HTML, in elements and in quoted attributes. Characters that XML does not
/// allow become the replacement character.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
