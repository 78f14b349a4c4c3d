//! The registry: every lab and preset by name, and the one place where what was written becomes what can run.

use super::specification::{LARGEST_SEED, seed_range};
use super::{Checked, Experiment, Field, Lab, Preset, Value};
use crate::error::{Error, Result, nearest};

/// The labs that this build knows.
#[derive(Clone, Copy)]
pub struct Registry {
    labs: &'static [&'static dyn Lab],
}

impl Registry {
    /// A registry of these labs. [`Registry::audit`] says whether they are well made.
    pub fn new(labs: &'static [&'static dyn Lab]) -> Self {
        Self { labs }
    }

    /// The labs that come with Switchyard.
    pub fn standard() -> Self {
        Self::new(crate::labs::registry::all())
    }

    /// Every lab.
    pub fn labs(&self) -> &'static [&'static dyn Lab] {
        self.labs
    }

    /// Every preset with its lab, in order.
    pub fn presets(&self) -> impl Iterator<Item = (&'static dyn Lab, &'static Preset)> + Clone + use<> {
        self.labs.iter().flat_map(|lab| lab.presets().iter().map(move |preset| (*lab, preset)))
    }

    /// The preset of this name, with its lab.
    ///
    /// # Errors
    /// When there is none; the error names the nearest and all that exist.
    pub fn find(&self, name: &str) -> Result<(&'static dyn Lab, &'static Preset)> {
        self.presets()
            .find(|(_, preset)| preset.name == name)
            .ok_or_else(|| Error::unknown_name("preset", name, self.presets().map(|(_, preset)| preset.name)))
    }

    /// Sets one field (or `seed`) from `key=value`, as after `--set`. A later value replaces an earlier one.
    ///
    /// # Errors
    /// When the preset or the key is unknown, or the value is of another type or out of range.
    pub fn set(&self, experiment: &mut Experiment, assignment: &str) -> Result<()> {
        let (key, text) = assignment.split_once('=').ok_or_else(|| Error::MalformedSpecification {
            problem: format!("`{assignment}` sets nothing; write `key=value`"),
        })?;
        self.assign(experiment, key.trim(), text)
    }

    /// Sets one field (or `seed`) from the text of its value.
    pub(super) fn assign(&self, experiment: &mut Experiment, key: &str, text: &str) -> Result<()> {
        if key == "seed" {
            experiment.seed = exact_integer("seed", text)?;
            return Ok(());
        }
        let (lab, preset) = self.find(&experiment.preset)?;
        let value = field(lab, preset, key)?.parse(text)?;
        experiment.overrides.insert(key.to_owned(), value);
        Ok(())
    }

    /// Checks an experiment: every name known, every value of its type and in its range.
    ///
    /// # Errors
    /// When something is not; the error names the key, the value and what is allowed.
    pub fn check(&self, experiment: &Experiment) -> Result<Checked> {
        let (lab, preset) = self.find(&experiment.preset)?;
        check_seed(experiment.seed)?;
        let base = preset_values(lab, preset)?;
        let mut values = base.clone();
        for (key, value) in &experiment.overrides {
            let field = field(lab, preset, key)?;
            values[position(lab, field)] = field.check(value)?;
        }
        let differing =
            lab.fields().iter().zip(base.iter().zip(&values)).filter(|(_, (base, value))| base != value);
        let overrides = differing.map(|(field, (_, value))| (field.key.to_owned(), value.clone())).collect();
        let experiment = Experiment { preset: preset.name.to_owned(), seed: experiment.seed, overrides };
        Ok(Checked { lab, preset, experiment, values })
    }

    /// Whether every lab is well made: names and keys are plain and appear once, defaults and presets are in
    /// range, no key is also a table, and no key is a word of the link format.
    ///
    /// # Errors
    /// The first thing that is not so.
    pub fn audit(&self) -> Result<()> {
        let mut names = Vec::new();
        for lab in self.labs {
            audit_fields(*lab)?;
            for preset in lab.presets() {
                if names.contains(&preset.name) || !is_plain(preset.name, "-") {
                    return Err(Error::MalformedSpecification {
                        problem: format!("preset name `{}` is taken or not plain", preset.name),
                    });
                }
                names.push(preset.name);
                preset_values(*lab, preset)?;
            }
        }
        Ok(())
    }
}

/// The field of this key.
pub(super) fn field(lab: &'static dyn Lab, preset: &Preset, key: &str) -> Result<&'static Field> {
    let keys = || lab.fields().iter().map(|field| field.key);
    lab.fields().iter().find(|field| field.key == key).ok_or_else(|| Error::UnknownKey {
        key: key.to_owned(),
        preset: preset.name.to_owned(),
        // `experts` for `supernet.experts` is a likelier slip than any likeness of letters.
        nearest: keys()
            .find(|known| known.strip_suffix(key).is_some_and(|table| table.ends_with('.')))
            .map(str::to_owned)
            .or_else(|| nearest(key, keys())),
    })
}

/// Refuses a seed that is not exact everywhere.
pub(super) fn check_seed(seed: u64) -> Result<()> {
    if seed > LARGEST_SEED {
        return Err(Error::OutOfRange {
            key: "seed".to_owned(),
            value: seed.to_string(),
            range: seed_range(),
        });
    }
    Ok(())
}

/// Reads an integer that is exact everywhere (a seed, a step).
pub(super) fn exact_integer(key: &'static str, text: &str) -> Result<u64> {
    let kind = super::Kind::Integer { min: 0, max: LARGEST_SEED as i64 };
    let field = Field { key, label: "", help: "", unit: "", kind, default: || Value::Integer(0) };
    match field.parse(text)? {
        Value::Integer(integer) => Ok(integer.unsigned_abs()),
        other => {
            Err(Error::WrongType { key: key.to_owned(), expected: kind.range(), found: other.literal() })
        }
    }
}

/// The values that a preset gives the lab's fields, in order.
fn preset_values(lab: &'static dyn Lab, preset: &'static Preset) -> Result<Vec<Value>> {
    let mut values =
        lab.fields().iter().map(|field| field.check(&(field.default)())).collect::<Result<Vec<_>>>()?;
    for (key, value) in (preset.values)() {
        let field = field(lab, preset, key)?;
        values[position(lab, field)] = field.check(&value)?;
    }
    Ok(values)
}

fn position(lab: &'static dyn Lab, field: &Field) -> usize {
    lab.fields()
        .iter()
        .position(|candidate| candidate.key == field.key)
        .expect("the field was found among this lab's fields")
}

fn audit_fields(lab: &'static dyn Lab) -> Result<()> {
    let fields = lab.fields();
    for (index, field) in fields.iter().enumerate() {
        let refuse = |problem: &str| {
            let key = field.key.to_owned();
            Err(Error::Inconsistent { key, problem: format!("{problem} (lab `{}`)", lab.name()) })
        };
        field.check(&(field.default)())?;
        let mut parts = field.key.split('.');
        if !field.key.split('.').all(|part| is_plain(part, "_")) {
            return refuse("a key is made of lower-case words, digits and `_`, joined by points");
        }
        if parts.next().is_some_and(|head| super::link::RESERVED.contains(&head)) {
            return refuse("this word belongs to the link format");
        }
        let clash = |other: &Field| {
            other.key == field.key
                || other.key.strip_prefix(field.key).is_some_and(|rest| rest.starts_with('.'))
        };
        if fields.iter().enumerate().any(|(other, candidate)| other != index && clash(candidate)) {
            return refuse("another field has this key, or is inside it");
        }
        if let super::Kind::Choice(options) | super::Kind::ChoiceList { options, .. } = field.kind
            && !options.iter().all(|option| is_plain(option, "_-."))
        {
            return refuse("a choice is made of lower-case letters, digits, `-`, `_` and `.`");
        }
    }
    Ok(())
}

fn is_plain(text: &str, also: &str) -> bool {
    let allowed = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || also.contains(character)
    };
    !text.is_empty() && text.chars().all(allowed)
}
