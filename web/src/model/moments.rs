//! What a run showed at earlier steps, so that a reader can go back to it. A run repeats exactly, so a kept picture is
//! what the network would answer if it were trained to that step again.

use std::collections::BTreeMap;
use std::rc::Rc;

use switchyard::experiment::View;

/// The most moments that are kept.
const MOST: usize = 40;

/// Every picture at one step.
#[derive(Debug, Clone)]
struct Moment {
    step: u64,
    views: BTreeMap<String, Rc<View>>,
}

/// The moments that are kept, in order, and the one that is looked at.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    kept: Vec<Moment>,
    /// The step that is looked at; nothing for the present.
    looked: Option<u64>,
}

impl Moments {
    /// Keeps what is shown at a step. Of too many moments the one goes that leaves the smallest gap, and gaps count for
    /// more at the beginning, when most happens.
    pub(super) fn keep(&mut self, step: u64, views: &BTreeMap<String, Rc<View>>) {
        self.kept.retain(|moment| moment.step < step);
        self.kept.push(Moment { step, views: views.clone() });
        if self.kept.len() > MOST {
            let at = |place: usize| (self.kept[place].step as f64).sqrt();
            let gap = |place: &usize| at(place + 1) - at(place - 1);
            let inner = (1..self.kept.len() - 1).filter(|place| Some(self.kept[*place].step) != self.looked);
            if let Some(place) = inner.min_by(|a, b| gap(a).total_cmp(&gap(b))) {
                self.kept.remove(place);
            }
        }
    }

    /// The steps of the moments, the present last.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.kept.iter().map(|moment| moment.step)
    }

    /// The step that is looked at; nothing for the present.
    pub fn looked(&self) -> Option<u64> {
        self.looked
    }

    /// Looks at the moment in this place, or at the present.
    pub(super) fn look(&mut self, place: Option<usize>) {
        let last = self.kept.len().saturating_sub(1);
        let chosen = place.filter(|place| *place < last);
        self.looked = chosen.map(|place| self.kept[place].step);
    }

    /// The pictures of the moment that is looked at; nothing for the present.
    pub(super) fn views(&self) -> Option<&BTreeMap<String, Rc<View>>> {
        let step = self.looked?;
        self.kept.iter().find(|moment| moment.step == step).map(|moment| &moment.views)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_stay_within_bounds_keep_both_ends_and_what_is_looked_at() {
        let (mut moments, views) = (Moments::default(), BTreeMap::new());
        for step in (0..2000).step_by(10) {
            moments.keep(step, &views);
            if step == 500 {
                let place = moments.steps().position(|known| known == 70);
                moments.look(place);
                assert_eq!(moments.looked(), Some(70));
            }
        }
        let steps: Vec<u64> = moments.steps().collect();
        assert!(steps.len() == MOST && steps.is_sorted(), "{steps:?}");
        assert!(steps.starts_with(&[0]) && steps.ends_with(&[1990]) && steps.contains(&70), "{steps:?}");
        // No gap is more than a few times the even one, on the scale that is meant.
        let gaps = steps.windows(2).map(|pair| (pair[1] as f64).sqrt() - (pair[0] as f64).sqrt());
        assert!(gaps.fold(0.0, f64::max) < 4.5, "{steps:?}");
        moments.look(Some(MOST - 1));
        assert_eq!(moments.looked(), None, "the last one is the present");
    }

    #[test]
    fn a_step_that_is_shown_again_is_one_moment() {
        let (mut moments, views) = (Moments::default(), BTreeMap::new());
        [0, 5, 5, 9, 9].into_iter().for_each(|step| moments.keep(step, &views));
        assert_eq!(moments.steps().collect::<Vec<_>>(), [0, 5, 9]);
    }
}
