//! Traces as Parquet: one row for each edge, for programs that read columns.
//!
//! Every edge is a row with what it says, where it stands, and what is known about its unit. What belongs to a whole
//! decision (slot table, validity, keys, units without edges) stands in the file's key-value metadata as JSON:
//! `switchyard-trace` holds the header of the trace, `switchyard-decisions` the decisions without edges. So a trace comes
//! back as it was, but for its **logits and probabilities, which are not stored**: JSON Lines keeps them. Nothing is
//! compressed but by dictionaries, so that every reader can read it.
//!
//! | column | type | read back |
//! | --- | --- | --- |
//! | `decision` | which decision, counted from 0 | yes |
//! | `task`, `router`, `scope`, `step` | where and when it was made | from the metadata |
//! | `unit`, `group`, `slot`, `rank`, `score`, `dispatch`, `combine` | the edge | yes |
//! | `slot_label`, `valid` | the slot's label; whether the unit counts | from the metadata |
//! | `fate`, `fate_slot` | what became of it; the slot of `rerouted`, the key that a `miss` evicted | yes |
//! | `token_id`, `position`, `sequence`, `class`, `domain`, `task_key` | what is known about the unit | from the metadata |

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::read;
pub use write::write;

/// The key of the header in the metadata.
const HEADER: &str = "switchyard-trace";
/// The key of the decisions without edges.
const DECISIONS: &str = "switchyard-decisions";

/// The schema, column by column.
const SCHEMA: &str = "message switchyard_trace {
    REQUIRED INT32 decision (INTEGER(32,false));
    OPTIONAL BYTE_ARRAY task (UTF8);
    REQUIRED BYTE_ARRAY router (UTF8);
    REQUIRED BYTE_ARRAY scope (UTF8);
    REQUIRED INT64 step (INTEGER(64,false));
    REQUIRED INT32 unit (INTEGER(32,false));
    REQUIRED INT32 group (INTEGER(32,false));
    REQUIRED INT32 slot (INTEGER(32,false));
    REQUIRED BYTE_ARRAY slot_label (UTF8);
    REQUIRED INT64 rank (INTEGER(64,false));
    REQUIRED FLOAT score;
    REQUIRED FLOAT dispatch;
    REQUIRED FLOAT combine;
    REQUIRED BYTE_ARRAY fate (UTF8);
    OPTIONAL INT64 fate_slot (INTEGER(64,false));
    REQUIRED BOOLEAN valid;
    OPTIONAL INT32 token_id (INTEGER(32,false));
    OPTIONAL INT32 position (INTEGER(32,false));
    OPTIONAL INT32 sequence (INTEGER(32,false));
    OPTIONAL INT32 class (INTEGER(32,false));
    OPTIONAL INT32 domain (INTEGER(32,false));
    OPTIONAL INT32 task_key (INTEGER(32,false));
}";
