//! What a run shows while it is under way, and how it is asked: views, probes and answers. Plain data, so that they
//! cross from a worker to a page, or from a recording, unchanged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plate::Plate;
use crate::routing::RoutingDecision;
use crate::routing::explanation::Explanation;

/// Where on the sheet a view belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// What goes in: data, architectures.
    Input,
    /// Where it goes: the picture that matters most.
    Yard,
    /// How much goes where: aligned beneath the yard.
    Load,
    /// What comes out: loss, quality.
    Output,
    /// Everything else.
    More,
}

/// One picture of a run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Its stable name in this run: a new view of the same name replaces the old one.
    pub name: String,
    /// Where it belongs.
    pub place: Place,
    /// The picture.
    pub plate: Plate,
    /// Which of its marks are units that can be asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<UnitMarks>,
}

impl View {
    /// A view without units.
    pub fn new(name: impl Into<String>, place: Place, plate: Plate) -> Self {
        Self { name: name.into(), place, plate, units: None }
    }

    /// The view with units: mark `{prefix}{index}` of its scene stands for row `rows[index]` of the run's data.
    #[must_use]
    pub fn with_units(mut self, prefix: impl Into<String>, rows: Vec<u32>) -> Self {
        self.units = Some(UnitMarks { prefix: prefix.into(), rows });
        self
    }
}

/// Which marks of a scene are units: the mark `point-3` is row `rows[3]`, when the prefix is `point-`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitMarks {
    /// What the marks' identifiers begin with.
    pub prefix: String,
    /// The row of each mark.
    pub rows: Vec<u32>,
}

impl UnitMarks {
    /// The row that a mark stands for, if it is a unit.
    pub fn row(&self, mark: &str) -> Option<u32> {
        let index: usize = mark.strip_prefix(&self.prefix)?.parse().ok()?;
        self.rows.get(index).copied()
    }
}

/// How a run can be asked: what the page offers beside its pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// A point of the plane that the yard shows.
    Plane {
        /// What the two coordinates are called.
        names: [String; 2],
        /// The smallest and the largest first coordinate.
        x: [f64; 2],
        /// The smallest and the largest second coordinate.
        y: [f64; 2],
    },
    /// A small picture, drawn cell by cell; every cell holds a number from 0 (paper) to 1 (ink).
    Drawing {
        /// Cells of a line.
        width: usize,
        /// Lines.
        height: usize,
    },
    /// A text, typed.
    Text {
        /// How many characters are read at once: the last ones of what is typed.
        longest: usize,
    },
    /// One choice for each of several keys, as sliders: an architecture.
    Choices {
        /// The choices.
        choices: Vec<Choice>,
    },
}

/// One slider with named positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its key in [`Probe::Choices`].
    pub key: String,
    /// What a reader sees.
    pub label: String,
    /// The positions, from the smallest.
    pub options: Vec<String>,
    /// Where it stands at first, an index into the options.
    pub start: usize,
}

/// A question to a run under way, or at its end: where does this go, and why?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "probe", rename_all = "kebab-case")]
pub enum Probe {
    /// An input that was clicked, typed or drawn, one number per feature.
    Input {
        /// The features.
        features: Vec<f32>,
    },
    /// A row of the run's own data, as [`UnitMarks`] names it.
    Row {
        /// The row.
        row: u32,
    },
    /// A text that was typed.
    Text {
        /// The text.
        text: String,
    },
    /// One option for each key of [`ProbeKind::Choices`].
    Choices {
        /// Key to option.
        options: BTreeMap<String, String>,
    },
}

/// What a run answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer in a sentence: `The point (0.31, -0.52) goes to experts 3 and 1.`
    pub sentence: String,
    /// Facts beside it, name and value with its unit.
    pub facts: Vec<(String, String)>,
    /// The record of this one unit, if a router decided. It stays where the run is; what a page needs of it is the
    /// explanation.
    #[serde(skip)]
    pub decision: Option<RoutingDecision>,
    /// Why each slot was chosen or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// Pictures that belong to the answer; one of a name on the sheet replaces that one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_unit_only_with_the_prefix_and_a_row() {
        let units = UnitMarks { prefix: "point-".to_owned(), rows: vec![7, 9] };
        assert_eq!((units.row("point-1"), units.row("point-0")), (Some(9), Some(7)));
        assert_eq!((units.row("point-2"), units.row("bar-0"), units.row("point-x")), (None, None, None));
    }

    #[test]
    fn a_probe_reads_back_from_json() {
        let probe = Probe::Choices { options: BTreeMap::from([("width".to_owned(), "24".to_owned())]) };
        let text = serde_json::to_string(&probe).expect("plain data");
        assert_eq!(serde_json::from_str::<Probe>(&text).expect("reads back"), probe);
        assert!(text.contains("\"probe\":\"choices\""), "{text}");
    }
}
