//! The one error type of the core: a variant per cause, each a sentence that says what, where and what to do.

/// What the core's fallible functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong in the core.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Names and values of a specification.
    /// A name that is not in its list (a preset, a lab, a choice).
    #[error("unknown {kind} `{name}`{}; known: {known}", suggestion(.nearest))]
    UnknownName {
        /// What kind of thing was named: `preset`, `method`…
        kind: &'static str,
        /// The name as written.
        name: String,
        /// The nearest valid name, when one is near.
        nearest: Option<String>,
        /// The valid names, separated by commas.
        known: String,
    },
    /// A key that the preset does not have.
    #[error("unknown key `{key}` in preset `{preset}`{}", suggestion(.nearest))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The preset whose keys were looked through.
        preset: String,
        /// The nearest valid key, when one is near.
        nearest: Option<String>,
    },
    /// A key given more than once in one text.
    #[error("key `{key}` is given twice; keep one of them")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A value of the wrong type.
    #[error("`{key}` must be {expected}, not `{found}`")]
    WrongType {
        /// The key.
        key: String,
        /// The type that is expected, in words.
        expected: String,
        /// What was written.
        found: String,
    },
    /// A value outside its range.
    #[error("`{key}` is {value}, but must be {range}")]
    OutOfRange {
        /// The key.
        key: String,
        /// What was written.
        value: String,
        /// The allowed range, in words.
        range: String,
    },
    /// Values that are each allowed, but not together.
    #[error("`{key}`: {problem}")]
    Inconsistent {
        /// The key that should be changed.
        key: String,
        /// What does not fit, and what would.
        problem: String,
    },
    /// A text that is no specification at all.
    #[error("this is not a specification: {problem}")]
    MalformedSpecification {
        /// What the parser said.
        problem: String,
    },

    // Links.
    /// A link that cannot be read.
    #[error("this link cannot be read: {problem}")]
    MalformedLink {
        /// What is wrong, naming the key where there is one.
        problem: String,
    },
    /// A link of another format version.
    #[error("this link is of format version {found}; this build reads version {supported}")]
    LinkVersion {
        /// The version in the link.
        found: String,
        /// The version this build reads.
        supported: u32,
    },

    // Data.
    /// Bytes that are not the data they should be.
    #[error("{what}{}: {problem}", position(.line, .column))]
    MalformedData {
        /// Which data: `CSV`, `IDX images`…
        what: String,
        /// The line, counted from 1, where there are lines.
        line: Option<u64>,
        /// The column, counted from 1, or the byte for binary formats.
        column: Option<u64>,
        /// What is wrong.
        problem: String,
    },

    // Architectures, routes, runs.
    /// An architecture that is not a point of its search space.
    #[error("this architecture is not in the search space: {problem}")]
    InvalidArchitecture {
        /// Which field, its value, and what is allowed.
        problem: String,
    },
    /// A routing record that contradicts itself.
    #[error("inconsistent routing decision: {problem}")]
    InvalidDecision {
        /// What does not fit.
        problem: String,
    },
    /// A checkpoint that cannot be used.
    #[error("this checkpoint cannot be used: {problem}")]
    Checkpoint {
        /// What is wrong with it.
        problem: String,
    },
    /// A number became infinite or undefined in training.
    #[error(
        "training diverged in `{task}` at step {step}: the loss is not a number; try a lower learning rate"
    )]
    Diverged {
        /// The task.
        task: String,
        /// The step, counted from 0.
        step: u64,
    },
    /// A question that this run cannot answer.
    #[error("this question has no answer here: {problem}")]
    NotAnswerable {
        /// Why, and what can be asked.
        problem: String,
    },
    /// Reading a tensor back from the device failed.
    #[error("reading a result from the device failed: {problem}")]
    Readback {
        /// What the backend said.
        problem: String,
    },
    /// A statistic that these numbers do not have.
    #[error("{statistic} is not defined here: {problem}")]
    Undefined {
        /// The statistic.
        statistic: &'static str,
        /// Why.
        problem: String,
    },
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn position(line: &Option<u64>, column: &Option<u64>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(", line {line}, column {column}"),
        (Some(line), None) => format!(", line {line}"),
        (None, Some(column)) => format!(", byte {column}"),
        (None, None) => String::new(),
    }
}

/// The name of `known` nearest to `name`, when it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

impl Error {
    /// An [`Error::UnknownName`] with its suggestion.
    pub fn unknown_name<'a>(
        kind: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        Error::UnknownName {
            kind,
            name: name.to_owned(),
            nearest: nearest(name, known.clone()),
            known: known.into_iter().collect::<Vec<_>>().join(", "),
        }
    }
}
