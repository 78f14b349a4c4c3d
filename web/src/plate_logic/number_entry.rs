//! A number that is typed or stepped, in a range.

use switchyard::plate::number::{brief, drawable};

/// The step of the buttons beside a number in this range: a round part of about a fortieth.
pub fn step([low, high]: [f64; 2]) -> f64 {
    let rough = (high - low) / 40.0;
    if !drawable(rough) || rough <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let digit = rough / power;
    power
        * if digit < 1.5 {
            1.0
        } else if digit < 3.5 {
            2.0
        } else if digit < 7.5 {
            5.0
        } else {
            10.0
        }
}

/// A typed number, which may have a comma or the sign of a minus.
///
/// # Errors
/// When it is no number or outside the range; the sentence is for the reader.
pub fn typed(name: &str, text: &str, range: [f64; 2]) -> Result<f64, String> {
    let plain = text.trim().replace('\u{2212}', "-").replace(',', ".");
    let [low, high] = range.map(brief);
    match plain.parse::<f64>() {
        Ok(value) if (range[0]..=range[1]).contains(&value) => Ok(value),
        Ok(_) => Err(format!("{} is outside the plane: {name} goes from {low} to {high}.", text.trim())),
        Err(_) if plain.is_empty() => Err(format!("{name} is empty: write a number from {low} to {high}.")),
        Err(_) => Err(format!("`{}` is not a number: {name} goes from {low} to {high}.", text.trim())),
    }
}

/// The text after one step up or down from a text, inside the range; from its middle where it is no number.
pub fn stepped(text: &str, range: [f64; 2], up: bool) -> String {
    let step = step(range);
    let from = typed("", text, range).unwrap_or((range[0] + range[1]) / 2.0);
    let value = (from + if up { step } else { -step }).clamp(range[0], range[1]);
    written(value, step)
}

/// A number with the decimals that its step needs.
pub fn written(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_stay_in_the_range() {
        assert!((step([-1.25, 1.25]) - 0.05).abs() < 1e-12);
        assert!((step([0.0, 1000.0]) - 20.0).abs() < 1e-9);
        assert_eq!(step([1.0, 1.0]), 1.0);
        let range = [-1.25, 1.25];
        assert_eq!(stepped("0.3", range, true), "0.35");
        assert_eq!(stepped("1.24", range, true), "1.25");
        assert_eq!(stepped("0.05", range, false), "0");
        assert_eq!(stepped("what", range, false), "-0.05");
    }

    #[test]
    fn a_number_is_read_as_people_write_it_and_refused_in_words() {
        let range = [-1.0, 1.0];
        assert_eq!(typed("x", " −0,5 ", range), Ok(-0.5));
        assert!(
            typed("x", "2", range)
                .is_err_and(|reason| reason == "2 is outside the plane: x goes from −1 to 1.")
        );
        assert!(typed("x", "", range).is_err_and(|reason| reason.starts_with("x is empty")));
        assert!(typed("x", "NaN", range).is_err());
    }
}
