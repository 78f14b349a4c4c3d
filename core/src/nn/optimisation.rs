//! The parts of a training step that every loop shares: gradients of micro-batches, their clipping, when to stop.
//!
//! The learning rate of a step is in [`schedule`](super::schedule), the update in [`AdamW`](super::fused::AdamW). None of
//! these holds a model or a loop.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`accumulation`] | the mean gradient of several batches |
//! | [`clipping`] | a bound on the norm of all gradients together |
//! | [`descent`] | all of them put together, with AdamW: what the loops of labs step with |
//! | [`early_stopping`] | the best step so far, and when to wait no longer |
//! | [`module_adam`] | Adam and AdamW for a whole module, saved and taken up again in the middle of a training |

pub mod accumulation;
pub mod clipping;
pub mod descent;
pub mod early_stopping;
pub mod module_adam;

pub use accumulation::MicroBatches;
pub use clipping::{Clipped, clip_norm, gradient_norm};
pub use descent::{Descent, DescentConfig};
pub use early_stopping::{EarlyStopping, Observation};
pub use module_adam::ModuleAdam;
