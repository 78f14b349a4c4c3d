//! What a reader is told about a load: shares, names, and a diagnosis in plain words.

use crate::routing::tied_units;

/// A share in per cent, short: `61%`, `under 1%`.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 {
        "under 1%".to_owned()
    } else if (0.99..1.0).contains(&share) {
        format!("{:.1}%", libm::floor(share * 1000.0) / 10.0)
    } else {
        format!("{:.0}%", share * 100.0)
    }
}

/// Experts by number: `Expert 2`, `Experts 2 and 3`, `Experts 0, 2 and 3`.
pub fn experts(numbers: &[usize]) -> String {
    match numbers {
        [] => "No expert".to_owned(),
        [only] => format!("Expert {only}"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("Experts {} and {last}", first.join(", "))
        }
    }
}

/// The same, inside a sentence.
pub fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What can be told about who goes where.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// How often each expert was chosen.
    pub counts: &'a [usize],
    /// How many rows chose.
    pub rows: usize,
    /// What rows are called, in the plural.
    pub unit: &'a str,
}

impl Load<'_> {
    /// The experts that nobody chose.
    pub fn dead(&self) -> Vec<usize> {
        (0..self.counts.len()).filter(|&expert| self.counts[expert] == 0).collect()
    }

    /// The share of rows that an expert answers.
    pub fn share(&self, expert: usize) -> f64 {
        self.counts[expert] as f64 / self.rows.max(1) as f64
    }

    /// The busiest expert; the lower number on a tie.
    pub fn busiest(&self) -> usize {
        (0..self.counts.len()).rev().max_by_key(|&expert| self.counts[expert]).unwrap_or(0)
    }

    /// Who does most: `Expert 3 takes 61% of the points`.
    pub fn headline(&self) -> String {
        let busiest = self.busiest();
        format!("{} takes {} of the {}", experts(&[busiest]), percent(self.share(busiest)), self.unit)
    }

    /// Whether the experts are in use, in a sentence.
    pub fn diagnosis(&self, probabilities: &[f32], k: usize) -> String {
        let (slots, dead) = (self.counts.len(), self.dead());
        if !probabilities.is_empty() && tied_units(probabilities, slots, k) == self.rows {
            return "The router scores all experts alike: it decides nothing".to_owned();
        }
        let alive = slots - dead.len();
        if dead.is_empty() {
            let least = (0..slots).min_by_key(|&expert| self.counts[expert]).unwrap_or(0);
            if self.counts[least] * slots * 10 < self.counts.iter().sum() {
                let share = percent(self.share(least));
                return format!(
                    "{} is nearly idle: it takes {share} of the {}",
                    experts(&[least]),
                    self.unit
                );
            }
            return format!("All {slots} experts are in use");
        }
        if alive <= k {
            let taking: Vec<usize> = (0..slots).filter(|expert| !dead.contains(expert)).collect();
            let verb = if taking.len() == 1 { "takes" } else { "take" };
            return format!("The router has collapsed: {} {verb} everything", lower(&experts(&taking)));
        }
        let verb = if dead.len() == 1 { "is" } else { "are" };
        format!("{} {verb} dead: no {} there", experts(&dead), self.unit_goes())
    }

    fn unit_goes(&self) -> String {
        format!("{} goes", self.unit.strip_suffix('s').unwrap_or(self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(counts: &[usize]) -> Load<'_> {
        Load { counts, rows: counts.iter().sum(), unit: "points" }
    }

    #[test]
    fn shares_are_short_and_never_rounded_to_all() {
        assert_eq!(
            [0.61, 0.004, 0.0, 1.0, 0.9996, 0.996].map(percent),
            ["61%", "under 1%", "0%", "100%", "99.9%", "99.6%"]
        );
    }

    #[test]
    fn the_diagnosis_names_what_is_wrong() {
        let cases: [(&[usize], &str); 5] = [
            (&[30, 20, 25, 25], "All 4 experts are in use"),
            (&[70, 0, 15, 15], "Expert 1 is dead: no point goes there"),
            (&[50, 0, 0, 50], "Experts 1 and 2 are dead: no point goes there"),
            (&[0, 0, 100, 0], "The router has collapsed: expert 2 takes everything"),
            (&[49, 1, 25, 25], "Expert 1 is nearly idle: it takes 1% of the points"),
        ];
        for (counts, expected) in cases {
            assert_eq!(load(counts).diagnosis(&[], 1), expected);
        }
        let tied = load(&[2, 0]).diagnosis(&[0.5, 0.5, 0.5, 0.5], 1);
        assert_eq!(tied, "The router scores all experts alike: it decides nothing");
        assert_eq!(load(&[10, 61, 29]).headline(), "Expert 1 takes 61% of the points");
    }
}
