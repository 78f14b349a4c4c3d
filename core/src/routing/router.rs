//! A router, put together: an assigner says who goes where, a rule what the answers weigh, a capacity policy who is
//! turned away. What is scored is not decided here; a network computes it (`nn::token_router`).

use super::assigners::Assigner;
use super::capacity::CapacityPolicy;
use super::controllers::RouterMemory;
use super::weighing::{Weighing, weigh};
use super::{Edge, Fate, Scored};
use crate::Result;
use crate::rng::Stream;

/// Anything that sends a scored batch to slots.
pub trait Router {
    /// The edges of a batch with their weights and fates.
    ///
    /// # Errors
    /// When the scores are no numbers or do not fit.
    fn route(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Routing>;
}

/// A batch's edges and what serving them takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// Who goes where, unit by unit.
    pub edges: Vec<Edge>,
    /// How many places each slot holds ready, used or not; nothing where slots take exactly what comes.
    pub capacity: Option<usize>,
}

/// The parts of a router.
#[derive(Debug)]
pub struct Pipeline<A, C> {
    /// Who goes where.
    pub assigner: A,
    /// What happens beyond a slot's capacity.
    pub capacity: C,
    /// What the answers of chosen slots weigh.
    pub weighing: Weighing,
    /// How many of the scored slots are experts; the rest are null slots, which return nothing.
    pub experts: usize,
}

impl<A: Assigner + ?Sized, C: CapacityPolicy + ?Sized> Router for Pipeline<&A, &C> {
    fn route(&self, scored: &Scored<'_>, memory: &RouterMemory, stream: &mut Stream) -> Result<Routing> {
        scored.check()?;
        let mut edges = self.assigner.assign(scored, memory, stream)?;
        for edge in edges.iter_mut().filter(|edge| edge.slot >= self.experts && edge.fate == Fate::Kept) {
            edge.fate = Fate::Null;
        }
        // A limit is for training: outside it everybody is served, so that one answer does not depend on others.
        let capacity =
            if scored.training { self.capacity.limit(&mut edges, scored, self.experts) } else { None };
        weigh(&mut edges, scored, self.weighing, self.experts);
        Ok(Routing { edges, capacity })
    }
}
