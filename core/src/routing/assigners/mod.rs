//! Assigners: from one number per unit and slot to edges. They neither score nor limit; weights and capacity come
//! after them, in [`super::combine`] and [`super::capacity`].
//!
//! | file | who goes where |
//! | --- | --- |
//! | [`mod@top_k`] | each unit to the slots that score highest |
//! | [`hash`] | each unit to slots that a fixed hash of its features names: a control without learning |

pub mod hash;
pub mod top_k;

pub use hash::hashed;
pub use top_k::{tied_units, top_k};
