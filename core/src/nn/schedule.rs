//! When and with what a step trains: the learning rate of a step, and the rows of its batch.

use crate::rng::Streams;

/// The factor on the learning rate at `step` of `steps`: a linear rise over the share `warm_up` of the steps, then half
/// a cosine to zero.
pub fn warm_up_then_cosine(step: u64, steps: u64, warm_up: f64) -> f64 {
    let (step, steps) = (step as f64, steps as f64);
    let warm = (steps * warm_up).max(1.0);
    if step < warm {
        (step + 1.0) / warm
    } else {
        0.5 * (1.0 + libm::cos(std::f64::consts::PI * (step - warm) / (steps - warm).max(1.0)))
    }
}

/// The factor at `step` of `steps`: the same rise, then the inverse square root of the step, 1 at the end of the rise (Vaswani
/// et al., arXiv 1706.03762, equation 3).
pub fn warm_up_then_inverse_sqrt(step: u64, steps: u64, warm_up: f64) -> f64 {
    let (step, warm) = (step as f64 + 1.0, (steps as f64 * warm_up).max(1.0));
    if step < warm { step / warm } else { libm::sqrt(warm / step) }
}

/// The factor at `step` of `steps`: the same rise, then a straight line to zero (BERT).
pub fn warm_up_then_linear(step: u64, steps: u64, warm_up: f64) -> f64 {
    let (step, steps) = (step as f64, steps as f64);
    let warm = (steps * warm_up).max(1.0);
    if step < warm { (step + 1.0) / warm } else { (steps - step) / (steps - warm).max(1.0) }
}

/// The factor of the schedule of this name: `linear`, `inverse-sqrt`, and otherwise the cosine.
pub fn factor(name: &str, step: u64, steps: u64, warm_up: f64) -> f64 {
    match name {
        "linear" => warm_up_then_linear(step, steps, warm_up),
        "inverse-sqrt" => warm_up_then_inverse_sqrt(step, steps, warm_up),
        _ => warm_up_then_cosine(step, steps, warm_up),
    }
}

/// Batches without repetition: a new permutation of the rows for every pass through them.
#[derive(Debug, Clone)]
pub struct Batches {
    streams: Streams,
    rows: usize,
    size: usize,
    epoch: Option<(u64, Vec<usize>)>,
}

impl Batches {
    /// Batches of `size` out of `rows` rows, or of all of them where there are fewer. Permutations come from the stream
    /// `data`, one for each pass; what does not fill a batch at the end of a pass is left out.
    pub fn new(rows: usize, size: usize, streams: Streams) -> Self {
        Self { streams, rows, size: size.min(rows).max(1), epoch: None }
    }

    /// The rows of the batch of `step`.
    pub fn rows_of(&mut self, step: u64) -> &[usize] {
        let batches = (self.rows / self.size).max(1) as u64;
        let (epoch, place) = (step / batches, (step % batches) as usize);
        if self.epoch.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.epoch = Some((epoch, self.streams.stream_at("data", epoch).permutation(self.rows)));
        }
        let order = self.epoch.as_ref().map(|(_, order)| order.as_slice()).unwrap_or_default();
        order.chunks(self.size).nth(place).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls_to_zero() {
        let factors: Vec<f64> = (0..100).map(|step| warm_up_then_cosine(step, 100, 0.1)).collect();
        assert_eq!((factors[0], factors[9]), (0.1, 1.0));
        assert!(factors[..10].is_sorted() && factors[10..].iter().rev().is_sorted());
        assert!((0.0..0.001).contains(&factors[99]), "{}", factors[99]);
        assert_eq!(warm_up_then_cosine(0, 1, 0.0), 1.0);
    }

    #[test]
    fn the_inverse_root_rises_to_one_and_halves_in_four_times_the_steps() {
        let factor = |step| warm_up_then_inverse_sqrt(step, 1000, 0.1);
        assert_eq!((factor(0), factor(98), factor(99)), (0.01, 0.99, 1.0));
        assert!((factor(399) - 0.5).abs() < 1e-12 && factor(999) > 0.3);
    }

    #[test]
    fn the_line_falls_evenly_and_schedules_are_known_by_name() {
        let factor = |step| factor("linear", step, 1000, 0.1);
        assert_eq!((factor(0), factor(99), factor(100), factor(550)), (0.01, 1.0, 1.0, 0.5));
        assert!(factor(999) > 0.0 && factor(999) < 0.002);
        assert_eq!(super::factor("cosine", 7, 100, 0.1), warm_up_then_cosine(7, 100, 0.1));
        assert_eq!(super::factor("inverse-sqrt", 50, 100, 0.1), warm_up_then_inverse_sqrt(50, 100, 0.1));
    }

    #[test]
    fn a_pass_sees_every_row_once_and_the_next_in_another_order() {
        let mut batches = Batches::new(12, 4, Streams::new(1));
        let mut pass = |first: u64| -> Vec<usize> {
            (first..first + 3).flat_map(|step| batches.rows_of(step).to_vec()).collect()
        };
        let (first, second) = (pass(0), pass(3));
        assert_ne!(first, second);
        assert_eq!(pass(0), first);
        for mut rows in [first, second] {
            rows.sort_unstable();
            assert_eq!(rows, (0..12).collect::<Vec<_>>());
        }
        assert_eq!(Batches::new(3, 64, Streams::new(1)).rows_of(5).len(), 3);
    }
}
