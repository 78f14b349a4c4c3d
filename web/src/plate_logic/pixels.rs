//! The colours of a grid of cells, as a canvas takes them.

use switchyard::plate::palette::{SLOTS, hue, opacity};

/// Red, green and blue of each slot's hue in the theme that is shown.
pub type Hues = [[u8; 3]; SLOTS];

/// Red, green, blue and opacity of each cell; a cell that is not given is clear.
pub fn colours(count: usize, slots: &[u8], strength: &[u8], hues: &Hues) -> Vec<u8> {
    let cell = |index: usize| {
        let Some(slot) = slots.get(index) else { return [0; 4] };
        let [red, green, blue] = hues[hue(usize::from(*slot))];
        let opacity = opacity(strength.get(index).copied().unwrap_or(255));
        [red, green, blue, (opacity * 255.0).round() as u8]
    };
    (0..count).flat_map(cell).collect()
}

/// A colour written `#rrggbb`.
pub fn parsed(colour: &str) -> Option<[u8; 3]> {
    let digits = colour.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surer_cell_is_more_opaque_and_a_missing_one_is_clear() {
        let mut hues = [[0; 3]; SLOTS];
        hues[1] = [1, 2, 3];
        let bytes = colours(4, &[1, 1, 9], &[0, 255, 255], &hues);
        assert_eq!(bytes.len(), 16);
        assert_eq!(bytes[..3], [1, 2, 3]);
        assert!(bytes[3] < bytes[7], "{bytes:?}");
        assert_eq!(bytes[8..11], [1, 2, 3], "the ninth slot has the second hue");
        assert_eq!(bytes[12..], [0; 4]);
    }

    #[test]
    fn only_whole_colours_are_read() {
        assert_eq!(parsed(" #0a10ff"), Some([10, 16, 255]));
        assert_eq!([parsed("#abc"), parsed("red"), parsed("#12345é"), parsed("")], [None; 4]);
    }
}
