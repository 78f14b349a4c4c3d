//! Several devices for one task: a work whose steps have parts computes these side by side ([`Work::spread`](super::Work)).
//!
//! A graphics processor takes what it is told and computes it meanwhile; the processor needs a thread for each. The core
//! starts none, so who has threads lends a crew.

use burn::tensor::Device;

/// One of several jobs that do not depend on each other.
pub type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Devices of one kind, and who does jobs on them.
pub trait Crew: Send + Sync {
    /// The devices, two or more; a device may be there several times. The first also does what has no parts.
    fn devices(&self) -> &[Device];

    /// Does the jobs side by side and returns when all are done. The n-th was made for the n-th device, and there are no more
    /// jobs than devices. A job that panics makes this panic.
    fn work(&self, jobs: Vec<Job<'_>>);
}
