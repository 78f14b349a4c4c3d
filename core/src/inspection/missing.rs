//! What an inspection does not know, and why: one sentence for each reason, with the places that it holds for.

use std::collections::BTreeMap;

use super::{Inspection, Measure, PlaceSummary};

/// The most places that are named; of more, the number is told.
const MOST_NAMED: usize = 3;

/// One sentence for each quantity and reason: what is undefined, and what has no interval.
pub fn missing(inspection: &Inspection) -> Vec<String> {
    let mut reasons = Reasons::default();
    match inspection {
        Inspection::Routes(summary) => {
            for place in &summary.places {
                of_place(place)
                    .into_iter()
                    .for_each(|(what, measure)| reasons.add(what, measure, &place.name));
            }
            reasons.sentences(summary.places.len())
        }
        Inspection::Loads(summary) => {
            for layer in &summary.layers {
                let name = format!("layer {}", layer.layer);
                let measures = [
                    ("load CV", &layer.load_cv),
                    ("largest excess", &layer.max_violation),
                    ("Jain's index", &layer.jain),
                    ("CV in one context", &layer.context_cv),
                    ("share of the choice explained by the context", &layer.share_of_choice),
                ];
                measures.into_iter().for_each(|(what, measure)| reasons.add(what.to_owned(), measure, &name));
            }
            let mut sentences = reasons.sentences(summary.layers.len());
            sentences.push(format!("stability, drops, paths, permutation null: {}", summary.undefined));
            sentences
        }
    }
}

fn of_place(place: &PlaceSummary) -> Vec<(String, &Measure)> {
    let (balance, drops) = (&place.balance, &place.drops);
    let mut all: Vec<(String, &Measure)> = [
        ("load CV", &balance.load_cv),
        ("largest excess", &balance.max_violation),
        ("Jain's index", &balance.jain),
        ("importance CV", &balance.importance_cv),
        ("path", &place.path),
        ("drop rate", &drops.rate),
        ("units without", &drops.units_without),
        ("chosen k", &drops.chosen_k),
        ("effective k", &drops.effective_k),
    ]
    .map(|(what, measure)| (what.to_owned(), measure))
    .into();
    all.extend(drops.by_quarter.iter().map(|measure| ("drop rate by position".to_owned(), measure)));
    let keys = place.specialisation.iter();
    all.extend(keys.map(|key| (format!("specialisation by {}", key.key), &key.share_of_choice)));
    for pair in &place.stability {
        all.push(("top-1 agreement".to_owned(), &pair.agreement));
        all.push(("Jaccard index".to_owned(), &pair.jaccard));
    }
    all
}

/// Places by what is missing and why.
#[derive(Default)]
struct Reasons(BTreeMap<(String, bool, String), Vec<String>>);

impl Reasons {
    fn add(&mut self, what: String, measure: &Measure, place: &str) {
        let (has_value, reason) = match measure {
            Measure::Interval(_) => return,
            Measure::Point { reason, .. } => (true, reason),
            Measure::Undefined { reason } => (false, reason),
        };
        let places = self.0.entry((what, has_value, reason.clone())).or_default();
        if places.last().is_none_or(|last| last != place) {
            places.push(place.to_owned());
        }
    }

    /// Quantities with the same reason in the same places share a sentence.
    fn sentences(self, places: usize) -> Vec<String> {
        let mut shared: BTreeMap<(bool, String, Vec<String>), Vec<String>> = BTreeMap::new();
        for ((what, has_value, reason), named) in self.0 {
            shared.entry((has_value, reason, named)).or_default().push(what);
        }
        let sentence = |((has_value, reason, named), what): ((bool, String, Vec<String>), Vec<String>)| {
            let scope = match named.len() {
                all if all == places => String::new(),
                few if few <= MOST_NAMED => format!(" ({})", named.join("; ")),
                many => format!(" ({many} of {places} places)"),
            };
            let without = if has_value { ", no interval" } else { "" };
            format!("{}{without}: {reason}{scope}", what.join(", "))
        };
        shared.into_iter().map(sentence).collect()
    }
}
