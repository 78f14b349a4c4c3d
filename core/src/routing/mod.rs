//! The routing record and everything measured on it.
//!
//! Every router, whatever it routes, leaves one plain [`RoutingDecision`]: units meet slots through edges. All
//! metrics, pictures and files read that record and nothing else. A router is put together from small parts: a scorer
//! (a network, in `nn`), an assigner, combine weights, a capacity, and a controller that acts between steps.
//!
//! ```
//! use switchyard::routing::{CombineMode, RoutingDecision, Scope, Slot, SlotKind, UnitKind, metrics};
//!
//! // Two tokens, two experts, each token goes to its best expert.
//! let decision = RoutingDecision::new("gate", Scope::Layer(0), UnitKind::Token, 2, Slot::table(SlotKind::Expert, 2))
//!     .with_logits(vec![2.0, 0.0, 0.0, 1.0])?
//!     .with_top_edges(1, CombineMode::MixOutputs)?;
//! assert_eq!(metrics::load_counts(decision.checked()?), [1, 1]);
//! # Ok::<(), switchyard::Error>(())
//! ```

pub mod assigners;
pub mod capacity;
pub mod controllers;
pub mod decision;
pub mod explanation;
pub mod metrics;
pub mod oracle;
pub mod router;
pub mod routers;
pub mod scored;
pub mod weighing;

pub use assigners::tied_units;
pub use controllers::RouterMemory;
pub use decision::{
    Checked, CombineMode, Edge, Fate, KeyKind, Keys, RoutingDecision, RoutingTrace, Scope, Slot, SlotCost,
    SlotKind, UnitKind, chosen_counts,
};
pub use explanation::{Explanation, SlotReason, explain};
pub use oracle::{Oracle, route_space};
pub use router::{Pipeline, Router, Routing};
pub use scored::Scored;
