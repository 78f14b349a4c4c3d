//! The controls of a specification: one row for each field, in groups, made from the lab's own schema. A new lab
//! needs no code here.

use switchyard::experiment::{Checked, Experiment, Field};

use super::{Model, Refusal};

/// Fields that belong together: those whose keys begin with the same word.
#[derive(Clone)]
pub struct Group {
    /// The group's name for people: `Router`.
    pub name: String,
    /// Its fields.
    pub rows: Vec<Row>,
}

/// One field with what its control shows.
#[derive(Clone)]
pub struct Row {
    /// The field.
    pub field: &'static Field,
    /// Its value as text: what was typed, even if it was refused.
    pub text: String,
    /// Its text in the preset, when that is another one.
    pub was: Option<String>,
    /// Why what was typed is refused.
    pub refused: Option<String>,
    /// Its text in the second run, when that is another one.
    pub versus: Option<String>,
    /// Whether a lesson or link locks it.
    pub locked: bool,
}

impl Model {
    /// Every field that is not hidden, in groups.
    pub fn groups(&self) -> Vec<Group> {
        let preset = self.registry().check(&Experiment::new(self.checked.preset().name)).ok();
        let mut groups: Vec<Group> = Vec::new();
        for (field, value) in self.checked.values() {
            if self.presentation.hidden.contains(field.key) {
                continue;
            }
            let (text, refused) = match self.refused.get(field.key) {
                Some(Refusal { text, reason }) => (text.clone(), Some(reason.clone())),
                None => (value.to_string(), None),
            };
            let other = |checked: &Option<Checked>| {
                let other = checked.as_ref().and_then(|checked| checked.value(field.key));
                other.filter(|other| *other != value).map(ToString::to_string)
            };
            let row = Row {
                field,
                text,
                was: other(&preset),
                refused,
                versus: other(&self.versus),
                locked: self.presentation.locked.contains(field.key),
            };
            let name = group_name(field.key);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.rows.push(row),
                None => groups.push(Group { name, rows: vec![row] }),
            }
        }
        groups
    }
}

/// `router.balance_weight` belongs to `Router`; a key without a table to `Run`.
fn group_name(key: &str) -> String {
    let name = key.split_once('.').map_or("run", |(table, _)| table).replace('_', " ");
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
