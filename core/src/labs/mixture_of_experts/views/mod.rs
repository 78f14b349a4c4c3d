//! The live pictures of a training. Each is made from answers about held-out rows and from what was measured; none
//! changes anything.

mod curves;
mod digits;
mod field;
mod load;
mod specialisation;

use super::Method;
use super::context::Context;
use super::evaluation::{Answers, Examiner};
use super::history::Measure;
use super::trainer::LastBatch;
use crate::Result;
use crate::experiment::View;
use crate::labs::words::experts;
use crate::routing::Edge;

/// What there is to be seen.
pub(super) struct Seen<'a> {
    pub context: &'a Context,
    /// Steps done.
    pub step: u64,
    /// What was measured so far, and right now at the end.
    pub history: &'a [Measure],
    /// The answers about the held-out rows.
    pub answers: &'a Answers,
    /// Their classes.
    pub classes: &'a [usize],
    /// What went where in the last batch.
    pub last: Option<&'a LastBatch>,
}

impl Seen<'_> {
    /// What rows are called, in the plural.
    fn unit(&self) -> &'static str {
        unit_name(self.context)
    }

    /// The load of the held-out rows; nothing without experts.
    fn counts(&self) -> &[usize] {
        self.answers.load().unwrap_or_default()
    }

    /// The router's probabilities, `[rows, experts]`; nothing where it has none, or slots that compute nothing besides.
    fn probabilities(&self) -> &[f32] {
        let has_nulls = self.context.slot_names().len() > self.counts().len();
        self.answers.router_probabilities().filter(|_| !has_nulls).unwrap_or_default()
    }
}

/// Chosen slots in words: experts by number, then how many slots that compute nothing.
pub(super) fn slots_chosen(context: &Context, edges: &[Edge]) -> String {
    let count = context.experts(Method::Routed);
    let chosen: Vec<usize> = edges.iter().map(|edge| edge.slot).filter(|slot| *slot < count).collect();
    match edges.len() - chosen.len() {
        0 => experts(&chosen),
        1 => format!("{} and a null slot", experts(&chosen)),
        nulls => format!("{} and {nulls} null slots", experts(&chosen)),
    }
}

/// What rows are called, in the plural.
pub(super) fn unit_name(context: &Context) -> &'static str {
    if context.rows.is_plane() {
        "points"
    } else if context.rows.all.image.is_some() {
        "images"
    } else {
        "rows"
    }
}

/// Every picture, the one that matters most first.
///
/// # Errors
/// When the device does not answer.
pub(super) async fn all(examiner: &Examiner<'_>, seen: &Seen<'_>) -> Result<Vec<View>> {
    let mut views = Vec::new();
    if seen.context.rows.is_plane() {
        views.push(field::view(examiner, seen).await?);
    } else {
        views.push(digits::flow(seen));
        if seen.context.rows.all.image.is_some() {
            views.extend([digits::strip(seen), digits::gallery(seen)]);
        }
    }
    views.push(load::view(seen));
    views.push(specialisation::view(seen));
    views.push(curves::loss(seen));
    views.push(curves::health(seen));
    Ok(views)
}
