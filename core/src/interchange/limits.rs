//! How much is read before a file is refused. The limits are checked before memory is asked for, and each refusal
//! says the number and what to do.

/// The most bytes of text.
pub const MOST_BYTES: usize = 1 << 30;
/// The most edges of a foreign log: one for each slot that a unit was sent to.
pub const MOST_EDGES: usize = 1 << 23;
/// The most decisions of a trace.
pub const MOST_DECISIONS: usize = 1 << 20;
/// The most choices (units times groups) of all decisions of a trace together. A record may announce many groups in few
/// bytes, and every choice takes memory when it is measured.
pub const MOST_CHOICES: usize = 1 << 26;
/// The most experts of one layer.
pub const MOST_EXPERTS: usize = 1 << 16;
/// The highest layer number.
pub const MOST_LAYERS: usize = 1 << 16;
/// The most experts that one row of a foreign log may name.
pub const MOST_PICKS: usize = 1 << 12;
/// The most columns of a table.
pub const MOST_COLUMNS: usize = 256;
/// The most different texts in one column of names.
pub const MOST_NAMES: usize = 1 << 20;
/// The most cells (contexts times layers times experts) of a load table, and of units times layers of a log.
pub const MOST_CELLS: usize = 1 << 24;
