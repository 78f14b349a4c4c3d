//! A supernet as a search sees it: a space, what an architecture costs, and how good it is with the supernet's weights.

use std::fmt::Display;
use std::str::FromStr;

use crate::experiment::work::Local;
use crate::search::Space;
use crate::{Error, Result};

/// An architecture on data that no search has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Mean test loss, in nats.
    pub loss: f64,
    /// The lab's measure of quality, named by [`Subject::measure`].
    pub quality: f64,
}

/// A supernet whose sub-networks can be searched and timed. It is shared between threads and changes nothing.
pub trait Subject: Sync {
    /// Its search space; points have a text form that reads back.
    type Space: Space<Point: Display + FromStr<Err = Error> + Send + Sync> + 'static;
    /// The network of one architecture, ready to be used.
    type Network;

    /// The search space.
    fn space(&self) -> &Self::Space;

    /// What tells these networks from others of the same text form: whatever is not searched and changes their cost.
    fn networks(&self) -> String;

    /// The smallest and the largest architecture.
    fn extremes(&self) -> [<Self::Space as Space>::Point; 2];

    /// The names of [`Subject::features`].
    fn columns(&self) -> Vec<String>;

    /// The one of them that counts layers: what predictors are compared with.
    fn depth_column(&self) -> &'static str;

    /// What predictors of latency read of an architecture.
    fn features(&self, point: &<Self::Space as Space>::Point) -> Vec<f64>;

    /// Trainable numbers of an architecture's network.
    fn parameters(&self, point: &<Self::Space as Space>::Point) -> f64;

    /// Floating-point operations of its forward pass, at the lab's stated lengths.
    fn flops(&self, point: &<Self::Space as Space>::Point) -> f64;

    /// The network of one architecture, with weights of its own as after an export.
    ///
    /// # Errors
    /// When the architecture is not in the space or the device does not answer.
    fn network<'a>(&'a self, point: &'a <Self::Space as Space>::Point) -> Local<'a, Result<Self::Network>>;

    /// What is timed: one use of a network, from so many words to so many words.
    ///
    /// # Errors
    /// When the device does not answer.
    fn infer<'a>(&'a self, network: &'a Self::Network, words: [usize; 2]) -> Local<'a, Result<()>>;

    /// [`Subject::infer`] in words.
    fn work(&self) -> String;

    /// The most words that can go in and come out; nothing for no bound.
    fn longest(&self) -> [Option<usize>; 2] {
        [None, None]
    }

    /// The validation loss with the supernet's weights, in nats: what a search is told.
    ///
    /// # Errors
    /// When the architecture is not in the space or the device does not answer.
    fn loss<'a>(&'a self, point: &'a <Self::Space as Space>::Point) -> Local<'a, Result<f64>>;

    /// Loss and quality on the test data with the supernet's weights.
    ///
    /// # Errors
    /// As [`Subject::loss`].
    fn tested<'a>(&'a self, point: &'a <Self::Space as Space>::Point) -> Local<'a, Result<Tested>>;

    /// Name and unit of [`Tested::quality`].
    fn measure(&self) -> (&'static str, &'static str);

    /// How many sentences of the validation [`Subject::loss`] looks at.
    fn seen(&self) -> usize;

    /// The least difference in loss that is worth claiming, in nats.
    fn smallest_effect(&self) -> f64;
}
