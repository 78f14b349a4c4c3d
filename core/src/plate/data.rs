//! What each plate holds: plain data with titles, captions and units. Nothing here knows how it is drawn.
//!
//! A plate's title is a sentence that says what is seen; its caption says how to read the picture.

use serde::{Deserialize, Serialize};

use super::exact;
use crate::experiment::Verdict;

/// What an axis measures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The quantity in words: `standalone loss`.
    pub title: String,
    /// Its unit, or an empty text for a pure number.
    pub unit: String,
}

impl Axis {
    /// An axis with its unit (empty for a pure number).
    pub fn new(title: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { title: title.into(), unit: unit.into() }
    }

    /// The title with its unit in brackets, where it has one.
    pub fn label(&self) -> String {
        match (self.title.is_empty(), self.unit.is_empty()) {
            (_, true) => self.title.clone(),
            (true, false) => self.unit.clone(),
            (false, false) => format!("{} ({})", self.title, self.unit),
        }
    }
}

/// Points of several series in a plane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scatter {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The horizontal quantity.
    pub x: Axis,
    /// The vertical quantity.
    pub y: Axis,
    /// The series, each with its slot.
    pub series: Vec<Series>,
    /// Whether to draw the line of equal values.
    #[serde(default)]
    pub identity: bool,
    /// Half the width of the noise band around the identity line, in the axes' unit.
    #[serde(default, with = "exact")]
    pub ceiling: Option<f64>,
    /// The line through the points that no other point beats, if it is to be drawn.
    #[serde(default)]
    pub front: Option<Front>,
    /// The point that was chosen, if one was.
    #[serde(default)]
    pub highlight: Option<Highlight>,
}

/// Which way is better, so that the best trade-offs (the Pareto front) can be drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// What the line is called.
    pub name: String,
    /// Whether more of the horizontal quantity is better.
    pub x_larger_is_better: bool,
    /// Whether more of the vertical quantity is better.
    pub y_larger_is_better: bool,
}

/// One point to be seen among all others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Highlight {
    /// Its series, counted from 0.
    pub series: usize,
    /// Its place in the series, counted from 0.
    pub point: usize,
    /// What it is called in the picture: `yours`.
    pub name: String,
}

/// Points that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its slot: which colour, marker and hatch it has.
    pub slot: usize,
    /// Its points.
    pub points: Vec<Point>,
}

/// One point, with the 95% intervals that are known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Horizontal value.
    #[serde(with = "exact")]
    pub x: f64,
    /// Vertical value.
    #[serde(with = "exact")]
    pub y: f64,
    /// What the point is: an architecture, a run.
    pub label: String,
    /// Interval of `x`, low then high.
    #[serde(default, with = "exact")]
    pub x_interval: Option<[f64; 2]>,
    /// Interval of `y`, low then high.
    #[serde(default, with = "exact")]
    pub y_interval: Option<[f64; 2]>,
}

/// A heat map: one value per row and column, `None` where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// Names of the columns, from the left.
    pub columns: Vec<String>,
    /// What the rows are.
    pub row_title: String,
    /// What the columns are.
    pub column_title: String,
    /// The unit of the values, or an empty text.
    pub unit: String,
    /// The values, row by row. Missing cells count as `None`; cells beyond the named rows and columns are ignored.
    #[serde(with = "exact")]
    pub values: Vec<Vec<Option<f64>>>,
    /// How values become lightness.
    pub scale: Scale,
}

impl Matrix {
    /// The value at a row and a column, if there is one.
    pub fn value(&self, row: usize, column: usize) -> Option<f64> {
        self.values.get(row).and_then(|cells| cells.get(column)).copied().flatten()
    }
}

/// How a value becomes a shade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Scale {
    /// A quantity: the lightness of one hue, from the paper at `min` to full at `max`.
    Sequential {
        /// The value drawn as paper.
        #[serde(with = "exact")]
        min: f64,
        /// The value drawn in full.
        #[serde(with = "exact")]
        max: f64,
    },
    /// A difference: two hues that meet in the paper colour.
    Diverging {
        /// The value drawn as paper.
        #[serde(with = "exact")]
        centre: f64,
        /// The distance from the centre at which a hue is full.
        #[serde(with = "exact")]
        reach: f64,
    },
}

/// Lines over a horizontal quantity, each with an interval band where it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The horizontal quantity.
    pub x: Axis,
    /// The vertical quantity.
    pub y: Axis,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its slot.
    pub slot: usize,
    /// Its points, from left to right.
    pub points: Vec<CurvePoint>,
}

/// One point of a line; a non-finite `y` is a gap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Horizontal value.
    #[serde(with = "exact")]
    pub x: f64,
    /// Vertical value.
    #[serde(with = "exact")]
    pub y: f64,
    /// Lower end of the interval.
    #[serde(default, with = "exact")]
    pub low: Option<f64>,
    /// Upper end of the interval.
    #[serde(default, with = "exact")]
    pub high: Option<f64>,
}

/// Bars in groups, side by side or stacked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// What the bars measure.
    pub y: Axis,
    /// The groups, from left to right.
    pub groups: Vec<String>,
    /// The series, one value per group each.
    pub series: Vec<BarSeries>,
    /// Whether the series of a group lie on top of each other.
    #[serde(default)]
    pub stacked: bool,
    /// The slot of each group, where groups are slots: bars of a single series then have their group's colour.
    #[serde(default)]
    pub group_slots: Vec<usize>,
    /// A horizontal line with its name, such as a capacity.
    #[serde(default, with = "exact")]
    pub line: Option<(f64, String)>,
}

/// One value for each group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BarSeries {
    /// Its name.
    pub name: String,
    /// Its slot.
    pub slot: usize,
    /// Its values, one per group; a missing or non-finite value draws no bar.
    #[serde(with = "exact")]
    pub values: Vec<f64>,
    /// What was refused besides, one per group: struck through on top of each bar. Empty where nothing was.
    #[serde(default, with = "exact")]
    pub dropped: Vec<f64>,
}

/// A table; also the twin of every other plate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What is seen, as a sentence.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The columns; the first one names the row.
    pub columns: Vec<Column>,
    /// The rows, one cell per column; missing cells count as empty.
    pub rows: Vec<Vec<Cell>>,
}

/// One column of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Its unit, or an empty text.
    pub unit: String,
    /// Whether it holds numbers, which stand to the right.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn text(title: impl Into<String>) -> Self {
        Self { title: title.into(), unit: String::new(), numeric: false }
    }

    /// A column of numbers with their unit (empty for pure numbers).
    pub fn number(title: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { title: title.into(), unit: unit.into(), numeric: true }
    }

    /// The heading with its unit in brackets, where it has one.
    pub fn label(&self) -> String {
        Axis::new(self.title.clone(), self.unit.clone()).label()
    }
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cell", content = "content", rename_all = "kebab-case")]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, shown with so many significant digits (digits before the decimal point are never cut).
    Number {
        /// The number.
        #[serde(with = "exact")]
        value: f64,
        /// Significant digits to show.
        digits: usize,
    },
    /// A mean with its 95% interval, shown with three significant digits.
    Interval {
        /// The mean.
        #[serde(with = "exact")]
        mean: f64,
        /// Lower end.
        #[serde(with = "exact")]
        low: f64,
        /// Upper end.
        #[serde(with = "exact")]
        high: f64,
    },
    /// Nothing.
    Empty,
}

impl Cell {
    /// A cell of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number with three significant digits.
    pub fn number(value: f64) -> Self {
        Self::Number { value, digits: 3 }
    }

    /// A mean with its interval.
    pub fn interval(mean: f64, low: f64, high: f64) -> Self {
        Self::Interval { mean, low, high }
    }
}

/// One claim: the paper's word and our measure, side by side, and the interval on a line with zero marked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictPlate {
    /// The verdict.
    pub verdict: Verdict,
}
