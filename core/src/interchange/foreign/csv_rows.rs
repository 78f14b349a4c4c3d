//! A routing log as CSV: each row is a unit's choice of one expert.

use super::rows::{Has, Pick, Rows, UnitKeys, check_expert, experts_note};
use super::table::{Table, shortened};
use super::{Names, Numbering, ties};
use crate::Result;
use crate::error::nearest;
use crate::interchange::limits::MOST_LAYERS;
use crate::interchange::{Options, Routes};

/// The columns that are read.
const COLUMNS: [&str; 13] = [
    "expert",
    "unit",
    "layer",
    "weight",
    "rank",
    "fate",
    "sequence",
    "position",
    "token",
    "class",
    "domain",
    "step",
    "checkpoint",
];

/// Where each column stands.
struct Columns {
    expert: usize,
    unit: usize,
    layer: Option<usize>,
    weight: Option<usize>,
    rank: Option<usize>,
    fate: Option<usize>,
    sequence: Option<usize>,
    position: Option<usize>,
    token: Option<usize>,
    class: Option<usize>,
    domain: Option<usize>,
    step: Option<usize>,
    notes: Vec<String>,
}

#[derive(Default)]
struct Numberings {
    sequence: Numbering,
    class: Numbering,
    domain: Numbering,
}

/// Reads the log.
pub(super) fn read(mut table: Table<'_>, options: &Options) -> Result<Routes> {
    let columns = Columns::of(&table)?;
    let mut rows = Rows { picks: Vec::new(), has: columns.has(), experts: options.experts };
    let mut numberings = Numberings::default();
    while table.advance()? {
        let pick = columns.pick(&table, &mut numberings, options.experts)?;
        rows.push(pick).map_err(|problem| table.fail(None, problem))?;
    }
    if rows.picks.is_empty() {
        return Err(table.fail(None, "there is no row below the header"));
    }
    let mut notes = columns.notes;
    if options.experts.is_none() {
        notes.push(experts_note(rows.slots()));
    }
    let decisions = rows
        .decisions()
        .map_err(|clash| table.fail_at(clash.at, clash.sentence(|offset| table.line_at(offset))))?;
    let mut routes = Routes {
        format: "routing log (CSV)".to_owned(),
        header: None,
        decisions,
        names: Names {
            sequence: numberings.sequence.names,
            class: numberings.class.names,
            domain: numberings.domain.names,
        },
        drops_known: columns.fate.is_some(),
        weights_known: columns.weight.is_some(),
        notes,
    };
    ties::look(&mut routes, options);
    Ok(routes)
}

impl Columns {
    fn of(table: &Table<'_>) -> Result<Self> {
        let mut notes = Vec::new();
        for (index, name) in
            table.names().iter().enumerate().filter(|(_, name)| !COLUMNS.contains(&name.as_str()))
        {
            let missing = COLUMNS.into_iter().filter(|known| table.find(known).is_none());
            match nearest(name, missing) {
                Some(near) => {
                    let problem = format!(
                        "unknown column `{}`; did you mean `{near}`? Rename it, or delete it if it is something else",
                        shortened(name)
                    );
                    return Err(table.fail(Some(index), problem));
                }
                None => notes.push(format!("The column `{}` is not read.", shortened(name))),
            }
        }
        if let (Some(_), Some(index)) = (table.find("step"), table.find("checkpoint")) {
            return Err(
                table.fail(Some(index), "`checkpoint` is another word for `step`; keep one of the two")
            );
        }
        let expert = table.required("expert")?;
        let position = table.find("position");
        let unit = match (table.find("unit"), position) {
            (Some(unit), _) | (None, Some(unit)) => unit,
            (None, None) => table.required("unit")?,
        };
        Ok(Self {
            expert,
            unit,
            layer: table.find("layer"),
            weight: table.find("weight"),
            rank: table.find("rank"),
            fate: table.find("fate"),
            sequence: table.find("sequence"),
            position,
            token: table.find("token"),
            class: table.find("class"),
            domain: table.find("domain"),
            step: table.find("step").or_else(|| table.find("checkpoint")),
            notes,
        })
    }

    fn has(&self) -> Has {
        Has {
            sequence: self.sequence.is_some(),
            position: self.position.is_some(),
            token: self.token.is_some(),
            class: self.class.is_some(),
            domain: self.domain.is_some(),
            weight: self.weight.is_some(),
            rank: self.rank.is_some(),
        }
    }

    fn pick(&self, table: &Table<'_>, names: &mut Numberings, experts: Option<usize>) -> Result<Pick> {
        let integer =
            |column: Option<usize>, most: u64| column.map_or(Ok(0), |column| table.integer(column, most));
        let small = |column: Option<usize>| integer(column, u64::from(u32::MAX)).map(|number| number as u32);
        let named = |column: Option<usize>, numbering: &mut Numbering| match column {
            None => Ok(0),
            Some(column) => {
                numbering.number(table.text(column)?).map_err(|problem| table.fail(Some(column), problem))
            }
        };
        let expert = table.integer(self.expert, u64::MAX)?;
        Ok(Pick {
            step: integer(self.step, u64::MAX)?,
            sequence: named(self.sequence, &mut names.sequence)?,
            unit: table.integer(self.unit, u64::MAX)?,
            layer: integer(self.layer, MOST_LAYERS as u64 - 1)? as u32,
            expert: check_expert(expert, experts)
                .map_err(|problem| table.fail(Some(self.expert), problem))?,
            rank: small(self.rank)?,
            weight: self.weight.map_or(Ok(0.0), |column| table.weight(column))?,
            dropped: self.fate.map_or(Ok(false), |column| dropped(table, column))?,
            keys: UnitKeys {
                position: small(self.position)?,
                token: small(self.token)?,
                class: named(self.class, &mut names.class)?,
                domain: named(self.domain, &mut names.domain)?,
            },
            at: table.offset(),
        })
    }
}

fn dropped(table: &Table<'_>, column: usize) -> Result<bool> {
    match table.text(column)? {
        "kept" => Ok(false),
        "dropped" => Ok(true),
        other => {
            let near = nearest(other, ["kept", "dropped"]).map(|near| format!("; did you mean `{near}`?"));
            let problem = format!(
                "unknown fate `{}`{}; known: kept, dropped",
                shortened(other),
                near.unwrap_or_default()
            );
            Err(table.fail(Some(column), problem))
        }
    }
}
