//! What an oracle would gain over a trained router: every route of the last layer is tried for every held-out character.
//!
//! After the last layer nothing mixes characters any more, so one pass per route gives the loss of that route for each
//! of them, exactly. Patches of an image are pooled, so there no unit has a loss of its own.

use super::results::Results;
use super::study::{Ended, Numbers, study_table};
use super::task::Task;
use crate::Result;
use crate::plate::Plate;
use crate::routing::assigners::Fixed;
use crate::routing::capacity::Dropless;
use crate::routing::metrics::RouteLosses;
use crate::routing::routers::{Recipe, ScorerKind};
use crate::routing::{Oracle, route_space};

/// The numbers of an oracle; none where units have no loss of their own, not all use equally many experts, or there are
/// too many routes.
pub(super) async fn numbers(ended: &Ended<'_>) -> Result<Numbers> {
    let (context, answers) = (ended.context, ended.answers);
    let (Task::Text(_), Some(recipe), Some(layer)) =
        (&context.task, ended.trainer.recipe(), answers.layers.last())
    else {
        return Ok(Numbers::new());
    };
    let units = context.targets.len();
    let mut sets = vec![Vec::new(); units];
    layer.edges.iter().for_each(|edge| sets[edge.unit].push(edge.slot));
    sets.iter_mut().for_each(|set| set.sort_unstable());
    let k = sets[0].len();
    let is_plain = recipe.nulls == 0 && !recipe.is_block && recipe.soft.is_none();
    let Some(routes) =
        route_space(recipe.experts, k).filter(|_| is_plain && sets.iter().all(|set| set.len() == k))
    else {
        return Ok(Numbers::new());
    };
    let fixed = |route: &Vec<usize>| {
        let plain = context.recipe_with(ended.method, ended.trainer.k())?;
        let (assigner, capacity) = (Box::new(Fixed { slots: route.clone() }), Box::new(Dropless));
        Some(Recipe { assigner, capacity, ..plain })
    };
    let lasts: Vec<Recipe> = routes.iter().filter_map(fixed).collect();
    let losses = RouteLosses::new(ended.trainer.held_out_losses_with_last(&lasts).await?, routes.len())?;
    let chosen: Vec<Option<usize>> =
        sets.iter().map(|set| routes.iter().position(|route| route == set)).collect();
    let stream = &mut context.streams.stream("oracle");
    let found = Oracle::new(&losses, &chosen, &context.task.identities(), stream)?;
    let learned = if recipe.scorer == ScorerKind::None { None } else { Some(found.accuracy) };
    let named = [
        ("oracle_router", Some(found.router)),
        ("oracle_random", Some(found.random)),
        ("oracle_single", Some(found.best_single)),
        ("oracle_best", Some(found.oracle)),
        ("oracle_luck", Some(found.best_of_n)),
        ("oracle_half", Some(found.split_half)),
        ("oracle_accuracy", learned),
    ];
    let some =
        named.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), vec![value])));
    Ok(some.collect())
}

/// The table over all seeds; nothing where no method has an oracle.
pub(super) fn table(results: &Results<'_>) -> Option<Plate> {
    let columns = [
        ("oracle_router", "router", "nats"),
        ("oracle_random", "any route", "nats"),
        ("oracle_single", "one route for all", "nats"),
        ("oracle_best", "oracle", "nats"),
        ("oracle_luck", "luck (best of N)", "nats"),
        ("oracle_half", "by the character (split half)", "nats"),
        ("oracle_accuracy", "router takes the best", ""),
    ];
    let has = results.context.methods.iter().any(|method| results.column(method, "oracle_best").is_ok());
    let caption = "The test loss when the last layer's experts are chosen by the router; evenly by chance; as one set for all \
                   characters; for each character with its loss in hand. The oracle's gain holds luck: in *best of N* each \
                   route's losses belong to other characters. *Split half* takes the set that was best for the same \
                   character on the other half of the text: what could be learned from the character alone. Means over \
                   seeds with 95% intervals.";
    has.then(|| study_table(results, "What an oracle would gain", caption, &columns))
}
