//! The end of a run: warnings, verdicts, pictures and tables.

use std::collections::BTreeMap;

use super::context::Context;
use super::results::Results;
use super::verdicts::{Comparison, comparisons, overall};
use super::{pictures, tables};
use crate::Result;
use crate::experiment::{Conclusion, Event, Outcome};
use crate::plate::Plate;

/// Everything the run says, the main verdict first.
pub(super) fn conclude(context: &Context, outcomes: &BTreeMap<String, Outcome>) -> Result<Conclusion> {
    let results = Results::new(context, outcomes)?;
    let comparisons = comparisons(&results)?;
    let mut events: Vec<Event> = comparisons
        .iter()
        .map(|Comparison { verdict, .. }| Event::Verdict { verdict: verdict.clone() })
        .collect();
    events.extend(warnings(&results)?.into_iter().map(|text| Event::Warning { text }));
    let mut plates = vec![Plate::Table(tables::methods(&results)?), pictures::gap_scatter(&results)?];
    plates.push(Plate::Table(tables::comparisons(&comparisons)));
    plates.extend(pictures::sharing(&results)?);
    plates.extend(pictures::mixing(&results)?);
    plates.push(pictures::curves(&results));
    plates.push(Plate::Table(tables::rankers(&results)?));
    plates.push(Plate::Table(tables::architectures(&results)?));
    if context.specification.tuning.rates > 0 {
        plates.push(Plate::Table(tables::tuning(&results)?));
    }
    events.extend(plates.into_iter().map(|plate| Event::Plate { plate }));
    events.extend(pictures::decisions(&results)?);
    let (verdict, sentence) = overall(&comparisons);
    Ok(Conclusion { events, verdict, sentence })
}

/// Things a reader must know before reading the numbers.
fn warnings(results: &Results<'_>) -> Result<Vec<String>> {
    let (context, mut warnings) = (results.context, Vec::new());
    let seeds = context.specification.seeds;
    if seeds < 3 {
        let plural = if seeds == 1 { "" } else { "s" };
        warnings.push(format!(
            "{seeds} seed{plural}: an illustration, not evidence; every verdict stays inconclusive below 3 seeds."
        ));
    }
    let largest = context.space.largest();
    if let Some(place) = context.audited.iter().position(|architecture| *architecture == largest) {
        for (method, rows) in &results.supernets {
            let beaten = rows.iter().filter(|row| row.iter().any(|loss| *loss < row[place])).count();
            if beaten > 0 {
                warnings.push(format!(
                    "The largest sub-network is not the best in {beaten} of {} supernets of `{}`.",
                    rows.len(),
                    method.name()
                ));
            }
        }
    }
    Ok(warnings)
}
