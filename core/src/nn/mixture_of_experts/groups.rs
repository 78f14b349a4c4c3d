//! Units sorted by the experts that serve them, and when it pays to compute each expert for its own units only.

/// Who is served by which expert, expert by expert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    units: usize,
    /// Where each expert's units begin in `rows`, and where the last ones end.
    starts: Vec<usize>,
    rows: Vec<usize>,
}

/// How many multiplications in each direction a batch has to save before its experts are computed apart: below, taking
/// rows and many small products cost more than the experts that nobody chose. Measured; see benches/README.md.
const WORTH_SORTING: usize = 500_000;
/// Up to so many experts are few.
const FEW: usize = 16;
/// Few experts of fewer weights stay together, although sorting would pay natively: recorded runs keep every bit, and the
/// browser's build does the same as the native one.
const SMALL_EXPERT: usize = 8_192;

impl Groups {
    /// Sorts pairs of a unit and an expert. A unit's pairs stand together; one that is there twice counts once.
    ///
    /// # Panics
    /// If there is no such unit or expert.
    pub fn new(units: usize, experts: usize, pairs: &[(usize, usize)]) -> Self {
        let mut last = vec![usize::MAX; experts];
        let mut is_first = |&&(unit, expert): &&(usize, usize)| {
            assert!(unit < units, "there are {units} units, but unit {unit} is served");
            std::mem::replace(&mut last[expert], unit) != unit
        };
        let pairs: Vec<(usize, usize)> = pairs.iter().filter(|pair| is_first(pair)).copied().collect();
        let mut starts = vec![0; experts + 1];
        for &(_, expert) in &pairs {
            starts[expert + 1] += 1;
        }
        for expert in 0..experts {
            starts[expert + 1] += starts[expert];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; pairs.len()]);
        for (unit, expert) in pairs {
            rows[next[expert]] = unit;
            next[expert] += 1;
        }
        Self { units, starts, rows }
    }

    /// How many units the batch has, served or not.
    pub fn units(&self) -> usize {
        self.units
    }

    /// How many experts there are.
    pub fn experts(&self) -> usize {
        self.starts.len() - 1
    }

    /// The units, the first expert's first; a unit stands there once for each expert that serves it.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Where an expert's units stand in [`Groups::rows`].
    pub fn range(&self, expert: usize) -> std::ops::Range<usize> {
        self.starts[expert]..self.starts[expert + 1]
    }

    /// The experts that serve anybody, with their places in [`Groups::rows`].
    pub(super) fn busy(&self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + '_ {
        (0..self.experts()).map(|expert| (expert, self.range(expert))).filter(|(_, range)| !range.is_empty())
    }

    /// Where each row's gate stands in a matrix `[units, experts]`.
    pub(super) fn gate_places(&self) -> Vec<usize> {
        let experts = self.experts();
        self.busy()
            .flat_map(|(expert, range)| self.rows[range].iter().map(move |row| row * experts + expert))
            .collect()
    }

    /// Whether so many experts of so many weights each may be cheaper computed apart: where not, nothing need be sorted.
    pub fn may_pay(experts: usize, weights: usize) -> bool {
        // In a browser all stay together: the operation's two directions would weigh more than any preset there gains.
        !cfg!(target_family = "wasm") && (experts > FEW || weights >= SMALL_EXPERT)
    }

    /// Whether experts of so many weights each are cheaper computed apart than all together: the saved multiplications
    /// grow with the number of experts and with the share of them that a unit does not use.
    pub fn pays(&self, weights: usize) -> bool {
        let idle = self.units * self.experts() - self.rows.len();
        let is_worth_it = !self.rows.is_empty() && idle.saturating_mul(weights) >= WORTH_SORTING;
        is_worth_it && Self::may_pay(self.experts(), weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_in_order_with_their_experts() {
        let groups = Groups::new(4, 3, &[(0, 2), (0, 0), (1, 2), (1, 2), (3, 0)]);
        assert_eq!((groups.units(), groups.experts(), groups.rows()), (4, 3, &[0, 3, 0, 1][..]));
        assert_eq!([0, 1, 2].map(|expert| groups.range(expert)), [0..2, 2..2, 2..4]);
        assert_eq!(groups.gate_places(), [0, 9, 2, 5]);
        assert_eq!(groups.busy().map(|(expert, _)| expert).collect::<Vec<_>>(), [0, 2]);
        assert!(Groups::new(4, 3, &[]).rows().is_empty());
    }

    #[test]
    #[should_panic(expected = "there are 2 units, but unit 2 is served")]
    fn a_unit_that_is_not_there_is_refused() {
        Groups::new(2, 1, &[(2, 0)]);
    }

    #[test]
    fn sorting_pays_when_enough_is_idle() {
        let top = |units: usize, experts: usize, k: usize| {
            let pairs: Vec<_> = (0..units * k).map(|at| (at / k, (at / k + at % k) % experts)).collect();
            Groups::new(units, experts, &pairs)
        };
        assert!(top(2048, 64, 2).pays(16_384) && top(2048, 4, 2).pays(16_384));
        assert!(!top(2048, 4, 4).pays(16_384), "nobody is idle");
        assert!(!top(2048, 8, 2).pays(2_048), "few small experts stay as they were");
        assert!(!top(64, 64, 2).pays(10) && top(64, 64, 2).pays(1_000), "the work decides");
        assert!(!Groups::new(2048, 64, &[]).pays(16_384), "nobody is served");
    }
}
