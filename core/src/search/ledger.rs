//! What every strategy keeps: how often it was asked, which candidates wait for an evaluation, and which points it
//! has asked for. It chooses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::{Candidate, Evaluation};
use crate::rng::{Stream, Streams};
use crate::{Error, Result};

/// A point that is to become a candidate, and what it was made of.
pub(super) struct Proposal<P> {
    pub point: P,
    pub parents: Vec<u64>,
}

/// The books of a strategy.
#[derive(Debug, Clone)]
pub(super) struct Ledger<P> {
    streams: Streams,
    asks: u64,
    next_id: u64,
    waiting: BTreeMap<u64, P>,
    asked: BTreeSet<P>,
}

impl<P: Clone + Ord + Debug> Ledger<P> {
    pub fn new(streams: Streams) -> Self {
        Self { streams, asks: 0, next_id: 0, waiting: BTreeMap::new(), asked: BTreeSet::new() }
    }

    /// The stream of the next ask, from its start.
    pub fn stream(&self) -> Stream {
        self.streams.stream_at("search", self.asks)
    }

    /// Whether the point was never asked for.
    pub fn is_new(&self, point: &P) -> bool {
        !self.asked.contains(point)
    }

    /// Refuses when candidates are waiting.
    pub fn all_told(&self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let problem = format!(
            "{} candidates of the last ask have no evaluation yet; tell all of them before the next ask",
            self.waiting.len()
        );
        Err(Error::Inconsistent { key: "tell".to_owned(), problem })
    }

    /// Ends an ask: numbers the proposals.
    pub fn issue(&mut self, proposals: Vec<Proposal<P>>) -> Vec<Candidate<P>> {
        self.asks += 1;
        let mut candidates = Vec::with_capacity(proposals.len());
        for Proposal { point, parents } in proposals {
            self.waiting.insert(self.next_id, point.clone());
            self.asked.insert(point.clone());
            candidates.push(Candidate { id: self.next_id, point, parents });
            self.next_id += 1;
        }
        candidates
    }

    /// Takes evaluations off the waiting list, all or none, and returns them in the order of their numbers.
    pub fn settle(&mut self, evaluations: &[Evaluation<P>]) -> Result<Vec<Evaluation<P>>> {
        let mut settled = evaluations.to_vec();
        settled.sort_by_key(|evaluation| evaluation.id);
        let refuse = |problem: String| Err(Error::Inconsistent { key: "tell".to_owned(), problem });
        for (place, evaluation) in settled.iter().enumerate() {
            let id = evaluation.id;
            match self.waiting.get(&id) {
                _ if place > 0 && settled[place - 1].id == id => {
                    return refuse(format!("evaluation {id} is given twice; keep one of them"));
                }
                None => {
                    return refuse(format!(
                        "evaluation {id} answers no candidate that is waiting; tell each candidate once"
                    ));
                }
                Some(point) if *point != evaluation.point => {
                    return refuse(format!(
                        "evaluation {id} is of {:?}, but candidate {id} is {point:?}; tell what was asked",
                        evaluation.point
                    ));
                }
                Some(_) => {}
            }
        }
        for evaluation in &settled {
            self.waiting.remove(&evaluation.id);
        }
        Ok(settled)
    }
}
