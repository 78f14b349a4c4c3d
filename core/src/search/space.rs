//! What a strategy needs to know of a search space: how to draw a point, and how to make new points of old ones.
//!
//! A space knows no loss and no limit. A point is a value; its parts that can differ are called genes here, as in the
//! papers on evolution.

use crate::rng::Stream;

/// A set of points that a strategy can walk through.
pub trait Space {
    /// A point: an architecture, a row of a table, a setting.
    type Point: Clone + Ord + std::fmt::Debug;

    /// A point at random. What *uniform* means is the space's to say (HAT: every gene uniform and independent, so
    /// depth is uniform and the architecture is not).
    fn sample(&self, stream: &mut Stream) -> Self::Point;

    /// `point` with every gene drawn anew with this probability. A gene that is drawn anew may get its old value.
    fn mutate(&self, point: &Self::Point, probability: f64, stream: &mut Stream) -> Self::Point;

    /// A child of two points: every gene is that of the one or the other, with equal chance.
    fn crossover(&self, one: &Self::Point, other: &Self::Point, stream: &mut Stream) -> Self::Point;

    /// `point` with exactly one gene changed to another value; `point` itself only when the space has no other. Every
    /// such point must have a chance.
    fn neighbour(&self, point: &Self::Point, stream: &mut Stream) -> Self::Point;
}
