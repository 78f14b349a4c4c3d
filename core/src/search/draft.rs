//! An ask in the making: draws proposals until they are feasible, within bounds. It changes no strategy; when it
//! fails, nothing has happened.

use super::Space;
use super::ledger::{Ledger, Proposal};
use crate::rng::Stream;
use crate::{Error, Result};

/// How often a proposal is drawn before the search gives up. One point in a thousand suffices: then it gives up
/// wrongly in five of 100,000 cases.
pub const MAX_DRAWS: usize = 10_000;

/// The proposals of one ask so far.
pub(super) struct Draft<'a, S: Space> {
    pub space: &'a S,
    pub feasible: &'a dyn Fn(&S::Point) -> bool,
    ledger: &'a Ledger<S::Point>,
    pub stream: Stream,
    pub proposals: Vec<Proposal<S::Point>>,
}

impl<'a, S: Space> Draft<'a, S> {
    pub fn new(space: &'a S, feasible: &'a dyn Fn(&S::Point) -> bool, ledger: &'a Ledger<S::Point>) -> Self {
        Self { space, feasible, ledger, stream: ledger.stream(), proposals: Vec::new() }
    }

    /// Adds a feasible point of the space; one that was never asked for when `distinct`, as long as one is found.
    pub fn add_sample(&mut self, distinct: bool) -> Result<()> {
        self.add("point", distinct, |space, stream| Proposal {
            point: space.sample(stream),
            parents: Vec::new(),
        })
    }

    /// Adds what `draw` makes, drawn again until it is feasible; when `distinct` also until it was never asked for,
    /// as long as that is found. `what` names it in the error.
    pub fn add(
        &mut self,
        what: &str,
        distinct: bool,
        mut draw: impl FnMut(&S, &mut Stream) -> Proposal<S::Point>,
    ) -> Result<()> {
        let mut repeated = None;
        for _ in 0..MAX_DRAWS {
            let drawn = draw(self.space, &mut self.stream);
            // The limit may be costly to check, so a repeated point is checked only while none is at hand.
            if distinct && !self.is_new(&drawn.point) {
                if repeated.is_none() && (self.feasible)(&drawn.point) {
                    repeated = Some(drawn);
                }
            } else if (self.feasible)(&drawn.point) {
                self.proposals.push(drawn);
                return Ok(());
            }
        }
        match repeated {
            Some(repeated) => {
                self.proposals.push(repeated);
                Ok(())
            }
            None => Err(infeasible(what)),
        }
    }

    /// Whether the point was asked for neither before nor in this ask.
    pub fn is_new(&self, point: &S::Point) -> bool {
        self.ledger.is_new(point) && self.proposals.iter().all(|proposal| proposal.point != *point)
    }
}

fn infeasible(what: &str) -> Error {
    let problem = format!(
        "no feasible {what} was found in {MAX_DRAWS} draws; relax the limit, or choose a search space in which more \
         points meet it"
    );
    Error::Inconsistent { key: "limit".to_owned(), problem }
}
