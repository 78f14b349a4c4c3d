//! Keys: what is known about each unit, so that metrics can ask what a choice depends on.

use serde::{Deserialize, Serialize};

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// The token's number in the vocabulary.
    TokenId,
    /// The place in the sequence, counted from 0.
    Position,
    /// The sequence, request or document that the unit stands in.
    Sequence,
    /// The class.
    Class,
    /// The domain.
    Domain,
    /// The task.
    Task,
    /// The decision of the same trace that this unit comes from, as an index.
    ParentDecision,
}

impl KeyKind {
    /// All keys.
    pub const ALL: [KeyKind; 7] = [
        KeyKind::TokenId,
        KeyKind::Position,
        KeyKind::Sequence,
        KeyKind::Class,
        KeyKind::Domain,
        KeyKind::Task,
        KeyKind::ParentDecision,
    ];

    /// The key's name in words.
    pub fn name(self) -> &'static str {
        match self {
            KeyKind::TokenId => "token id",
            KeyKind::Position => "position",
            KeyKind::Sequence => "sequence",
            KeyKind::Class => "class",
            KeyKind::Domain => "domain",
            KeyKind::Task => "task",
            KeyKind::ParentDecision => "parent decision",
        }
    }
}

/// One value per unit for each key that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The token's number in the vocabulary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<Vec<u32>>,
    /// The place in the sequence, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Vec<u32>>,
    /// The sequence, request or document that the unit stands in: units of one sequence depend on each other, so
    /// intervals resample sequences where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Vec<u32>>,
    /// The class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Vec<u32>>,
    /// The domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Vec<u32>>,
    /// The task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Vec<u32>>,
    /// The decision of the same trace that each unit comes from, as an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_decision: Option<Vec<u32>>,
}

impl Keys {
    /// The values of one key, when it is known.
    pub fn get(&self, kind: KeyKind) -> Option<&[u32]> {
        match kind {
            KeyKind::TokenId => &self.token_id,
            KeyKind::Position => &self.position,
            KeyKind::Sequence => &self.sequence,
            KeyKind::Class => &self.class,
            KeyKind::Domain => &self.domain,
            KeyKind::Task => &self.task,
            KeyKind::ParentDecision => &self.parent_decision,
        }
        .as_deref()
    }
}
