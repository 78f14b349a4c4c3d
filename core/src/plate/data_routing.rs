//! What the plates about routing hold: regions of a plane, architectures, tokens, and flows to slots. Plain data,
//! like [`super::data`]; nothing here knows how it is drawn.

use serde::{Deserialize, Serialize};

use super::data::Axis;
use super::exact;

/// A plane cut into cells, each coloured by the slot that a unit at this place goes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The horizontal quantity.
    pub x: Axis,
    /// The vertical quantity.
    pub y: Axis,
    /// Left and right end of the plane.
    #[serde(with = "exact")]
    pub x_range: [f64; 2],
    /// Lower and upper end of the plane.
    #[serde(with = "exact")]
    pub y_range: [f64; 2],
    /// How many cells lie side by side.
    pub columns: usize,
    /// How many cells lie above each other.
    pub rows: usize,
    /// The winning slot of each cell, row by row from the upper left; `columns * rows` of them.
    pub slots: Vec<u8>,
    /// How sure the router is in each cell: the winner's probability, 0 for none and 255 for certainty.
    pub strength: Vec<u8>,
    /// The slots' names.
    pub slot_names: Vec<String>,
    /// Where the predicted class changes: lines through points of the plane.
    #[serde(default, with = "exact")]
    pub boundary: Vec<Vec<[f64; 2]>>,
    /// Data points.
    #[serde(default)]
    pub points: Vec<FieldPoint>,
    /// The classes' names.
    #[serde(default)]
    pub class_names: Vec<String>,
}

/// One data point in a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldPoint {
    /// Horizontal place.
    #[serde(with = "exact")]
    pub x: f64,
    /// Vertical place.
    #[serde(with = "exact")]
    pub y: f64,
    /// Its class, counted from 0.
    pub class: usize,
    /// Its name, or an empty text.
    pub label: String,
    /// The slot it goes to.
    pub slot: usize,
    /// Whether it is kept out of training.
    pub held_out: bool,
}

/// An architecture as columns of units, lit where a sub-network uses them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The layers, from input to output.
    pub columns: Vec<NetworkColumn>,
    /// The names of the experts that weights are mixed from; where there is none, an expert is called by its number.
    #[serde(default)]
    pub slot_names: Vec<String>,
}

/// One layer of an architecture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkColumn {
    /// Its name.
    pub name: String,
    /// How many units it has.
    pub total: usize,
    /// How many of them, counted from the first, the sub-network uses.
    pub lit: usize,
    /// What the units are, in the plural: `inner units`, `classes`.
    pub kind: String,
    /// Which share of its weights comes from each expert; empty where nothing is mixed.
    #[serde(default, with = "exact")]
    pub slot_shares: Vec<f64>,
    /// Whether the sub-network leaves the layer out.
    #[serde(default)]
    pub skipped: bool,
}

/// Rows of tokens, each with the slot that it went to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenStrip {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The rows: one for each layer or sequence.
    pub rows: Vec<TokenRow>,
    /// The slots' names; where there is none, a slot is called an expert and by its number.
    #[serde(default)]
    pub slot_names: Vec<String>,
}

/// The tokens of one row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its name, such as that of a layer.
    pub name: String,
    /// Its tokens, in reading order.
    pub tokens: Vec<StripToken>,
}

/// One token and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StripToken {
    /// Its text.
    pub text: String,
    /// The slot it went to, if any.
    pub slot: Option<usize>,
    /// The router's probability for that slot.
    #[serde(with = "exact")]
    pub probability: f64,
    /// What became of it: `kept`, `dropped`, `null`, `skipped`, `shared` or `rerouted`.
    pub fate: String,
    /// More about it, or an empty text.
    #[serde(default)]
    pub note: String,
    /// Whether it is to be noticed, as a wrong prediction is.
    #[serde(default)]
    pub marked: bool,
}

/// Units on their way through stages: ribbons between the nodes of neighbouring stages, as wide as what they carry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// What is counted, in the plural: `samples`, `tokens`.
    pub unit: String,
    /// The stages, in the order in which they are passed.
    pub stages: Vec<FlowStage>,
    /// What goes from one stage to the next.
    pub links: Vec<FlowLink>,
}

/// One stage of a flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowStage {
    /// Its name.
    pub name: String,
    /// Its nodes, in the order in which they are drawn.
    pub nodes: Vec<FlowNode>,
}

/// One place that units pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowNode {
    /// Its name.
    pub name: String,
    /// Its slot, if it is one.
    #[serde(default)]
    pub slot: Option<usize>,
}

/// An amount that goes from a node to a node of the next stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowLink {
    /// The stage it leaves, counted from 0.
    pub from_stage: usize,
    /// The node of that stage.
    pub from: usize,
    /// The node of the next stage.
    pub to: usize,
    /// How much it carries.
    #[serde(with = "exact")]
    pub amount: f64,
    /// What became of it: `kept`, `dropped`, `null`, `skipped`, `shared` or `rerouted`.
    #[serde(default)]
    pub fate: String,
    /// The slot whose colour it has, if any.
    #[serde(default)]
    pub slot: Option<usize>,
}

/// What a slot is called: by its name, or where it has none, an expert by its number.
pub(super) fn slot_name(names: &[String], slot: usize) -> String {
    names.get(slot).cloned().unwrap_or_else(|| format!("expert {slot}"))
}

/// A slot's name with its number before it, where the name does not hold the number already.
pub(super) fn numbered_name(names: &[String], slot: usize) -> String {
    numbered(&slot_name(names, slot), slot)
}

/// A name with a slot's number before it, where the name does not hold the number already.
pub(super) fn numbered(name: &str, slot: usize) -> String {
    let number = slot.to_string();
    let written = name.split(|letter: char| !letter.is_ascii_digit()).any(|part| part == number);
    if written { name.to_owned() } else { format!("{number} {name}") }
}
