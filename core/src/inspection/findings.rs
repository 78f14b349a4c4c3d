//! An inspection as it is shown, by the command and in the tab: what the file is, its pictures and tables, what is not
//! known, and what to know of the file.

use super::loads::LoadSummary;
use super::routes::RouteSummary;
use super::{Inspection, missing, plates};
use crate::plate::Plate;

/// More ways of resampling than these are not named one by one.
const MOST_WAYS: usize = 3;

/// What a reader is shown of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// What the file is, in pairs of a name and a value.
    pub facts: Vec<(String, String)>,
    /// Pictures and tables, in the order in which they are read.
    pub plates: Vec<Plate>,
    /// What is not known, and why: half a sentence each.
    pub missing: Vec<String>,
    /// What a reader should know about the file, as sentences.
    pub notes: Vec<String>,
}

impl Findings {
    /// What an inspection with this seed found.
    pub fn of(inspection: &Inspection, seed: u64) -> Self {
        let (facts, notes) = match inspection {
            Inspection::Routes(summary) => (of_routes(summary, seed), &summary.notes),
            Inspection::Loads(summary) => (of_loads(summary, seed), &summary.notes),
        };
        Self {
            facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
            plates: plates(inspection),
            missing: missing(inspection),
            notes: notes.clone(),
        }
    }
}

fn of_routes(summary: &RouteSummary, seed: u64) -> [(&'static str, String); 3] {
    let mut ways: Vec<&str> = summary.places.iter().map(|place| place.resampled.as_str()).collect();
    ways.dedup();
    let ways =
        if ways.len() > MOST_WAYS { "of different numbers of units".to_owned() } else { ways.join("; ") };
    let (decisions, edges) = (counted(summary.decisions, "decision"), counted(summary.edges, "edge"));
    [
        ("format", summary.format.clone()),
        ("holds", format!("{decisions}, {edges}")),
        ("intervals", format!("95%, {} resamples of {ways}, seed {seed}", summary.resamples)),
    ]
}

fn of_loads(summary: &LoadSummary, seed: u64) -> [(&'static str, String); 3] {
    let LoadSummary { context_title, resamples, .. } = summary;
    let contexts = counted(summary.contexts.len(), "context");
    let (layers, experts) = (counted(summary.layers.len(), "layer"), counted(summary.experts, "expert"));
    [
        ("format", summary.format.clone()),
        ("holds", format!("{contexts} ({context_title}), {layers}, {experts}")),
        ("intervals", format!("95%, {resamples} resamples of {contexts}, seed {seed}")),
    ]
}

/// A number with what it counts.
fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::inspect;
    use crate::interchange::{Options, read};

    fn found(text: &str) -> Findings {
        let contents = read(text.as_bytes(), &Options::default()).expect("a whole file");
        Findings::of(&inspect(&contents, 7).expect("it fits together"), 7)
    }

    #[test]
    fn a_log_and_a_load_table_say_what_they_are() {
        let log = found("unit,expert\n0,1\n1,0\n2,1\n");
        assert_eq!(log.facts[0], ("format".to_owned(), "routing log (CSV)".to_owned()));
        assert_eq!(log.facts[1].1, "1 decision, 3 edges");
        assert!(log.facts[2].1.ends_with("seed 7"), "{:?}", log.facts);
        let table = found("text,expert,fraction\na,0,0.5\na,1,0.5\nb,0,0.25\nb,1,0.75\n");
        assert_eq!(table.facts[1].1, "2 contexts (text), 1 layer, 2 experts");
        assert!(table.missing.iter().any(|sentence| sentence.contains("no single choices")));
    }
}
