//! Slots and shades: which hue and which second cue a slot has, and how a value becomes a lightness.
//!
//! The colours of slots are tokens in `static/tokens.css`; only the ends of the shading scales are also known here,
//! because a shade is computed. A test holds both equal.

use serde::{Deserialize, Serialize};

use super::scene::Shape;

/// How many hues and cues there are; beyond, hues repeat and cues shift.
pub const SLOTS: usize = 8;

/// The slot's hue, 0 to 7.
pub fn hue(slot: usize) -> usize {
    slot % SLOTS
}

/// The slot's second cue (marker and hatch), 0 to 7: another one each time the hues come round.
pub fn cue(slot: usize) -> usize {
    (slot % SLOTS + slot / SLOTS) % SLOTS
}

/// The marker of a slot as a letter: `●`, `▲`…
pub fn marker_letter(slot: usize) -> char {
    ['●', '▲', '■', '◆', '▼', '✚', '★', '✖'][cue(slot)]
}

/// The marker of a slot as a shape around a point.
pub fn marker(slot: usize, [x, y]: [f64; 2], radius: f64) -> Shape {
    let polygon = |points: &[[f64; 2]]| Shape::Path {
        parts: vec![points.iter().map(|[dx, dy]| [x + dx * radius, y + dy * radius]).collect()],
        closed: true,
    };
    const PLUS: [[f64; 2]; 12] = [
        [-0.35, -1.0],
        [0.35, -1.0],
        [0.35, -0.35],
        [1.0, -0.35],
        [1.0, 0.35],
        [0.35, 0.35],
        [0.35, 1.0],
        [-0.35, 1.0],
        [-0.35, 0.35],
        [-1.0, 0.35],
        [-1.0, -0.35],
        [-0.35, -0.35],
    ];
    match cue(slot) {
        0 => Shape::Circle { at: [x, y], radius: radius * 0.9 },
        1 => polygon(&[[0.0, -1.05], [1.0, 0.75], [-1.0, 0.75]]),
        2 => polygon(&[[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]]),
        3 => polygon(&[[0.0, -1.15], [1.0, 0.0], [0.0, 1.15], [-1.0, 0.0]]),
        4 => polygon(&[[0.0, 1.05], [1.0, -0.75], [-1.0, -0.75]]),
        5 => polygon(&PLUS),
        6 => polygon(&star()),
        _ => polygon(&PLUS.map(|[dx, dy]| [(dx - dy) * 0.75, (dx + dy) * 0.75])),
    }
}

/// The marker of a class of data points: the first ones differ most.
pub fn class_marker(class: usize, at: [f64; 2], radius: f64) -> Shape {
    marker([0, 7, 1, 2, 3, 5, 4, 6][class % SLOTS], at, radius)
}

fn star() -> [[f64; 2]; 10] {
    std::array::from_fn(|corner| {
        let length = if corner % 2 == 0 { 1.2 } else { 0.5 };
        let angle = corner as f64 * std::f64::consts::PI / 5.0;
        [length * libm::sin(angle), -length * libm::cos(angle)]
    })
}

/// How opaque a cell of each level of strength is drawn over the paper, from unsure to sure.
pub const OPACITIES: [f64; 6] = [0.14, 0.22, 0.3, 0.38, 0.46, 0.54];

/// The level, 0 to 5, of a strength from 0 to 255.
pub fn level(strength: u8) -> usize {
    usize::from(strength) * OPACITIES.len() / 256
}

/// How opaque a cell of this strength is drawn over the paper, without steps.
pub fn opacity(strength: u8) -> f64 {
    let [first, .., last] = OPACITIES;
    first + (last - first) * f64::from(strength) / 255.0
}

/// A value's place on a shading scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shade {
    /// A quantity from 0 (paper) to 1 (full).
    Quantity(f64),
    /// A difference from -1 (one hue full) over 0 (paper) to 1 (the other hue full).
    Difference(f64),
}

/// The colours that a theme's shades run between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The background, `--paper`.
    pub paper: &'static str,
    /// A full quantity, `--quantity`.
    pub quantity: &'static str,
    /// A full negative difference, `--below`.
    pub below: &'static str,
    /// A full positive difference, `--above`.
    pub above: &'static str,
}

/// On light paper.
pub const LIGHT: Theme = Theme { paper: "#fbfaf7", quantity: "#123a63", below: "#8a3a04", above: "#174a92" };
/// On dark paper.
pub const DARK: Theme = Theme { paper: "#15171c", quantity: "#cfe2fb", below: "#ffb488", above: "#9cc2ff" };

impl Shade {
    /// The shade as a colour of a theme, in hexadecimal: even steps of the value are even steps to the eye.
    pub fn colour(self, theme: Theme) -> String {
        let (end, amount) = match self {
            Self::Quantity(value) => (theme.quantity, value),
            Self::Difference(value) if value < 0.0 => (theme.below, -value),
            Self::Difference(value) => (theme.above, value),
        };
        let amount = if amount.is_nan() { 0.0 } else { amount.clamp(0.0, 1.0) };
        let (from, to) = (oklab(theme.paper), oklab(end));
        from_oklab(std::array::from_fn(|axis| from[axis] + (to[axis] - from[axis]) * amount))
    }

    /// Black or white, whichever reads better on the shade.
    pub fn text_colour(self, theme: Theme) -> &'static str {
        let shade = self.colour(theme);
        if contrast(&shade, "#000000") >= contrast(&shade, "#ffffff") { "#000000" } else { "#ffffff" }
    }
}

/// Linear red, green and blue of a colour written `#rrggbb`; black for anything else.
fn linear(colour: &str) -> [f64; 3] {
    std::array::from_fn(|channel| {
        let digits = colour.get(1 + 2 * channel..3 + 2 * channel).unwrap_or("00");
        let value = f64::from(u8::from_str_radix(digits, 16).unwrap_or(0)) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
    })
}

/// The contrast of two colours as WCAG 2 defines it, 1 to 21.
pub fn contrast(first: &str, second: &str) -> f64 {
    let luminance = |colour| {
        let [red, green, blue] = linear(colour);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// To OKLab (Ottosson's perceptual space).
fn oklab(colour: &str) -> [f64; 3] {
    let cones = product(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ],
        linear(colour),
    );
    product(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ],
        cones.map(libm::cbrt),
    )
}

fn from_oklab(colour: [f64; 3]) -> String {
    let cones = product(
        [
            [1.0, 0.3963377774, 0.2158037573],
            [1.0, -0.1055613458, -0.0638541728],
            [1.0, -0.0894841775, -1.2914855480],
        ],
        colour,
    );
    let channels = product(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ],
        cones.map(|cone| cone * cone * cone),
    );
    let [red, green, blue] = channels.map(|value| {
        let value = value.clamp(0.0, 1.0);
        let curved =
            if value <= 0.0031308 { value * 12.92 } else { 1.055 * libm::pow(value, 1.0 / 2.4) - 0.055 };
        (curved * 255.0).round() as u8
    });
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_run_from_paper_to_full_and_carry_readable_text() {
        for theme in [LIGHT, DARK] {
            assert_eq!(Shade::Quantity(0.0).colour(theme), theme.paper);
            assert_eq!(Shade::Quantity(1.0).colour(theme), theme.quantity);
            assert_eq!(Shade::Difference(-1.0).colour(theme), theme.below);
            assert_eq!(Shade::Difference(f64::NAN).colour(theme), theme.paper);
            for step in -20..=20 {
                for shade in
                    [Shade::Difference(f64::from(step) / 20.0), Shade::Quantity(f64::from(step) / 20.0)]
                {
                    let ratio = contrast(&shade.colour(theme), shade.text_colour(theme));
                    assert!(ratio >= 4.5, "{shade:?}: {ratio}");
                }
            }
        }
    }

    #[test]
    fn a_slot_beyond_the_eighth_repeats_the_hue_with_another_cue() {
        let pairs: std::collections::BTreeSet<_> = (0..64).map(|slot| (hue(slot), cue(slot))).collect();
        assert_eq!(pairs.len(), 64);
        assert_eq!((0..8).map(marker_letter).collect::<String>(), "●▲■◆▼✚★✖");
    }
}
