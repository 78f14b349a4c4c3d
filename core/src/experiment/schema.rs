//! What a lab's specification is made of: fields with a type, a range, a default and words for people.
//!
//! A field reads text ([`Field::parse`]) and checks values ([`Field::check`]). It never clamps, and it changes a
//! value in two ways only: an integer is accepted where a number is asked for, and `-0` becomes `0`.

use serde_json::json;

pub use super::value::Value;
use super::value::number_text;
use crate::error::{Error, Result, nearest};

/// The type and the range of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// The smallest that is allowed.
        min: i64,
        /// The largest that is allowed.
        max: i64,
    },
    /// A real number.
    Number {
        /// The smallest that is allowed.
        min: f64,
        /// The largest that is allowed.
        max: f64,
    },
    /// `true` or `false`.
    Flag,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// Several whole numbers.
    IntegerList {
        /// The smallest that an item may be.
        min: i64,
        /// The largest that an item may be.
        max: i64,
        /// The fewest items.
        min_length: usize,
        /// The most items.
        max_length: usize,
    },
    /// Several real numbers.
    NumberList {
        /// The smallest that an item may be.
        min: f64,
        /// The largest that an item may be.
        max: f64,
        /// The fewest items.
        min_length: usize,
        /// The most items.
        max_length: usize,
    },
    /// Several of these names.
    ChoiceList {
        /// The names.
        options: &'static [&'static str],
        /// The fewest items.
        min_length: usize,
        /// The most items.
        max_length: usize,
    },
}

/// One field of a lab's specification.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its dotted key: `supernet.experts`.
    pub key: &'static str,
    /// A short name for forms: `Experts`.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// The unit of its numbers, or nothing: `steps`.
    pub unit: &'static str,
    /// Its type and range.
    pub kind: Kind,
    /// Its value when no preset sets it.
    pub default: fn() -> Value,
}

impl Field {
    /// A field of a table of fields: its label, unit and help in a row.
    pub const fn new(
        key: &'static str,
        [label, unit, help]: [&'static str; 3],
        kind: Kind,
        default: fn() -> Value,
    ) -> Self {
        Self { key, label, help, unit, kind, default }
    }
}

/// What is wrong with a value, before the key is known.
enum Problem {
    Type,
    Range(String),
}

impl Kind {
    /// A whole number in a range.
    pub const fn count(min: i64, max: i64) -> Self {
        Self::Integer { min, max }
    }

    /// A real number in a range.
    pub const fn number(min: f64, max: f64) -> Self {
        Self::Number { min, max }
    }

    /// The type and range in words: `an integer from 1 to 8`.
    pub fn range(&self) -> String {
        match *self {
            Self::Integer { min, max } => format!("an integer from {min} to {max}"),
            Self::Number { min, max } => {
                format!("a number from {} to {}", number_text(min), number_text(max))
            }
            Self::Flag => "true or false".to_owned(),
            Self::Choice(options) => format!("one of {}", options.join(", ")),
            Self::IntegerList { min, max, min_length, max_length } => {
                format!("a list of {}, each from {min} to {max}", count(min_length, max_length, "integer"))
            }
            Self::NumberList { min, max, min_length, max_length } => format!(
                "a list of {}, each from {} to {}",
                count(min_length, max_length, "number"),
                number_text(min),
                number_text(max)
            ),
            Self::ChoiceList { options, min_length, max_length } => {
                format!(
                    "a list of {}, each one of {}",
                    count(min_length, max_length, "name"),
                    options.join(", ")
                )
            }
        }
    }

    /// The kind of a list's items, with the fewest and the most items; nothing for a kind that is no list.
    pub fn items(&self) -> Option<(Kind, usize, usize)> {
        match *self {
            Self::IntegerList { min, max, min_length, max_length } => {
                Some((Self::Integer { min, max }, min_length, max_length))
            }
            Self::NumberList { min, max, min_length, max_length } => {
                Some((Self::Number { min, max }, min_length, max_length))
            }
            Self::ChoiceList { options, min_length, max_length } => {
                Some((Self::Choice(options), min_length, max_length))
            }
            _ => None,
        }
    }

    /// The kind as JSON: its type and its bounds.
    fn describe(&self) -> serde_json::Value {
        match *self {
            Self::Integer { min, max } => json!({ "type": "integer", "min": min, "max": max }),
            Self::Number { min, max } => json!({ "type": "number", "min": min, "max": max }),
            Self::Flag => json!({ "type": "flag" }),
            Self::Choice(options) => json!({ "type": "choice", "options": options }),
            _ => {
                let items = self.items().map(|(item, min_length, max_length)| {
                    json!({
                        "type": "list",
                        "item": item.describe(),
                        "min_length": min_length,
                        "max_length": max_length,
                    })
                });
                items.unwrap_or_default()
            }
        }
    }

    /// Reads text that is no list.
    fn parse_one(&self, text: &str) -> std::result::Result<Value, Problem> {
        let value = match self {
            Self::Integer { .. } => match text.parse() {
                Ok(integer) => Value::Integer(integer),
                // All digits, but more than 64 bits hold: the type is right, the range is not.
                Err(_) if is_integer(text) => return Err(Problem::Range(text.to_owned())),
                Err(_) => return Err(Problem::Type),
            },
            Self::Number { .. } => Value::Number(text.parse().map_err(|_| Problem::Type)?),
            Self::Flag => Value::Flag(text.parse().map_err(|_| Problem::Type)?),
            _ => Value::Text(text.to_owned()),
        };
        self.check_one(&value)
    }

    /// Checks a value that is no list.
    fn check_one(&self, value: &Value) -> std::result::Result<Value, Problem> {
        let fits = match (self, value) {
            (Self::Integer { min, max }, Value::Integer(integer)) => (min..=max).contains(&integer),
            (Self::Number { min, max }, Value::Number(number)) => {
                if (*min..=*max).contains(number) && number.is_finite() {
                    // Adding zero turns -0 into 0, so that equal numbers have one text.
                    return Ok(Value::Number(number + 0.0));
                }
                false
            }
            (Self::Number { .. }, Value::Integer(integer)) => {
                let number = *integer as f64;
                if number as i128 != i128::from(*integer) {
                    return Err(Problem::Type);
                }
                return self.check_one(&Value::Number(number));
            }
            (Self::Flag, Value::Flag(_)) => true,
            (Self::Choice(options), Value::Text(text)) => options.contains(&text.as_str()),
            _ => return Err(Problem::Type),
        };
        if fits { Ok(value.clone()) } else { Err(Problem::Range(value.to_string())) }
    }
}

impl Field {
    /// Reads a value from its text in a link or after `--set`; a list's items are separated by commas.
    ///
    /// # Errors
    /// When the text is of another type or out of range; the error names the key and the range.
    pub fn parse(&self, text: &str) -> Result<Value> {
        let text = text.trim();
        let Some((item, ..)) = self.kind.items() else {
            return self.kind.parse_one(text).map_err(|problem| self.error(problem, text.to_owned()));
        };
        let mut items = Vec::new();
        if !text.is_empty() {
            for part in text.split(',') {
                let value = item.parse_one(part.trim());
                items.push(value.map_err(|problem| self.error(problem, text.to_owned()))?);
            }
        }
        self.check(&Value::List(items))
    }

    /// Checks a value and returns it in its canonical form.
    ///
    /// # Errors
    /// When it is of another type or out of range; the error names the key and the range.
    pub fn check(&self, value: &Value) -> Result<Value> {
        let checked = match (self.kind.items(), value) {
            (None, _) => self.kind.check_one(value),
            (Some((item, min_length, max_length)), Value::List(items)) => {
                if (min_length..=max_length).contains(&items.len()) {
                    items
                        .iter()
                        .map(|value| item.check_one(value))
                        .collect::<std::result::Result<_, _>>()
                        .map(Value::List)
                } else {
                    Err(Problem::Range(format!("a list of {}", items.len())))
                }
            }
            (Some(_), _) => Err(Problem::Type),
        };
        checked.map_err(|problem| self.error(problem, value.literal()))
    }

    /// The field as JSON: what a form needs to show it.
    pub fn describe(&self) -> serde_json::Value {
        json!({
            "key": self.key,
            "label": self.label,
            "help": self.help,
            "unit": self.unit,
            "kind": self.kind.describe(),
            "range": self.kind.range(),
            "default": (self.default)().to_json(),
        })
    }

    fn error(&self, problem: Problem, found: String) -> Error {
        let key = self.key.to_owned();
        let mut range = self.kind.range();
        match problem {
            Problem::Type => Error::WrongType { key, expected: range, found },
            Problem::Range(value) => {
                if let Kind::Choice(options) | Kind::ChoiceList { options, .. } = self.kind
                    && let Some(name) = nearest(&value, options.iter().copied())
                {
                    range += &format!("; did you mean `{name}`?");
                }
                Error::OutOfRange { key, value, range }
            }
        }
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn count(min: usize, max: usize, noun: &str) -> String {
    let plural = if max == 1 { "" } else { "s" };
    if min == max { format!("{min} {noun}{plural}") } else { format!("{min} to {max} {noun}{plural}") }
}
