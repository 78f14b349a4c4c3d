//! Plates: the kinds of pictures. A plate is data; it is drawn once, as a [`Scene`] of named marks, and the same
//! scene serves the tab, the exported SVG and the printed report. Every plate has a caption and a table twin.

mod bars;
mod curve;
mod data;
mod data_routing;
pub mod exact;
mod field;
mod flow;
mod frame;
mod gallery;
mod matrix;
mod network;
pub mod number;
pub mod palette;
mod reading;
pub mod report;
mod scatter;
pub mod scene;
pub mod svg;
mod table;
mod token_strip;
mod verdict;

use std::borrow::Cow;

use serde::Serialize;

pub use data::{
    Axis, BarSeries, Bars, Cell, Column, Curve, CurvePoint, Front, Highlight, Line, Matrix, Point, Scale,
    Scatter, Series, Table, VerdictPlate,
};
pub use data_routing::{
    Field, FieldPoint, Flow, FlowLink, FlowNode, FlowStage, Network, NetworkColumn, StripToken, TokenRow,
    TokenStrip,
};
pub use gallery::{Gallery, GalleryImage};
pub use report::Record;
pub use scene::Scene;

/// One picture, as data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "plate", rename_all = "kebab-case")]
pub enum Plate {
    /// Points in a plane.
    Scatter(Scatter),
    /// A heat map.
    Matrix(Matrix),
    /// Lines with interval bands.
    Curve(Curve),
    /// Bars.
    Bars(Bars),
    /// A table.
    Table(Table),
    /// A claim and what was measured.
    Verdict(VerdictPlate),
    /// Regions of a plane, coloured by slot.
    Field(Field),
    /// An architecture, lit and unlit.
    Network(Network),
    /// Tokens with the slots they went to.
    TokenStrip(TokenStrip),
    /// Units through stages to slots.
    Flow(Flow),
    /// Small pictures with the slots they went to.
    Gallery(Gallery),
}

/// The width at which a plate is drawn on a sheet, in pixels.
pub const SHEET_WIDTH: f64 = 672.0;
/// The width at which a plate is drawn on a phone of 320 pixels.
pub const PHONE_WIDTH: f64 = 288.0;

impl Plate {
    /// What is seen, as a sentence.
    pub fn title(&self) -> Cow<'_, str> {
        match self {
            Self::Scatter(plate) => Cow::Borrowed(&plate.title),
            Self::Matrix(plate) => Cow::Borrowed(&plate.title),
            Self::Curve(plate) => Cow::Borrowed(&plate.title),
            Self::Bars(plate) => Cow::Borrowed(&plate.title),
            Self::Table(plate) => Cow::Borrowed(&plate.title),
            Self::Verdict(plate) => Cow::Owned(plate.title()),
            Self::Field(plate) => Cow::Borrowed(&plate.title),
            Self::Network(plate) => Cow::Borrowed(&plate.title),
            Self::TokenStrip(plate) => Cow::Borrowed(&plate.title),
            Self::Flow(plate) => Cow::Borrowed(&plate.title),
            Self::Gallery(plate) => Cow::Borrowed(&plate.title),
        }
    }

    /// How to read it.
    pub fn caption(&self) -> Cow<'_, str> {
        match self {
            Self::Scatter(plate) => Cow::Borrowed(&plate.caption),
            Self::Matrix(plate) => Cow::Borrowed(&plate.caption),
            Self::Curve(plate) => Cow::Borrowed(&plate.caption),
            Self::Bars(plate) => Cow::Borrowed(&plate.caption),
            Self::Table(plate) => Cow::Borrowed(&plate.caption),
            Self::Verdict(plate) => Cow::Owned(plate.caption()),
            Self::Field(plate) => Cow::Borrowed(&plate.caption),
            Self::Network(plate) => Cow::Borrowed(&plate.caption),
            Self::TokenStrip(plate) => Cow::Borrowed(&plate.caption),
            Self::Flow(plate) => Cow::Borrowed(&plate.caption),
            Self::Gallery(plate) => Cow::Borrowed(&plate.caption),
        }
    }

    /// The picture, at the width of a sheet.
    pub fn scene(&self) -> Scene {
        self.scene_at(SHEET_WIDTH)
    }

    /// The picture at a width in pixels, 240 or more: text keeps its size, everything else adapts.
    pub fn scene_at(&self, width: f64) -> Scene {
        match self {
            Self::Scatter(plate) => plate.scene_at(width),
            Self::Matrix(plate) => plate.scene_at(width),
            Self::Curve(plate) => plate.scene_at(width),
            Self::Bars(plate) => plate.scene_at(width),
            Self::Table(plate) => plate.scene_at(width),
            Self::Verdict(plate) => plate.scene_at(width),
            Self::Field(plate) => plate.scene_at(width),
            Self::Network(plate) => plate.scene_at(width),
            Self::TokenStrip(plate) => plate.scene_at(width),
            Self::Flow(plate) => plate.scene_at(width),
            Self::Gallery(plate) => plate.scene_at(width),
        }
    }

    /// The table twin: every datum of the picture.
    pub fn table(&self) -> Table {
        match self {
            Self::Scatter(plate) => plate.table(),
            Self::Matrix(plate) => plate.table(),
            Self::Curve(plate) => plate.table(),
            Self::Bars(plate) => plate.table(),
            Self::Table(plate) => plate.clone(),
            Self::Verdict(plate) => plate.table(),
            Self::Field(plate) => plate.table(),
            Self::Network(plate) => plate.table(),
            Self::TokenStrip(plate) => plate.table(),
            Self::Flow(plate) => plate.table(),
            Self::Gallery(plate) => plate.table(),
        }
    }

    /// The table twin as CSV, numbers with all their digits.
    pub fn csv(&self) -> String {
        self.table().csv()
    }
}

#[cfg(test)]
mod tests;
