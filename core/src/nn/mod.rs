//! Layers whose weights are provided from outside, mixtures of experts, a decoder, the parts of a training step, and the
//! fused operations they are made of.

pub mod attention;
pub mod causal_attention;
pub mod cross_attention;
pub mod decoder;
pub mod elastic;
pub mod encoder;
pub mod feed_forward;
pub mod fused;
pub mod gru;
pub mod mixing;
pub mod mixture_of_experts;
pub mod optimisation;
pub mod parameters;
pub mod precision;
pub mod readback;
pub mod rotary;
pub mod schedule;
pub mod token_router;
