//! A routing log as JSON Lines: each row is a unit in a layer, with the experts that it chose.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::rows::{Has, Pick, Rows, UnitKeys, check_expert, experts_note};
use super::{Names, Numbering, ties};
use crate::Result;
use crate::error::nearest;
use crate::interchange::limits::{MOST_EXPERTS, MOST_LAYERS, MOST_PICKS};
use crate::interchange::{Options, Routes, malformed, malformed_json};

const WHAT: &str = "routing log";

/// The fields of a row that are read.
pub(in crate::interchange) const FIELDS: [&str; 11] = [
    "type",
    "req_id",
    "token_idx",
    "layer",
    "topk_ids",
    "topk_weights",
    "step",
    "token_id",
    "position",
    "class",
    "domain",
];

/// A text, or an integer that stands for one.
#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(u64),
}

impl Name {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A line as it stands.
#[derive(Debug, Default)]
struct Line {
    kind: Option<String>,
    request: Option<Name>,
    token_index: Option<u64>,
    layer: Option<u64>,
    ids: Option<Vec<u64>>,
    weights: Option<Vec<f32>>,
    step: Option<u64>,
    token: Option<u32>,
    position: Option<u32>,
    class: Option<Name>,
    domain: Option<Name>,
    experts: Option<u64>,
    top_k: Option<u64>,
    others: Vec<String>,
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Line;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Line, M::Error> {
                let mut line = Line::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "type" => once(&mut line.kind, "type", &mut map)?,
                        "req_id" => once(&mut line.request, "req_id", &mut map)?,
                        "token_idx" => once(&mut line.token_index, "token_idx", &mut map)?,
                        "layer" => once(&mut line.layer, "layer", &mut map)?,
                        "topk_ids" => once(&mut line.ids, "topk_ids", &mut map)?,
                        "topk_weights" => once(&mut line.weights, "topk_weights", &mut map)?,
                        "step" => once(&mut line.step, "step", &mut map)?,
                        "token_id" => once(&mut line.token, "token_id", &mut map)?,
                        "position" => once(&mut line.position, "position", &mut map)?,
                        "class" => once(&mut line.class, "class", &mut map)?,
                        "domain" => once(&mut line.domain, "domain", &mut map)?,
                        "num_experts" => once(&mut line.experts, "num_experts", &mut map)?,
                        "top_k" => once(&mut line.top_k, "top_k", &mut map)?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            line.others.push(key);
                        }
                    }
                }
                Ok(line)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Takes a field that may stand there once.
fn once<'de, T: Deserialize<'de>, M: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut M,
) -> std::result::Result<(), M::Error> {
    if place.is_some() {
        return Err(de::Error::duplicate_field(name));
    }
    *place = Some(map.next_value()?);
    Ok(())
}

/// What is kept while rows are read.
struct Reading {
    rows: Rows,
    top_k: Option<u64>,
    /// What the first row has; all others must have the same.
    has: Option<Has>,
    layered: bool,
    stepped: bool,
    sequence: Numbering,
    class: Numbering,
    domain: Numbering,
    notes: Vec<String>,
}

/// Reads the log from its lines, each with its number.
pub(in crate::interchange) fn read<'a>(
    lines: impl Iterator<Item = (u64, &'a str)>,
    is_open: bool,
    options: &Options,
) -> Result<Routes> {
    let mut reading = Reading {
        rows: Rows { picks: Vec::new(), has: Has::default(), experts: options.experts },
        top_k: None,
        has: None,
        layered: false,
        stepped: false,
        sequence: Numbering::default(),
        class: Numbering::default(),
        domain: Numbering::default(),
        notes: Vec::new(),
    };
    let mut lines = lines.peekable();
    while let Some((number, text)) = lines.next() {
        let is_open = is_open && lines.peek().is_none();
        let line: Line =
            serde_json::from_str(text).map_err(|error| malformed_json(WHAT, number, &error, is_open))?;
        reading
            .take(line, number, options)
            .map_err(|problem| malformed(WHAT, Some(number), None, problem))?;
    }
    reading.finish(options)
}

impl Reading {
    fn take(&mut self, line: Line, number: u64, options: &Options) -> std::result::Result<(), String> {
        match line.kind.as_deref() {
            Some("meta") => self.meta(&line, options),
            Some("route") | None => self.route(line, number),
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                let near = nearest(&shown, ["meta", "route"]).map(|near| format!("; did you mean `{near}`?"));
                Err(format!("unknown type `{shown}`{}; known: meta, route", near.unwrap_or_default()))
            }
        }
    }

    fn meta(&mut self, line: &Line, options: &Options) -> std::result::Result<(), String> {
        if self.has.is_some() {
            return Err("the line of type `meta` must come before the rows".to_owned());
        }
        self.top_k = line.top_k;
        let Some(experts) = line.experts else { return Ok(()) };
        if experts == 0 || experts > MOST_EXPERTS as u64 {
            return Err(format!("`num_experts` is {experts}, but must be from 1 to {MOST_EXPERTS}"));
        }
        match options.experts {
            Some(said) if said as u64 != experts => {
                Err(format!("`num_experts` is {experts}, but `--experts` says {said}; leave the option away"))
            }
            _ => {
                self.rows.experts = Some(experts as usize);
                Ok(())
            }
        }
    }

    /// What the first row has.
    fn first(&mut self, line: &Line) -> Has {
        (self.layered, self.stepped) = (line.layer.is_some(), line.step.is_some());
        let has = Has {
            sequence: line.request.is_some(),
            position: true,
            token: line.token.is_some(),
            class: line.class.is_some(),
            domain: line.domain.is_some(),
            weight: line.weights.is_some(),
            rank: true,
        };
        self.has = Some(has);
        has
    }

    /// Notes fields that are not read, and refuses one that is near to a known one that is missing.
    fn others(&mut self, line: &Line) -> std::result::Result<(), String> {
        for other in &line.others {
            let shown: String = other.chars().take(40).collect();
            let missing = [
                ("req_id", line.request.is_none()),
                ("token_idx", line.token_index.is_none()),
                ("layer", line.layer.is_none()),
                ("topk_ids", line.ids.is_none()),
                ("topk_weights", line.weights.is_none()),
                ("step", line.step.is_none()),
                ("token_id", line.token.is_none()),
                ("position", line.position.is_none()),
                ("class", line.class.is_none()),
                ("domain", line.domain.is_none()),
            ];
            let missing = missing.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name);
            if let Some(near) = nearest(&shown, missing) {
                return Err(format!(
                    "unknown field `{shown}`; did you mean `{near}`? Rename it, or delete it if it is something else"
                ));
            }
            let note = format!("The field `{shown}` is not read.");
            if self.notes.len() < 32 && !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        Ok(())
    }

    fn route(&mut self, line: Line, number: u64) -> std::result::Result<(), String> {
        self.others(&line)?;
        let has = match self.has {
            Some(has) => has,
            None => self.first(&line),
        };
        let same = |name: &str, there: bool, expected: bool| match (there, expected) {
            (false, true) => Err(format!("`{name}` is missing, which the first row has")),
            (true, false) => Err(format!("`{name}` is there, which the first row does not have")),
            _ => Ok(()),
        };
        same("req_id", line.request.is_some(), has.sequence)?;
        same("layer", line.layer.is_some(), self.layered)?;
        same("step", line.step.is_some(), self.stepped)?;
        same("token_id", line.token.is_some(), has.token)?;
        same("class", line.class.is_some(), has.class)?;
        same("domain", line.domain.is_some(), has.domain)?;
        same("topk_weights", line.weights.is_some(), has.weight)?;
        let unit = line.token_index.ok_or("`token_idx` is missing; it numbers the tokens of a request")?;
        let ids =
            line.ids.ok_or("`topk_ids` is missing; it lists the chosen experts, the first choice first")?;
        let layer = line.layer.unwrap_or(0);
        if layer >= MOST_LAYERS as u64 {
            return Err(format!("`layer` is {layer}, but must be from 0 to {}", MOST_LAYERS - 1));
        }
        check_counts(&ids, line.weights.as_deref(), self.top_k)?;
        // A token's number in its request is its place, unless the row says another one.
        let place =
            || u32::try_from(unit).map_err(|_| format!("`token_idx` is {unit}, but must be below 2^32"));
        let mut number_of = |name: Option<Name>, which: fn(&mut Self) -> &mut Numbering| match name {
            Some(name) => which(self).number(&name.into_text()),
            None => Ok(0),
        };
        let pick = Pick {
            step: line.step.unwrap_or(0),
            sequence: number_of(line.request, |reading| &mut reading.sequence)?,
            unit,
            layer: layer as u32,
            keys: UnitKeys {
                position: line.position.map_or_else(place, Ok)?,
                token: line.token.unwrap_or(0),
                class: number_of(line.class, |reading| &mut reading.class)?,
                domain: number_of(line.domain, |reading| &mut reading.domain)?,
            },
            at: number,
            ..Pick::default()
        };
        for (rank, &id) in ids.iter().enumerate() {
            let expert = check_expert(id, self.rows.experts)?;
            let weight = line.weights.as_ref().map_or(0.0, |weights| weights[rank]);
            self.rows.push(Pick { expert, rank: rank as u32, weight, ..pick })?;
        }
        Ok(())
    }

    fn finish(mut self, options: &Options) -> Result<Routes> {
        let Some(has) = self.has else {
            return Err(malformed(WHAT, None, None, "there is no row of type `route`"));
        };
        self.rows.has = has;
        if self.rows.experts.is_none() {
            self.notes.push(experts_note(self.rows.slots()));
        }
        let decisions = self
            .rows
            .decisions()
            .map_err(|clash| malformed(WHAT, Some(clash.at), None, clash.sentence(|line| line)))?;
        let mut routes = Routes {
            format: "routing log (JSON Lines)".to_owned(),
            header: None,
            decisions,
            names: Names {
                sequence: self.sequence.names,
                class: self.class.names,
                domain: self.domain.names,
            },
            drops_known: false,
            weights_known: has.weight,
            notes: self.notes,
        };
        ties::look(&mut routes, options);
        Ok(routes)
    }
}

fn check_counts(ids: &[u64], weights: Option<&[f32]>, top_k: Option<u64>) -> std::result::Result<(), String> {
    if ids.is_empty() || ids.len() > MOST_PICKS {
        return Err(format!("`topk_ids` names {} experts, but must name 1 to {MOST_PICKS}", ids.len()));
    }
    if let Some(k) = top_k.filter(|&k| k != ids.len() as u64) {
        return Err(format!(
            "`topk_ids` names {} experts, but the line of type `meta` says `top_k` {k}",
            ids.len()
        ));
    }
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != ids.len() {
        return Err(format!("`topk_weights` has {} numbers for {} experts", weights.len(), ids.len()));
    }
    match weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        Some(weight) => {
            Err(format!("`topk_weights` holds {weight}, but weights must be finite and 0 or more"))
        }
        None => Ok(()),
    }
}
