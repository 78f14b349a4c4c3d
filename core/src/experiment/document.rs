//! Reading an experiment from a TOML file: `run`, `seed` and the fields, as dotted keys or nested tables.

use toml::{Table, Value as Toml};

use super::registry::{check_seed, field};
use super::specification::seed_range;
use super::{Experiment, Lab, Registry, Value};
use crate::{Error, Result};

impl Registry {
    /// Reads an experiment from the text of a TOML file.
    ///
    /// # Errors
    /// When the text is no TOML, `run` is missing, a key is unknown or given twice, or a value is of another type
    /// or out of range; the error names the key, or the line.
    pub fn parse_toml(&self, text: &str) -> Result<Experiment> {
        let mut table: Table = text.parse().map_err(|error| parse_error(text, &error))?;
        let preset = match table.remove("run") {
            Some(Toml::String(name)) => name,
            Some(other) => return Err(wrong_type("run", "the name of a preset in quotes", &other)),
            None => {
                let problem =
                    "it does not name its preset; add a line like `run = \"mos-digits\"`".to_owned();
                return Err(Error::MalformedSpecification { problem });
            }
        };
        let (lab, preset) = self.find(&preset)?;
        let mut experiment = Experiment::new(preset.name);
        match table.remove("seed") {
            None => {}
            Some(Toml::Integer(seed)) => {
                experiment.seed = u64::try_from(seed).map_err(|_| Error::OutOfRange {
                    key: "seed".to_owned(),
                    value: seed.to_string(),
                    range: seed_range(),
                })?;
                check_seed(experiment.seed)?;
            }
            Some(other) => return Err(wrong_type("seed", &seed_range(), &other)),
        }
        let mut leaves = Vec::new();
        flatten(lab, "", table, &mut leaves);
        for (key, value) in leaves {
            let field = field(lab, preset, &key)?;
            let value = field.check(&convert(&key, &field.kind.range(), value)?)?;
            if experiment.overrides.insert(key.clone(), value).is_some() {
                return Err(Error::DuplicateKey { key });
            }
        }
        Ok(experiment)
    }
}

/// Lists the leaves of nested tables by dotted key. An empty table counts as a leaf unless the lab has keys in it,
/// so a misspelt one is refused and not dropped.
fn flatten(lab: &'static dyn Lab, prefix: &str, table: Table, leaves: &mut Vec<(String, Toml)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Toml::Table(inner) if !inner.is_empty() => flatten(lab, &key, inner, leaves),
            Toml::Table(_) if has_table(lab, &key) => {}
            leaf => leaves.push((key, leaf)),
        }
    }
}

fn has_table(lab: &'static dyn Lab, key: &str) -> bool {
    lab.fields().iter().any(|field| field.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

fn convert(key: &str, expected: &str, value: Toml) -> Result<Value> {
    Ok(match value {
        Toml::Integer(integer) => Value::Integer(integer),
        Toml::Float(number) => Value::Number(number),
        Toml::Boolean(flag) => Value::Flag(flag),
        Toml::String(text) => Value::Text(text),
        Toml::Array(items) => {
            Value::List(items.into_iter().map(|item| convert(key, expected, item)).collect::<Result<_>>()?)
        }
        other => return Err(wrong_type(key, expected, &other)),
    })
}

fn wrong_type(key: &str, expected: &str, found: &Toml) -> Error {
    Error::WrongType { key: key.to_owned(), expected: expected.to_owned(), found: found.to_string() }
}

/// What the TOML parser said, with the line and the column, or the key that is given twice.
fn parse_error(text: &str, error: &toml::de::Error) -> Error {
    let span = error.span().unwrap_or(0..0);
    if error.message().contains("duplicate key")
        && let Some(key) = text.get(span.clone())
    {
        return Error::DuplicateKey { key: key.to_owned() };
    }
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    Error::MalformedSpecification { problem: format!("line {line}, column {column}: {}", error.message()) }
}
