//! The routers' vital signs as numbers, each with what it means.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::numbers::mean;
use crate::labs::token_routing::measure::Measure;
use crate::labs::words::percent;
use crate::plate::number::significant;
use crate::plate::{Cell, Column, Plate, Table};
use crate::routing::metrics::log_sum_exp;
use crate::routing::routers::ScorerKind;

/// One row a sign; nothing before the first measure.
pub(super) fn view(seen: &Seen<'_>) -> Option<View> {
    let rows = rows(seen, seen.history.last()?);
    let table = Table {
        title: format!("Vital signs of `{}`", seen.method.name),
        caption: format!("Means over layers, for the held-out {}.", seen.noun()),
        columns: vec![Column::text("sign"), Column::text("now"), Column::text("what it means")],
        rows: rows.into_iter().map(|row| row.into_iter().map(Cell::text).collect()).collect(),
    };
    Some(View::new("vitals", Place::More, Plate::Table(table)))
}

fn rows(seen: &Seen<'_>, now: &Measure) -> Vec<[String; 3]> {
    let Some(routes) = now.routes else { return Vec::new() };
    let mut rows = Vec::new();
    let mut add =
        |sign: &str, now: String, meaning: &str| rows.push([sign.to_owned(), now, meaning.to_owned()]);
    if let Some(entropy) = routes.entropy {
        let meaning = "0: always sure of one slot; 1: every slot is as likely as any other";
        add("undecidedness", significant(entropy, 2), meaning);
    }
    let meaning =
        "0: all experts serve equally many; the square root of their number less one: one serves all";
    add("unevenness", significant(routes.load_cv, 2), meaning);
    let dead = format!("{} of {}", significant(routes.dead, 2), seen.recipe.pipeline().experts);
    add("experts that serve nobody", dead, "they learn nothing, and may never be chosen again");
    if let Some(churn) = routes.churn {
        add("first choices that changed", percent(churn), "since the measure before; falls as routes settle");
    }
    add(
        "choices without room",
        percent(routes.dropped),
        "in the last batch; outside training there are no limits",
    );
    if seen.recipe.scorer != ScorerKind::None {
        let scores = Scores::new(seen);
        let meaning = "mean square of the scores' logsumexp; scores that grow without end make choices hard and gradients small";
        add("z", significant(scores.z, 3), meaning);
        add("largest score", significant(scores.largest, 3), "by its size, before the softmax");
        let odd = format!("{} of {}", scores.odd, scores.count);
        add("scores that are no numbers", odd, "one in training ends the run, which says so");
    }
    rows
}

/// What the logits of all layers say; `z` is over the rows whose logits are all numbers.
struct Scores {
    z: f64,
    largest: f64,
    odd: usize,
    count: usize,
}

impl Scores {
    fn new(seen: &Seen<'_>) -> Self {
        let all = || seen.answers.layers.iter().flat_map(|layer| &layer.logits);
        let of_row = |row: &[f32]| {
            let numbers: Vec<f64> = row.iter().map(|&logit| f64::from(logit)).collect();
            log_sum_exp(&numbers).ok()
        };
        let rows =
            seen.answers.layers.iter().flat_map(|layer| layer.logits.chunks_exact(seen.recipe.slots()));
        let squares: Vec<f64> = rows.filter_map(of_row).map(|whole| whole * whole).collect();
        Self {
            z: mean(&squares),
            largest: f64::from(all().fold(0.0_f32, |most, logit| most.max(logit.abs()))),
            odd: all().filter(|logit| !logit.is_finite()).count(),
            count: all().count(),
        }
    }
}
