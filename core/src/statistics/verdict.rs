//! From an interval to a word. Nothing else decides: not the mean, not a p-value, not a wish.

use super::{Direction, Interval, check, undefined};
use crate::Result;
use crate::experiment::VerdictWord;

/// The word for the claim "new is better than the baseline", from the interval of `new - baseline`.
///
/// | the interval | the word |
/// | --- | --- |
/// | lies wholly on the better side of 0 | supported |
/// | lies wholly on the worse side of 0 | contradicted |
/// | holds 0, and its better end falls short of `smallest_effect` | not supported: the effect is not there |
/// | holds 0, and its better end reaches `smallest_effect` | inconclusive: it may be there |
///
/// `smallest_effect` is the smallest difference worth claiming, as a positive number. An interval that touches 0
/// holds it.
///
/// # Errors
/// [`Undefined`](crate::Error::Undefined) for an interval whose ends are not finite or are in the wrong order, and
/// for a smallest effect that is not positive.
pub fn verdict(interval: &Interval, better: Direction, smallest_effect: f64) -> Result<VerdictWord> {
    const STATISTIC: &str = "the verdict";
    check(STATISTIC, &[interval.low, interval.high], 2)?;
    if interval.low > interval.high {
        let problem =
            format!("the interval's ends {} and {} are in the wrong order", interval.low, interval.high);
        return Err(undefined(STATISTIC, problem));
    }
    if !(smallest_effect > 0.0 && smallest_effect.is_finite()) {
        return Err(undefined(
            STATISTIC,
            format!("the smallest effect is {smallest_effect}; it must be positive"),
        ));
    }
    // Turned so that positive is better.
    let (worse_end, better_end) = match better {
        Direction::Lower => (-interval.high, -interval.low),
        Direction::Higher => (interval.low, interval.high),
    };
    Ok(if worse_end > 0.0 {
        VerdictWord::Supported
    } else if better_end < 0.0 {
        VerdictWord::Contradicted
    } else if better_end < smallest_effect {
        VerdictWord::NotSupported
    } else {
        VerdictWord::Inconclusive
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(low: f64, high: f64, better: Direction) -> VerdictWord {
        verdict(&Interval { mean: (low + high) / 2.0, low, high }, better, 0.1).expect("a proper interval")
    }

    #[test]
    fn each_kind_of_interval_has_its_word() {
        use Direction::{Higher, Lower};
        assert_eq!(word(-0.3, -0.01, Lower), VerdictWord::Supported);
        assert_eq!(word(0.01, 0.3, Lower), VerdictWord::Contradicted);
        assert_eq!(word(-0.05, 0.05, Lower), VerdictWord::NotSupported);
        assert_eq!(word(-0.05, 5.0, Lower), VerdictWord::NotSupported);
        assert_eq!(word(-0.1, 0.05, Lower), VerdictWord::Inconclusive);
        assert_eq!(word(-0.3, 0.0, Lower), VerdictWord::Inconclusive);
        assert_eq!(word(0.0, 0.0, Lower), VerdictWord::NotSupported);
        assert_eq!(word(0.01, 0.3, Higher), VerdictWord::Supported);
        assert_eq!(word(-0.3, -0.01, Higher), VerdictWord::Contradicted);
        assert_eq!(word(-5.0, 0.05, Higher), VerdictWord::NotSupported);
        assert_eq!(word(-0.01, 0.3, Higher), VerdictWord::Inconclusive);
    }

    #[test]
    fn improper_intervals_and_effects_are_refused() {
        let interval = Interval { mean: 0.0, low: -1.0, high: 1.0 };
        assert!(verdict(&interval, Direction::Lower, 0.0).is_err());
        assert!(verdict(&interval, Direction::Lower, f64::NAN).is_err());
        assert!(verdict(&Interval { low: f64::NAN, ..interval }, Direction::Lower, 0.1).is_err());
        assert!(verdict(&Interval { low: 2.0, ..interval }, Direction::Lower, 0.1).is_err());
    }
}
