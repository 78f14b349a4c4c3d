//! Numbers for people: significant digits, and axis ticks at round values. It measures no text and draws nothing.

/// Values further from zero than this are kept in tables but not drawn.
const DRAWABLE: f64 = 1e300;

/// Whether a value has a place on an axis.
pub fn drawable(value: f64) -> bool {
    value.is_finite() && value.abs() < DRAWABLE
}

/// A number with so many significant digits (at least one). Whole parts below a million are never rounded to tens;
/// very large and very small numbers are written with a power of ten.
pub fn significant(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "not a number".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".to_owned() } else { "−∞".to_owned() };
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = digits.clamp(1, 17);
    let (mantissa, exponent) = scientific(value, digits);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
        return signed(&grouped(&format!("{:.*}", decimals, value.abs())), value);
    }
    signed(&format!("{mantissa}×10{}", superscript(exponent)), value)
}

/// A number with at most three significant digits and no zeros at its end: `64`, `0.04`.
pub fn brief(value: f64) -> String {
    let text = significant(value, 3);
    match text.split_once('×') {
        Some((mantissa, power)) => format!("{}×{power}", without_zeros(mantissa)),
        None => without_zeros(&text).to_owned(),
    }
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A mean with its interval: `0.41 [0.12, 0.70]`, all three with the digits that the widest of them needs.
pub fn interval(mean: f64, low: f64, high: f64) -> String {
    match aligned(&[mean, low, high], 3).as_slice() {
        [mean, low, high] => format!("{mean} [{low}, {high}]"),
        _ => String::new(),
    }
}

/// Numbers written with the same number of decimals: `digits` significant digits for the largest of them, none at
/// all where every number is whole.
pub fn aligned(values: &[f64], digits: usize) -> Vec<String> {
    let largest =
        values.iter().filter(|value| value.is_finite()).fold(0.0_f64, |most, value| most.max(value.abs()));
    let (_, exponent) = scientific(largest, digits);
    if largest == 0.0 || !(-4..6).contains(&exponent) {
        return values.iter().map(|value| significant(*value, digits)).collect();
    }
    let whole = values.iter().all(|value| !value.is_finite() || value.fract() == 0.0);
    let decimals = if whole { 0 } else { usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0) };
    let write =
        |value: &f64| if value.is_finite() { fixed(*value, decimals) } else { significant(*value, digits) };
    values.iter().map(write).collect()
}

/// A number with so many decimals, its thousands apart and its sign a true minus.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    signed(&grouped(&text), if zero { 0.0 } else { value })
}

fn signed(text: &str, value: f64) -> String {
    if value < 0.0 { format!("−{text}") } else { text.to_owned() }
}

/// The mantissa's text and the exponent after rounding to `digits`.
fn scientific(value: f64, digits: usize) -> (String, i32) {
    let text = format!("{:.*e}", digits.saturating_sub(1), value.abs());
    match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa.to_owned(), exponent.parse().unwrap_or(0)),
        None => (text, 0),
    }
}

/// Thin spaces between thousands, from five digits on.
fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    if whole.len() < 5 {
        return text.to_owned();
    }
    let mut result = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            result.push('\u{202f}');
        }
        result.push(digit);
    }
    result + rest
}

fn superscript(exponent: i32) -> String {
    let raised = |digit| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        other => char::from_u32('⁰' as u32 + u32::from(other as u8 - b'0')).unwrap_or(other),
    };
    exponent.to_string().chars().map(raised).collect()
}

/// The stretch of numbers that an axis shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Domain {
    /// The smallest stretch that holds every drawable value, with a margin of so much of its length on both sides.
    /// Without values it is 0 to 1; around a single value it is a tenth to either side.
    pub fn around(values: impl IntoIterator<Item = f64>, margin: f64) -> Self {
        let mut ends: Option<(f64, f64)> = None;
        for value in values.into_iter().filter(|value| drawable(*value)) {
            let (low, high) = ends.unwrap_or((value, value));
            ends = Some((low.min(value), high.max(value)));
        }
        let Some((low, high)) = ends else { return Self { low: 0.0, high: 1.0 } };
        let reach = low.abs().max(high.abs());
        if high - low <= reach * 1e-9 || high - low < 1e-290 {
            let pad = if reach < 1e-280 { 1.0 } else { reach * 0.1 };
            return Self { low: low - pad, high: high + pad };
        }
        Self { low: low - (high - low) * margin, high: high + (high - low) * margin }
    }

    /// The domain widened so that both ends lie on round values. An end that misses one by rounding alone, as a sum of
    /// shares misses 1, counts as lying on it.
    pub fn rounded(self, count: usize) -> Self {
        let step = round_step((self.high - self.low) / count.max(1) as f64);
        let (low, high) = ((self.low / step + 1e-6).floor() * step, (self.high / step - 1e-6).ceil() * step);
        Self { low, high }
    }

    /// Where a value lies, from 0 at the low end to 1 at the high end.
    pub fn position(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Whether the domain holds a value, with a hair's breadth of tolerance.
    pub fn holds(self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.position(value))
    }
}

/// An axis's ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// Each tick's value and label.
    pub marks: Vec<(f64, String)>,
    /// What to add to every label to get the value, where the values have more than three digits in common.
    pub offset: Option<String>,
}

/// At most about `count` ticks at round values, with labels of at most three significant digits.
pub fn ticks(domain: Domain, count: usize) -> Ticks {
    // Rather some more ticks than asked for than one alone, or labels with an offset.
    let counts = (1..=count.max(1)).rev().chain(count + 1..=count + 4);
    for step in counts.map(|count| round_step((domain.high - domain.low) / count as f64)) {
        let values = multiples(domain, step);
        if values.len() >= 2 && values.iter().all(|value| short(*value, step)) {
            return Ticks {
                marks: values.iter().map(|value| (*value, label(*value, step))).collect(),
                offset: None,
            };
        }
    }
    let step = round_step((domain.high - domain.low) / count.max(2) as f64);
    let values = multiples(domain, step);
    let base = values.first().copied().unwrap_or(domain.low);
    let marks =
        values.iter().enumerate().map(|(index, value)| (*value, label(index as f64 * step, step))).collect();
    Ticks { marks, offset: Some(significant(base, needed_digits(base, step))) }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(least)));
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

fn multiples(domain: Domain, step: f64) -> Vec<f64> {
    let first = (domain.low / step - 1e-9).ceil();
    let last = (domain.high / step + 1e-9).floor();
    let count = (last - first).clamp(-1.0, 40.0) as i64 + 1;
    (0..count).map(|index| (first + index as f64) * step).collect()
}

/// How many significant digits it takes to tell `value` from its neighbours one step away.
fn needed_digits(value: f64, step: f64) -> usize {
    if value.abs() < step * 0.5 {
        return 1;
    }
    let (_, exponent) = scientific(value, 15);
    let (_, finest) = scientific(step, 3);
    usize::try_from(exponent - finest + 1).unwrap_or(1).max(1)
}

fn short(value: f64, step: f64) -> bool {
    needed_digits(value, step) <= 3
}

fn label(value: f64, step: f64) -> String {
    if value.abs() < step * 0.5 {
        return "0".to_owned();
    }
    significant(value, needed_digits(value, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits_round_and_group_as_people_write() {
        let cases = [
            (0.0, "0"),
            (0.9996, "1.00"),
            (0.012345, "0.0123"),
            (-1.5, "−1.50"),
            (1797.4, "1797"),
            (12_400.0, "12\u{202f}400"),
            (1.24e9, "1.24×10⁹"),
            (-3.0e-7, "−3.00×10⁻⁷"),
            (f64::INFINITY, "∞"),
            (f64::NAN, "not a number"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value, 3), text);
        }
        assert_eq!([64.0, 0.04, -2.5e9, 0.0].map(brief), ["64", "0.04", "−2.5×10⁹", "0"]);
        assert_eq!(aligned(&[8.0, 23.0], 3), ["8", "23"]);
        assert_eq!(interval(0.41, 0.123, 0.7), "0.410 [0.123, 0.700]");
        assert_eq!(interval(-0.0001, -0.5, 12.0), "0.0 [−0.5, 12.0]");
    }

    #[test]
    fn ticks_are_round_and_short() {
        let labels = |low, high| {
            ticks(Domain { low, high }, 5).marks.into_iter().map(|tick| tick.1).collect::<Vec<_>>()
        };
        assert_eq!(labels(0.0, 1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(-3.0, 7.0), ["−2", "0", "2", "4", "6"]);
        assert_eq!(labels(0.0, 1240.0), ["0", "500", "1000"]);
        assert_eq!(labels(0.0, 3.0e9), ["0", "1×10⁹", "2×10⁹", "3×10⁹"]);
        for (low, high) in
            [(1.25, 1.262), (1000.001, 1000.004), (-1e-7, 3e-8), (9e299, 9.5e299), (99_990.0, 100_010.0)]
        {
            let ticks = ticks(Domain { low, high }, 5);
            assert!(ticks.marks.len() >= 2, "{low}..{high}");
            let mut labels: Vec<_> = ticks.marks.iter().map(|tick| tick.1.clone()).collect();
            labels.dedup();
            assert_eq!(labels.len(), ticks.marks.len(), "{labels:?}");
            for label in labels {
                let mantissa = label.split('×').next().unwrap_or_default();
                let digits =
                    mantissa.trim_start_matches(['−', '0', '.']).chars().filter(char::is_ascii_digit);
                assert!(digits.collect::<String>().trim_end_matches('0').len() <= 3, "{label}");
            }
        }
    }

    #[test]
    fn a_domain_exists_for_any_values() {
        let sets: [&[f64]; 6] =
            [&[], &[f64::NAN], &[0.0], &[1e299, -1e299], &[1.0, 1.0 + 1e-15], &[1e-310, -1e-310]];
        for values in sets {
            let domain = Domain::around(values.iter().copied(), 0.05);
            assert!(
                domain.low < domain.high && domain.low.is_finite() && domain.high.is_finite(),
                "{values:?}"
            );
            assert!(!ticks(domain, 5).marks.is_empty(), "{values:?}");
        }
    }
}
