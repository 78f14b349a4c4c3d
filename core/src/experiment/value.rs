//! A field's value as it is written: in a link, after `--set`, in a TOML file, in JSON.
//!
//! It does not know what is allowed; that is [`super::Field`]'s part.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One value of one field. Its `Display` is the canonical text used in links and after `--set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number: `4`.
    Integer(i64),
    /// A real number, always finite once checked: `0.001`.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A name out of a list of choices: `layer-wise`.
    Text(String),
    /// Several values, written with commas: `8,24,64`.
    List(Vec<Value>),
}

impl Value {
    /// The value as TOML (and as error messages) writes it: text in quotes, lists in brackets, numbers with a point.
    pub fn literal(&self) -> String {
        match self {
            Self::Number(number) => format!("{number:?}"),
            Self::Text(text) => toml::Value::String(text.clone()).to_string(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::literal).collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }

    /// The value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Integer(integer) => (*integer).into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => write!(formatter, "{integer}"),
            Self::Number(number) => formatter.write_str(&number_text(*number)),
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Text(text) => formatter.write_str(text),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(",")?;
                    }
                    write!(formatter, "{item}")?;
                }
                Ok(())
            }
        }
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// The shortest text that reads back as the same number: `0.001`, `1e-7`, `3`.
pub(super) fn number_text(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
