//! The 8 by 8 handwritten digits, embedded: 1,797 rows, ten classes. Nothing is read from disk.
//!
//! The origin, the licence and the conversion are told in `static/data/README.md`. The file is 1,797 records of 41
//! bytes without a header. A record holds eight groups of 5 bytes, one per line of the picture from the top, then
//! the label as one byte. A group is a 40-bit little-endian integer; pixel `x` of the line (from the left) is its
//! bits `5x` to `5x + 4`, an integer from 0 (paper) to 16 (ink).

use super::{Dataset, Targets};

/// How many digits there are.
pub const ROWS: usize = 1_797;
/// Height and width of a digit in pixels.
pub const SIDE: usize = 8;
/// The value of a fully inked pixel in the file; features are divided by it.
pub const FULL_INK: u8 = 16;

const GROUP: usize = 5;
const RECORD: usize = SIDE * GROUP + 1;
static PACKED: &[u8] = include_bytes!("../../../static/data/digits.bin");
const _: () = assert!(PACKED.len() == ROWS * RECORD, "static/data/digits.bin has the wrong length");

/// All 1,797 digits in the order of their origin, pixels scaled to `[0, 1]`.
pub fn digits() -> Dataset {
    let mut features = Vec::with_capacity(ROWS * SIDE * SIDE);
    let mut labels = Vec::with_capacity(ROWS);
    for record in PACKED.chunks_exact(RECORD) {
        for group in record[..RECORD - 1].chunks_exact(GROUP) {
            let line = group.iter().rev().fold(0u64, |line, &byte| line << 8 | u64::from(byte));
            features.extend((0..SIDE).map(|x| (line >> (5 * x) & 31) as f32 / f32::from(FULL_INK)));
        }
        labels.push(u32::from(record[RECORD - 1]));
    }
    Dataset {
        name: "digits".to_owned(),
        features,
        columns: SIDE * SIDE,
        targets: Targets::Classes { labels, count: 10 },
        image: Some([SIDE, SIDE]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_embedded_file_is_the_recorded_one() {
        let hexadecimal: String = Sha256::digest(PACKED).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hexadecimal, "a0f2078c18619a43a537a87f2a8f5f5a5a624994da4485198fc55749179d219d");
    }

    #[test]
    fn every_value_is_in_range_and_the_totals_are_those_of_the_origin() {
        let data = digits();
        data.check().expect("the embedded digits are checked here");
        assert_eq!(data.rows(), ROWS);
        assert_eq!(data.class_rows(), Some(vec![178, 182, 177, 183, 181, 182, 181, 179, 174, 180]));
        let pixels: Vec<f32> = data.features.iter().map(|value| value * f32::from(FULL_INK)).collect();
        assert!(pixels.iter().all(|&pixel| pixel.fract() == 0.0 && (0.0..=16.0).contains(&pixel)));
        assert_eq!(pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>(), 561_718.0);
    }

    #[test]
    fn the_first_and_last_digit_are_drawn_the_right_way_round() {
        let data = digits();
        let line = |row: usize, y: usize| -> Vec<f32> {
            data.row(row)[8 * y..8 * y + 8].iter().map(|v| v * 16.0).collect()
        };
        assert_eq!(line(0, 1), [0.0, 0.0, 13.0, 15.0, 10.0, 15.0, 5.0, 0.0]);
        assert_eq!(line(0, 7), [0.0, 0.0, 6.0, 13.0, 10.0, 0.0, 0.0, 0.0]);
        assert_eq!(line(ROWS - 1, 6), [0.0, 8.0, 16.0, 10.0, 8.0, 16.0, 8.0, 0.0]);
        let Targets::Classes { labels, .. } = &data.targets else { panic!("digits have classes") };
        assert_eq!((labels[0], labels[ROWS - 1]), (0, 8));
    }
}
