//! Threads for several devices: a pool for each, on whose threads also the parallel loops inside its tensor operations stay.
//!
//! The pools share the cores. Only one job is in a pool at a time, so a loop inside it never waits for another job.

use burn::prelude::Device;
use rayon::{ThreadPool, ThreadPoolBuilder};
use switchyard::experiment::Crew;
use switchyard::experiment::crew::Job;

use crate::environment::cores;
use crate::error::{Error, Result};

/// Devices with their threads.
pub struct Pools {
    devices: Vec<Device>,
    pools: Vec<ThreadPool>,
}

impl Pools {
    /// As many pools as devices.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn new(devices: Vec<Device>) -> Result<Self> {
        let threads = (cores() / devices.len()).max(1);
        let pool = |number| {
            ThreadPoolBuilder::new()
                .num_threads(threads)
                .thread_name(move |thread| format!("device-{number}-{thread}"))
                .build()
        };
        let pools = (0..devices.len()).map(pool).collect::<std::result::Result<_, _>>().map_err(|error| {
            Error::Unexpected { problem: format!("cannot start threads for the devices: {error}") }
        })?;
        Ok(Self { devices, pools })
    }
}

impl Crew for Pools {
    fn devices(&self) -> &[Device] {
        &self.devices
    }

    fn work(&self, jobs: Vec<Job<'_>>) {
        start(&self.pools, jobs.into_iter());
    }
}

/// Starts the first job in the first pool, then the others in the others, and waits for all.
fn start<'a>(pools: &[ThreadPool], mut jobs: impl Iterator<Item = Job<'a>>) {
    let Some((pool, others)) = pools.split_first() else { return };
    let Some(job) = jobs.next() else { return };
    pool.in_place_scope(|scope| {
        scope.spawn(|_| job());
        start(others, jobs);
    });
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn jobs_are_done_side_by_side_on_threads_of_their_own() {
        let pools = Pools::new(vec![Device::flex(); 3]).expect("threads");
        for count in [3, 1, 0] {
            // Each waits for the others, so one after the other they would never end.
            let (barrier, mut names) = (Barrier::new(count.max(1)), vec![String::new(); count]);
            let jobs = names.iter_mut().map(|name| {
                let barrier = &barrier;
                let job: Job<'_> = Box::new(move || {
                    barrier.wait();
                    *name = std::thread::current().name().unwrap_or_default().to_owned();
                });
                job
            });
            pools.work(jobs.collect());
            for (number, name) in names.iter().enumerate() {
                assert!(name.starts_with(&format!("device-{number}-")), "{name}");
            }
        }
    }

    #[test]
    fn a_job_that_panics_is_heard_of_and_the_others_end() {
        let pools = Pools::new(vec![Device::flex(); 2]).expect("threads");
        let mut done = false;
        let jobs: Vec<Job<'_>> = vec![Box::new(|| panic!("on purpose")), Box::new(|| done = true)];
        let panic = catch_unwind(AssertUnwindSafe(|| pools.work(jobs))).expect_err("one panics");
        assert_eq!(crate::driver::words_of(panic.as_ref()), "on purpose");
        assert!(done);
    }
}
