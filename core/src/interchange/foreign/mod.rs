//! What others wrote: routing logs and load tables of models that Switchyard did not run.
//!
//! | format | one line is | columns or fields |
//! | --- | --- | --- |
//! | routing log, JSON Lines | a unit in a layer | `token_idx`, `topk_ids`; optional `layer`, `topk_weights`, `req_id`, `step`, `token_id`, `position`, `class`, `domain`, `type` |
//! | routing log, CSV | a unit's choice of one expert | `expert`, and `unit` or `position`; optional `layer`, `weight`, `rank`, `fate`, `sequence`, `position`, `token`, `class`, `domain`, `step` (or `checkpoint`) |
//! | load table, CSV | a share of load | `expert`, `fraction`; optional `layer`; every other column names the context |
//!
//! A log of JSON Lines may begin with an object of `type` `meta`, whose `num_experts` and `top_k` are used; rows have
//! the `type` `route`, or none. `unit` and `token_idx` number the units inside their sequence (`sequence`, `req_id`).
//! Layers are counted from 0 and are 0 where they are not given. Fates are `kept` and `dropped`; a log without them
//! does not know its drops. Ranks are those of the column `rank`, else the order of `topk_ids`, else of falling weight.
//!
//! A column or field that is not known is told, or refused when it looks like a known one that is missing. Nothing is
//! filled in: where a row lacks what other rows have, it is refused with its line.

mod csv_rows;
pub mod json_rows;
pub mod loads;
mod rows;
mod table;
pub(super) mod ties;

use std::collections::BTreeMap;

use super::limits::MOST_NAMES;
use super::{Contents, Options};
use crate::Result;

/// The texts that the numbers of keys stand for, where the file has texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Sequences, requests, documents.
    pub sequence: Vec<String>,
    /// Classes.
    pub class: Vec<String>,
    /// Domains.
    pub domain: Vec<String>,
}

/// Numbers for texts, in the order in which they appear.
#[derive(Debug, Default)]
struct Numbering {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
    /// Logs name one sequence over and over.
    last: u32,
}

impl Numbering {
    /// The number of a text.
    fn number(&mut self, text: &str) -> std::result::Result<u32, String> {
        if self.names.get(self.last as usize).is_some_and(|name| name == text) {
            return Ok(self.last);
        }
        if let Some(&number) = self.numbers.get(text) {
            self.last = number;
            return Ok(number);
        }
        if self.names.len() == MOST_NAMES {
            return Err(format!(
                "it is the name number {} of its column; at most {MOST_NAMES} are read",
                MOST_NAMES + 1
            ));
        }
        self.last = self.names.len() as u32;
        self.numbers.insert(text.to_owned(), self.last);
        self.names.push(text.to_owned());
        Ok(self.last)
    }
}

/// Reads a table: a load table when it has the column `fraction`, otherwise a routing log.
pub(super) fn read_csv(text: &str, options: &Options) -> Result<Contents> {
    let table = table::Table::open(text)?;
    if table.names().iter().any(|name| name == loads::FRACTION) {
        loads::read(table).map(Contents::Loads)
    } else {
        csv_rows::read(table, options).map(Contents::Routes)
    }
}
