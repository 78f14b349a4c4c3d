//! Two runs side by side: the second is the first with some fields set differently.

use switchyard::experiment::{Checked, Value};

use super::{Effect, Model, Refusal};

/// One field in which the two runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its key, or `seed`.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// Its text in the first run.
    pub first: String,
    /// Its text in the second run.
    pub second: String,
}

impl Model {
    /// Opens a second run with another seed, or puts it away.
    pub(super) fn compare(&mut self, wanted: bool, effects: &mut Vec<Effect>) {
        let seed = (self.checked.seed() + 1).to_string();
        self.versus = if wanted { self.with(&self.checked, &[("seed".to_owned(), seed)]).ok() } else { None };
        (self.until, self.promise) = (None, None);
        self.reopen(effects);
        self.write_address(true, effects);
    }

    /// Sets one field of the second run.
    pub(super) fn set_versus(&mut self, key: &str, text: &str, effects: &mut Vec<Effect>) {
        let Some(versus) = &self.versus else { return };
        let refused = format!("versus.{key}");
        match self.with(versus, &[(key.to_owned(), text.to_owned())]) {
            Ok(versus) => {
                self.refused.remove(&refused);
                self.versus = Some(versus);
                self.reopen(effects);
                self.write_address(true, effects);
            }
            Err(reason) => {
                effects.push(Effect::Announce(reason.clone()));
                self.refused.insert(refused, Refusal { text: text.to_owned(), reason });
            }
        }
    }

    /// The second run after the first was changed: what differed still differs, everything else follows.
    pub(super) fn carry_over(&self, versus: &Checked, first: &Checked) -> Option<Checked> {
        let differing = self.differences_of(&self.checked, versus);
        let sets: Vec<(String, String)> =
            differing.into_iter().map(|difference| (difference.key, difference.second)).collect();
        self.with(first, &sets).ok()
    }

    /// In which fields the two runs differ.
    pub fn differences(&self) -> Vec<Difference> {
        self.versus.as_ref().map(|versus| self.differences_of(&self.checked, versus)).unwrap_or_default()
    }

    fn differences_of(&self, first: &Checked, second: &Checked) -> Vec<Difference> {
        let of = |field: &switchyard::experiment::Field, value: &Value| {
            let second = second.value(field.key).filter(|second| *second != value)?;
            Some(Difference {
                key: field.key.to_owned(),
                label: field.label.to_owned(),
                first: value.to_string(),
                second: second.to_string(),
            })
        };
        let mut differences: Vec<Difference> =
            first.values().filter_map(|(field, value)| of(field, value)).collect();
        if first.seed() != second.seed() {
            differences.push(Difference {
                key: "seed".to_owned(),
                label: "Seed".to_owned(),
                first: first.seed().to_string(),
                second: second.seed().to_string(),
            });
        }
        differences
    }
}
