//! The live pictures of a training. Each is made from answers about held-out samples and from what was measured; none
//! changes anything.

mod about;
mod curves;
mod flow;
pub mod heat;
pub mod history;
mod keys;
mod load;
pub mod record;
mod strip;
mod vitals;

use super::context::Context;
use super::measure::Measure;
use super::method::Method;
use super::study::FirstChoices;
use super::trainer::Answers;
use crate::experiment::View;
use crate::routing::Routing;
use crate::routing::routers::Recipe;

/// What there is to be seen.
pub(super) struct Seen<'a> {
    pub context: &'a Context,
    pub method: &'a Method,
    pub recipe: &'a Recipe,
    /// What was measured so far, and right now at the end.
    pub history: &'a [Measure],
    /// The answers about the held-out images.
    pub answers: &'a Answers,
    /// Each layer's first choice of each held-out unit.
    pub firsts: &'a FirstChoices,
    /// Where the first sample went at some earlier moments.
    pub moments: &'a [history::Moment],
    /// Where the first sample went at all looks so far.
    pub visits: &'a heat::Visits,
    /// What went where in the last batch, layer by layer.
    pub last: &'a [Routing],
}

impl Seen<'_> {
    /// The names of the slots that a patch can go to.
    fn slot_names(&self) -> Vec<String> {
        self.recipe.slot_table().into_iter().take(self.recipe.slots()).map(|slot| slot.label).collect()
    }

    /// How many held-out units there are.
    fn units(&self) -> usize {
        self.context.task.held_out_units()
    }

    /// What units are called, in the plural.
    fn noun(&self) -> &'static str {
        self.context.task.unit_noun()
    }
}

/// Every picture, the one that matters most first.
pub(super) fn all(seen: &Seen<'_>) -> Vec<View> {
    let mut views = vec![strip::view(seen)];
    if seen.answers.layers.len() > 1 {
        views.extend(flow::views(seen));
    }
    views.push(load::view(seen));
    views.extend(keys::views(seen));
    views.extend(heat::views(seen));
    views.extend(history::view(seen, seen.history.last().map_or(0, |now| now.step)));
    views.extend(about::view(seen));
    views.push(curves::loss(seen));
    views.push(curves::health(seen));
    views.extend(vitals::view(seen));
    views
}
