//! Early stopping: which step was the best so far, and whether it is time to wait no longer. It keeps no weights.

/// What an observation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// The best so far: keep these weights.
    Best,
    /// Not better, but there is patience left.
    Waiting,
    /// As many observations as there was patience, and none of them better: stop.
    Stop,
}

/// The best step of a training so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarlyStopping {
    patience: usize,
    waited: usize,
    best: Option<(u64, f64)>,
}

impl EarlyStopping {
    /// Stops at the `patience`-th observation in a row that is not below the best.
    ///
    /// # Panics
    /// If `patience` is 0: no training could go on.
    pub fn new(patience: usize) -> Self {
        assert!(patience > 0, "a patience of 0 would stop before the first observation");
        Self { patience, waited: 0, best: None }
    }

    /// The best step and its loss, once there was a finite loss.
    pub fn best(&self) -> Option<(u64, f64)> {
        self.best
    }

    /// Takes the validation loss of a step into account. Only a loss below the best is better; one that is not finite
    /// never is.
    pub fn observe(&mut self, step: u64, loss: f64) -> Observation {
        if loss.is_finite() && self.best.is_none_or(|(_, best)| loss < best) {
            self.best = Some((step, loss));
            self.waited = 0;
            return Observation::Best;
        }
        self.waited += 1;
        if self.waited >= self.patience { Observation::Stop } else { Observation::Waiting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Observation::{Best, Stop, Waiting};

    fn observe(patience: usize, losses: &[f64]) -> (Vec<Observation>, Option<(u64, f64)>) {
        let mut stopping = EarlyStopping::new(patience);
        let seen = losses.iter().zip(0..).map(|(&loss, step)| stopping.observe(step, loss)).collect();
        (seen, stopping.best())
    }

    #[test]
    fn it_stops_after_as_many_observations_as_there_was_patience() {
        let (seen, best) = observe(3, &[5.0, 4.0, 4.0, 4.5, 3.0, 3.5, 3.0, 9.0]);
        assert_eq!(seen, [Best, Best, Waiting, Waiting, Best, Waiting, Waiting, Stop]);
        assert_eq!(best, Some((4, 3.0)));
        assert_eq!(observe(1, &[1.0, 1.0]).0, [Best, Stop]);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_never_the_best() {
        let (seen, best) = observe(2, &[f64::NAN, f64::NEG_INFINITY, 2.0, f64::INFINITY]);
        assert_eq!((seen, best), (vec![Waiting, Stop, Best, Waiting], Some((2, 2.0))));
    }
}
