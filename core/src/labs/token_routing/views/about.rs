//! What the router is: its equation, its paper, what to look out for.

use super::Seen;
use crate::experiment::{Place, View};
use crate::plate::{Cell, Column, Plate, Table};
use crate::routing::routers::TOKEN_ROUTERS;

/// The row of the registry as a table; nothing for a lab's own variant.
pub(super) fn view(seen: &Seen<'_>) -> Option<View> {
    let router = TOKEN_ROUTERS.iter().find(|router| router.name == seen.method.name)?;
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let rows = [
        ("paper", router.paper.to_owned()),
        ("rule", router.equation.to_owned()),
        ("causal", yes(router.is_causal)),
        ("needs a way around it", yes(router.needs_residual)),
        ("look out", router.pitfall.to_owned()),
    ];
    let table = Table {
        title: format!("The router: {}", router.title),
        caption: "x is a unit, W the router's weights, p its probabilities, E an expert. Causal: no route depends on later units."
            .to_owned(),
        columns: vec![Column::text("what"), Column::text("it is")],
        rows: rows.into_iter().map(|(what, is)| vec![Cell::text(what), Cell::text(is)]).collect(),
    };
    Some(View::new("router", Place::More, Plate::Table(table)))
}
