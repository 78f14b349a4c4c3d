//! The end of a run: warnings, verdicts, pictures and tables.

use std::collections::BTreeMap;

use super::Audit;
use super::results::Results;
use super::verdicts::{Comparison, comparisons, overall};
use super::{pictures, retraining, tables};
use crate::Result;
use crate::experiment::{Conclusion, Event, Outcome};
use crate::plate::Plate;

/// Everything the run says, the main verdict first.
pub fn conclude(
    audit: &Audit,
    outcomes: &BTreeMap<String, Outcome>,
    (remarks, tables_besides): (Vec<String>, Vec<Plate>),
) -> Result<Conclusion> {
    let results = Results::new(audit, outcomes)?;
    let (comparisons, undefined) = comparisons(&results)?;
    let mut events: Vec<Event> = comparisons
        .iter()
        .map(|Comparison { verdict, .. }| Event::Verdict { verdict: verdict.clone() })
        .collect();
    let retrained = retraining::outcome::Retrained::new(&results)?;
    let found = retrained.as_ref().map(retraining::outcome::Retrained::found).transpose()?;
    events.extend(found.iter().map(|found| Event::Verdict { verdict: found.verdict.clone() }));
    events.extend(
        warnings(&results)?.into_iter().chain(undefined).chain(remarks).map(|text| Event::Warning { text }),
    );
    let mut plates = vec![Plate::Table(tables::methods(&results)?), pictures::gap_scatter(&results)?];
    plates.push(Plate::Table(tables::comparisons(&comparisons)));
    plates.extend(pictures::sharing(&results)?);
    plates.extend(pictures::mixing(&results)?);
    plates.push(pictures::curves(&results));
    plates.push(Plate::Table(tables::rankers(&results)?));
    plates.push(Plate::Table(tables::architectures(&results)?));
    if audit.tuning.rates > 0 {
        plates.push(Plate::Table(tables::tuning(&results)?));
    }
    if let (Some(retrained), Some(found)) = (&retrained, &found) {
        plates.push(Plate::Table(retrained.table(found)));
        plates.push(retrained.curves());
    }
    plates.extend(tables_besides);
    events.extend(plates.into_iter().map(|plate| Event::Plate { plate }));
    events.extend(pictures::decisions(&results)?);
    let (verdict, mut sentence) = overall(&comparisons);
    if let Some(found) = found {
        sentence = format!("{sentence} {}", found.sentence);
    }
    Ok(Conclusion { events, verdict, sentence })
}

/// Things a reader must know before reading the numbers.
fn warnings(results: &Results<'_>) -> Result<Vec<String>> {
    let (audit, mut warnings) = (results.audit, Vec::new());
    let seeds = audit.seeds;
    if seeds < 3 {
        let plural = if seeds == 1 { "" } else { "s" };
        warnings.push(format!(
            "{seeds} seed{plural}: an illustration, not evidence; every verdict stays inconclusive below 3 seeds."
        ));
    }
    if let Some(place) = audit.largest {
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
