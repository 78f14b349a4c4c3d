//! From rows of a log to routing records: one record for each step and layer, over one table of units for each step.

use std::collections::BTreeMap;

use crate::interchange::Traced;
use crate::interchange::limits::{MOST_CELLS, MOST_EDGES};
use crate::routing::{CombineMode, Edge, Fate, Keys, RoutingDecision, Scope, Slot, SlotKind, UnitKind};

/// One unit that chose one expert in one layer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pick {
    pub(super) step: u64,
    pub(super) sequence: u32,
    pub(super) unit: u64,
    pub(super) layer: u32,
    pub(super) expert: u32,
    pub(super) rank: u32,
    pub(super) weight: f32,
    pub(super) dropped: bool,
    pub(super) keys: UnitKeys,
    /// Where it stands in the file.
    pub(super) at: u64,
}

/// What is known about the unit of a pick; 0 where the log does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UnitKeys {
    pub(super) position: u32,
    pub(super) token: u32,
    pub(super) class: u32,
    pub(super) domain: u32,
}

/// Which of the optional things a log has. It has them in every row or in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Has {
    pub(super) sequence: bool,
    pub(super) position: bool,
    pub(super) token: bool,
    pub(super) class: bool,
    pub(super) domain: bool,
    pub(super) weight: bool,
    pub(super) rank: bool,
}

/// Two rows that contradict each other: where they stand, and why. The caller knows their lines.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clash {
    pub(super) at: u64,
    pub(super) other: Option<u64>,
    pub(super) problem: String,
}

/// The picks of a log.
pub(super) struct Rows {
    pub(super) picks: Vec<Pick>,
    pub(super) has: Has,
    /// How many experts there are, where the log says so.
    pub(super) experts: Option<usize>,
}

/// A record that is being filled.
#[derive(Default)]
struct Layer {
    edges: Vec<Edge>,
    valid: Vec<bool>,
}

impl Rows {
    /// Adds a pick.
    pub(super) fn push(&mut self, pick: Pick) -> Result<(), String> {
        if self.picks.len() == MOST_EDGES {
            return Err(format!("there are more than {MOST_EDGES} choices of an expert; split the file"));
        }
        self.picks.push(pick);
        Ok(())
    }

    /// The number of experts: what was said, or the highest one plus one.
    pub(super) fn slots(&self) -> usize {
        self.experts
            .unwrap_or_else(|| self.picks.iter().map(|pick| pick.expert as usize + 1).max().unwrap_or(0))
    }

    /// The records, by step and then by layer.
    pub(super) fn decisions(mut self) -> Result<Vec<Traced>, Clash> {
        let place = |pick: &Pick| (pick.step, pick.sequence, pick.unit, pick.layer);
        if !self.picks.is_sorted_by_key(place) {
            // Stable, so that the picks of one unit stay in the order of the file.
            self.picks.sort_by_key(place);
        }
        let slots = Slot::table(SlotKind::Expert, self.slots());
        let mut decisions = Vec::new();
        for step in self.picks.chunk_by(|a, b| a.step == b.step) {
            self.step(step, &slots, &mut decisions)?;
        }
        Ok(decisions)
    }

    fn step(&self, picks: &[Pick], slots: &[Slot], out: &mut Vec<Traced>) -> Result<(), Clash> {
        let mut layers: BTreeMap<u32, Layer> = BTreeMap::new();
        let mut units: Vec<&Pick> = Vec::new();
        let mut cells = 0;
        for unit in picks.chunk_by(|a, b| (a.sequence, a.unit) == (b.sequence, b.unit)) {
            if let Some(other) = unit.iter().find(|pick| pick.keys != unit[0].keys) {
                return Err(Clash {
                    at: other.at.max(unit[0].at),
                    other: Some(other.at.min(unit[0].at)),
                    problem: format!("unit {} has another position, token, class or domain here", other.unit),
                });
            }
            for run in unit.chunk_by(|a, b| a.layer == b.layer) {
                let layer = layers.entry(run[0].layer).or_default();
                cells += units.len() + 1 - layer.valid.len();
                if cells > MOST_CELLS {
                    let problem = format!(
                        "units times layers are more than {MOST_CELLS}; the layers are about different units. Split the file by layer"
                    );
                    return Err(Clash { at: run[0].at, other: None, problem });
                }
                layer.valid.resize(units.len(), false);
                layer.valid.push(true);
                self.edges(run, units.len(), &mut layer.edges)?;
            }
            units.push(&unit[0]);
        }
        if (out.len() + layers.len()).saturating_mul(slots.len()) > MOST_CELLS / 4 {
            let problem = format!(
                "{} experts in so many layers and steps are more than {} slots; split the file by step or layer",
                slots.len(),
                MOST_CELLS / 4
            );
            return Err(Clash { at: picks[0].at, other: None, problem });
        }
        let keys = self.keys(&units);
        for (number, Layer { edges, mut valid }) in layers {
            valid.resize(units.len(), false);
            let scope = Scope::Layer(number as usize);
            let decision = RoutingDecision {
                step: picks[0].step,
                combine_mode: CombineMode::MixOutputs,
                edges,
                valid,
                keys: keys.clone(),
                ..RoutingDecision::new("router", scope, UnitKind::Token, units.len(), slots.to_vec())
            };
            decision.validate().map_err(|error| Clash {
                at: picks[0].at,
                other: None,
                problem: error.to_string(),
            })?;
            out.push(Traced { task: None, decision });
        }
        Ok(())
    }

    fn keys(&self, units: &[&Pick]) -> Keys {
        let of = |has: bool, key: fn(&Pick) -> u32| has.then(|| units.iter().map(|pick| key(pick)).collect());
        Keys {
            sequence: of(self.has.sequence, |pick| pick.sequence),
            position: of(self.has.position, |pick| pick.keys.position),
            token_id: of(self.has.token, |pick| pick.keys.token),
            class: of(self.has.class, |pick| pick.keys.class),
            domain: of(self.has.domain, |pick| pick.keys.domain),
            ..Keys::default()
        }
    }

    /// The edges of one unit in one layer, by rank.
    fn edges(&self, run: &[Pick], unit: usize, edges: &mut Vec<Edge>) -> Result<(), Clash> {
        let mut order: Vec<&Pick> = run.iter().collect();
        refuse_twice(&mut order, |pick| pick.expert, |pick| format!("chooses expert {} twice", pick.expert))?;
        if self.has.rank {
            refuse_twice(
                &mut order,
                |pick| pick.rank,
                |pick| format!("has two choices of rank {}", pick.rank),
            )?;
        } else {
            order.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.at.cmp(&b.at)));
        }
        edges.extend(order.iter().enumerate().map(|(place, pick)| {
            let weight = if self.has.weight { pick.weight } else { 1.0 };
            let (dispatch, combine, fate) =
                if pick.dropped { (0.0, 0.0, Fate::Dropped) } else { (1.0, weight, Fate::Kept) };
            let rank = if self.has.rank { pick.rank as usize } else { place };
            Edge {
                unit,
                group: 0,
                slot: pick.expert as usize,
                rank,
                score: pick.weight,
                dispatch,
                combine,
                fate,
            }
        }));
        Ok(())
    }
}

/// Sorts by a number and refuses two picks that have the same.
fn refuse_twice(
    picks: &mut [&Pick],
    number: fn(&Pick) -> u32,
    problem: fn(&Pick) -> String,
) -> Result<(), Clash> {
    picks.sort_by_key(|pick| number(pick));
    match picks.windows(2).find(|pair| number(pair[0]) == number(pair[1])) {
        None => Ok(()),
        Some(pair) => Err(Clash {
            at: pair[0].at.max(pair[1].at),
            other: Some(pair[0].at.min(pair[1].at)),
            problem: format!("unit {} {} in layer {}", pair[1].unit, problem(pair[1]), pair[1].layer),
        }),
    }
}

impl Clash {
    /// The sentence, with the line of the other row.
    pub(super) fn sentence(&self, line_of: impl Fn(u64) -> u64) -> String {
        match self.other.map(line_of) {
            Some(line) => format!("{}; the other row is line {line}", self.problem),
            None => self.problem.clone(),
        }
    }
}

/// The note that a file without a number of experts needs.
pub(super) fn experts_note(experts: usize) -> String {
    format!(
        "The file does not say how many experts there are; {experts} are taken, the highest number plus one. Say more \
         with `--experts`: an expert that nobody chose at the end of the table is not seen otherwise."
    )
}

/// Which expert numbers are allowed.
pub(super) fn check_expert(expert: u64, experts: Option<usize>) -> Result<u32, String> {
    let most = experts.unwrap_or(crate::interchange::limits::MOST_EXPERTS);
    match u32::try_from(expert) {
        Ok(number) if (number as usize) < most => Ok(number),
        _ => Err(match experts {
            Some(experts) => format!("expert {expert} is out of range: there are {experts}, counted from 0"),
            None => {
                format!("expert {expert} is out of range: at most {most} experts are read, counted from 0")
            }
        }),
    }
}
