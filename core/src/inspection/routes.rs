//! A summary of decisions, place by place: a place is one router in one layer of one task.
//!
//! Balance, specialisation, paths and drops are those of a place's last decision; stability compares its decisions with
//! each other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::balance::{self, Balance};
use super::drops::{self, Drops};
use super::information::{self, Chosen, Key, KeySummary, NONE};
use super::resampling::{Draws, Items, MOST_ITEMS, affordable, permutations, stream};
use super::stability::{self, Choices, StepPair};
use super::{Measure, reason};
use crate::Result;
use crate::interchange::{Routes, Traced};
use crate::routing::{Checked, KeyKind, RoutingDecision, Scope, UnitKind};

/// The most steps of a place that are compared with each other; of more, so many are taken evenly, the ends included.
const MOST_STEPS: usize = 64;

/// What decisions say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RouteSummary {
    /// The format that was detected.
    pub format: String,
    /// How many decisions there are.
    pub decisions: usize,
    /// How many edges they have.
    pub edges: usize,
    /// How often the intervals' items were drawn.
    pub resamples: usize,
    /// The places, in the order of their tasks, routers and layers.
    pub places: Vec<PlaceSummary>,
    /// What a reader should know about the file.
    pub notes: Vec<String>,
}

/// What one router decided in one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceSummary {
    /// The place in words, as short as the file allows.
    pub name: String,
    /// The task, if there is one.
    pub task: Option<String>,
    /// The router.
    pub router: String,
    /// Where it decides.
    pub scope: Scope,
    /// The step that is measured: the last one.
    pub step: u64,
    /// How many decisions the place has.
    pub decisions: usize,
    /// What the units are.
    pub unit_kind: UnitKind,
    /// How many units count.
    pub units: usize,
    /// How many of their edges.
    pub edges: usize,
    /// What the intervals resample.
    pub resampled: String,
    /// How even the load is.
    pub balance: Balance,
    /// What the first choice depends on, key by key.
    pub specialisation: Vec<KeySummary>,
    /// What the first choice depends on in the place before.
    pub path: Measure,
    /// Each decision against the next.
    pub stability: Vec<StepPair>,
    /// Each decision against the last.
    pub against_last: Vec<StepPair>,
    /// What was thrown away.
    pub drops: Drops,
    /// Edges into each slot of the table before drops.
    pub loads: Vec<f64>,
    /// The slots' labels.
    pub slots: Vec<String>,
    /// For each key with names or few values: each value's share of first choices that went to each slot.
    #[serde(skip)]
    pub tables: Vec<KeyTable>,
}

/// First choices by the values of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyTable {
    /// The key, in words.
    pub key: String,
    /// The values' names.
    pub names: Vec<String>,
    /// Counts: value, then slot.
    pub counts: Vec<Vec<usize>>,
}

/// A place's decisions, in the order of the file.
type Place<'a> = Vec<&'a Traced>;

/// Measures every place.
///
/// # Errors
/// If a decision contradicts itself.
pub fn summary(routes: &Routes, seed: u64) -> Result<RouteSummary> {
    let places = places(&routes.decisions);
    let additions = places.iter().filter_map(|place| place.last()).map(|traced| {
        let decision = &traced.decision;
        let groups = decision.units.min(MOST_ITEMS).saturating_mul(decision.slots.len());
        2 * decision.edges.len().min(groups)
    });
    let resamples = affordable(additions.sum());
    let choices = places.iter().filter_map(|place| place.last()).map(|traced| {
        let decision = &traced.decision;
        decision.units.saturating_mul(decision.groups)
    });
    let permutations = permutations(choices.sum());
    let namer = Namer::of(&places);
    let mut summaries: Vec<PlaceSummary> = Vec::with_capacity(places.len());
    for (index, place) in places.iter().enumerate() {
        let before =
            index.checked_sub(1).map(|before| &places[before]).filter(|before| follows(before, place));
        let setting = Setting { routes, seed, resamples, permutations, index };
        summaries.extend(setting.measure(place, before.and_then(|before| before.last()), &namer)?);
    }
    Ok(RouteSummary {
        format: routes.format.clone(),
        decisions: routes.decisions.len(),
        edges: routes.decisions.iter().map(|traced| traced.decision.edges.len()).sum(),
        resamples,
        places: summaries,
        notes: routes.notes.clone(),
    })
}

fn places(decisions: &[Traced]) -> Vec<Place<'_>> {
    let mut places: BTreeMap<(&str, &str, usize), Place<'_>> = BTreeMap::new();
    for traced in decisions {
        let layer = match traced.decision.scope {
            Scope::Layer(layer) => layer,
            Scope::AllLayers => usize::MAX - 1,
            Scope::Model => usize::MAX,
        };
        let key = (traced.task.as_deref().unwrap_or_default(), traced.decision.router.as_str(), layer);
        places.entry(key).or_default().push(traced);
    }
    places.into_values().collect()
}

/// Whether a place is a layer of the same router in the same task as the one before.
fn follows(before: &Place<'_>, place: &Place<'_>) -> bool {
    match (before.last(), place.last()) {
        (Some(a), Some(b)) => a.task == b.task && a.decision.router == b.decision.router,
        _ => false,
    }
}

/// What a place's name needs, so that no two are alike.
struct Namer {
    tasks: bool,
    routers: bool,
}

impl Namer {
    fn of(places: &[Place<'_>]) -> Self {
        let firsts: Vec<&Traced> = places.iter().filter_map(|place| place.first().copied()).collect();
        let differ =
            |same: fn(&Traced, &Traced) -> bool| firsts.windows(2).any(|pair| !same(pair[0], pair[1]));
        Self {
            tasks: differ(|a, b| a.task == b.task),
            routers: differ(|a, b| a.decision.router == b.decision.router),
        }
    }

    fn name(&self, traced: &Traced) -> String {
        let scope = traced.decision.scope;
        let task =
            traced.task.as_ref().filter(|_| self.tasks).map(|task| format!("{task}, ")).unwrap_or_default();
        let router = if self.routers { format!(", {}", traced.decision.router) } else { String::new() };
        format!("{task}{scope}{router}")
    }
}

/// What every place is measured with.
struct Setting<'a> {
    routes: &'a Routes,
    seed: u64,
    resamples: usize,
    permutations: usize,
    index: usize,
}

impl Setting<'_> {
    fn measure(
        &self,
        place: &Place<'_>,
        before: Option<&&Traced>,
        namer: &Namer,
    ) -> Result<Option<PlaceSummary>> {
        let Some(last) = place.last() else { return Ok(None) };
        let decision = last.decision.checked()?;
        let items = Items::of(&decision);
        let draws = Draws::new(items.count, self.resamples, &mut stream(self.seed, "items", self.index));
        let resampling = (items.of_unit.as_slice(), items.count, &draws);
        let balance =
            balance::measure(decision, &items.of_unit, (items.count, &draws), self.routes.weights_known);
        let top = top_choices(decision);
        let (stability, against_last) = compared(place, resampling)?;
        Ok(Some(PlaceSummary {
            name: namer.name(last),
            task: last.task.clone(),
            router: decision.router.clone(),
            scope: decision.scope,
            step: decision.step,
            decisions: place.len(),
            unit_kind: decision.unit_kind,
            units: decision.valid_units(),
            edges: decision.valid_edges().count(),
            resampled: items.words.clone(),
            balance: balance.balance,
            specialisation: self.specialisation(decision, &top, resampling),
            path: self.path(decision, &top, before, resampling)?,
            stability,
            against_last,
            drops: drops::measure(decision, resampling, self.routes.drops_known),
            loads: balance.loads,
            slots: decision.slots.iter().map(|slot| slot.label.clone()).collect(),
            tables: self.tables(decision, &top),
        }))
    }

    fn specialisation(
        &self,
        decision: Checked<'_>,
        top: &[u32],
        (items, count, draws): (&[u32], usize, &Draws),
    ) -> Vec<KeySummary> {
        let kinds: Vec<KeyKind> =
            KeyKind::ALL.into_iter().filter(|&kind| decision.keys.get(kind).is_some()).collect();
        let taking = taking_part(&decision, |place| top[place] != NONE);
        let slots = gathered(top, &taking, decision.groups);
        let values: Vec<Vec<u32>> = kinds
            .iter()
            .filter_map(|&kind| decision.keys.get(kind))
            .map(|keys| gathered(keys, &taking, 1))
            .collect();
        let named =
            kinds.iter().zip(&values).map(|(kind, values)| Key { name: kind.name().to_owned(), values });
        let chosen = Chosen { slots: &slots, groups: decision.groups, width: decision.slots.len() };
        let items = gathered(items, &taking, 1);
        let mut stream = stream(self.seed, "null", self.index);
        let keys: Vec<Key<'_>> = named.collect();
        information::measure(&chosen, &keys, (&items, count, draws), (self.permutations, &mut stream))
            .unwrap_or_else(|error| {
                let none = |key: &Key<'_>| KeySummary {
                    key: key.name.clone(),
                    share_of_choice: Measure::undefined(reason(&error)),
                    detail: None,
                };
                keys.iter().map(none).collect()
            })
    }

    /// How much of the choice the choice in the layer before explains.
    fn path(
        &self,
        decision: Checked<'_>,
        top: &[u32],
        before: Option<&&Traced>,
        (items, count, draws): (&[u32], usize, &Draws),
    ) -> Result<Measure> {
        let Some(before) = before else {
            return Ok(Measure::undefined("there is no layer of this router before it"));
        };
        let earlier = before.decision.checked()?;
        if earlier.step != decision.step {
            return Ok(Measure::undefined("the layer before it was recorded at another step"));
        }
        if decision.groups != 1 || earlier.units != decision.units || earlier.groups != 1 {
            return Ok(Measure::undefined("the layer before it decides about other units, or in groups"));
        }
        let previous = top_choices(earlier);
        let taking = taking_part(&decision, |place| top[place] != NONE && previous[place] != NONE);
        let (slots, values) = (gathered(top, &taking, 1), gathered(&previous, &taking, 1));
        let items = gathered(items, &taking, 1);
        let chosen = Chosen { slots: &slots, groups: 1, width: decision.slots.len() };
        let key = Key { name: "choice in the layer before".to_owned(), values: &values };
        let mut stream = stream(self.seed, "path", self.index);
        let measured =
            information::measure(&chosen, &[key], (&items, count, draws), (self.permutations, &mut stream));
        Ok(match measured {
            Ok(keys) => keys
                .into_iter()
                .next()
                .map_or_else(|| Measure::undefined("it has no key"), |key| key.share_of_choice),
            Err(error) => Measure::undefined(reason(&error)),
        })
    }

    /// First choices by class and by domain, where there are not too many.
    fn tables(&self, decision: Checked<'_>, top: &[u32]) -> Vec<KeyTable> {
        let names = &self.routes.names;
        let kinds =
            [(KeyKind::Class, &names.class), (KeyKind::Domain, &names.domain), (KeyKind::Task, &Vec::new())]
                .map(|(kind, names)| (kind, names.clone()));
        let table = |(kind, names): (KeyKind, Vec<String>)| {
            let keys = decision.keys.get(kind)?;
            let mut counts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (place, &slot) in top.iter().enumerate().filter(|(_, slot)| **slot != NONE) {
                let row = counts
                    .entry(keys[place / decision.groups])
                    .or_insert_with(|| vec![0; decision.slots.len()]);
                row[slot as usize] += 1;
                if counts.len() > 64 {
                    return None;
                }
            }
            let name = |key: &u32| names.get(*key as usize).cloned().unwrap_or_else(|| key.to_string());
            let names = counts.keys().map(name).collect();
            Some(KeyTable { key: kind.name().to_owned(), names, counts: counts.into_values().collect() })
        };
        kinds.into_iter().filter_map(table).collect()
    }
}

/// First choices as numbers of slots, [`NONE`] where there is none.
fn top_choices(decision: Checked<'_>) -> Vec<u32> {
    decision.top_choices().into_iter().map(|slot| slot.map_or(NONE, |slot| slot as u32)).collect()
}

/// The valid units all of whose places pass.
fn taking_part(decision: &RoutingDecision, passes: impl Fn(usize) -> bool) -> Vec<u32> {
    let places = |unit: usize| unit * decision.groups..(unit + 1) * decision.groups;
    let units = (0..decision.units).filter(|&unit| decision.valid[unit] && places(unit).all(&passes));
    units.map(|unit| unit as u32).collect()
}

/// The numbers of some units, `width` for each.
fn gathered(numbers: &[u32], units: &[u32], width: usize) -> Vec<u32> {
    if units.len() * width == numbers.len() {
        return numbers.to_vec();
    }
    units.iter().flat_map(|&unit| numbers[unit as usize * width..][..width].iter().copied()).collect()
}

/// Each decision against the next, and against the last.
fn compared(
    place: &Place<'_>,
    resampling: (&[u32], usize, &Draws),
) -> Result<(Vec<StepPair>, Vec<StepPair>)> {
    if place.len() < 2 {
        return Ok((Vec::new(), Vec::new()));
    }
    let taken: Vec<usize> = if place.len() <= MOST_STEPS {
        (0..place.len()).collect()
    } else {
        (0..MOST_STEPS).map(|index| index * (place.len() - 1) / (MOST_STEPS - 1)).collect()
    };
    let decision = |at: usize| place[taken[at]].decision.checked();
    let last = decision(taken.len() - 1)?;
    let last_choices = Choices::of(last);
    let (mut next, mut against_last) = (Vec::new(), Vec::new());
    // Choices take room, so no more than three decisions' are held at a time.
    let mut earlier = decision(0)?;
    let mut before = Choices::of(earlier);
    for at in 1..taken.len() {
        against_last.push(stability::compare((earlier, &before), (last, &last_choices), resampling));
        let later = decision(at)?;
        let after = Choices::of(later);
        next.push(stability::compare((earlier, &before), (later, &after), resampling));
        (earlier, before) = (later, after);
    }
    Ok((next, against_last))
}
