//! How much memory a training may take, told before anything is allocated.

#[cfg(feature = "translation")]
use crate::experiment::Demand;
use crate::experiment::demand::TAB_BYTES;
use crate::{Error, Result};

/// The most bytes of one training: what a browser's tab may have, and a school's laptop has free.
pub const MOST_BYTES: f64 = TAB_BYTES;

/// The most bytes of a training that the command line alone can run, whatever its machine has: what is more is a slip.
#[cfg(feature = "translation")]
const MOST_NATIVE_BYTES: f64 = 256e9;

/// Copies of a parameter: itself, its gradient, and Adam's two moments.
const COPIES_OF_PARAMETERS: f64 = 4.0;

/// Copies of an activation that live at once: as it was made, as the tape keeps it, and its gradient.
const COPIES_OF_ACTIVATIONS: f64 = 3.0;

/// About how many bytes a training step takes, of the numbers that it learns and of those that it computes.
pub fn bytes(parameters: f64, activations: f64) -> f64 {
    4.0 * (COPIES_OF_ACTIVATIONS * activations + COPIES_OF_PARAMETERS * parameters)
}

/// Refuses what would not fit.
///
/// # Errors
/// [`Error::Inconsistent`] that names the method, the field `key` and the others that make it smaller.
pub fn check(method: &str, bytes: f64, key: &str, others: &str) -> Result<()> {
    check_up_to(MOST_BYTES, method, bytes, key, others)
}

/// Refuses a training that is larger than anything that is meant. What the machine at hand can hold is the command's to ask.
///
/// # Errors
/// As [`check`].
#[cfg(feature = "translation")]
pub fn check_demand(demand: &Demand) -> Result<()> {
    check_up_to(MOST_NATIVE_BYTES, "the largest network", demand.task(), demand.key, demand.others)
}

/// The same with another limit.
///
/// # Errors
/// As [`check`].
fn check_up_to(most: f64, method: &str, bytes: f64, key: &str, others: &str) -> Result<()> {
    if bytes <= most {
        return Ok(());
    }
    Err(Error::Inconsistent {
        key: key.to_owned(),
        problem: format!(
            "a step of `{method}` would take about {:.1} GB, and at most {:.0} GB are allowed; lower it, {others}",
            bytes / 1e9,
            most / 1e9
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::experiment::{Experiment, Registry, Session};

    #[test]
    fn what_would_not_fit_is_refused_before_it_is_made_and_every_preset_fits_at_every_scale() {
        let registry = Registry::standard();
        let open = |preset: &str, sets: &[&str]| {
            let mut experiment = Experiment::new(preset);
            for set in sets {
                registry.set(&mut experiment, set)?;
            }
            Session::open(&registry.check(&experiment)?).map(|_| ())
        };
        let huge = ["training.batch=512", "data.length=256", "model.experts=64", "model.hidden=512"];
        let message = open("text-live", &huge).expect_err("terabytes").to_string();
        for part in [
            "`training.batch`: a step of `top-k` would take about ",
            "GB, and at most 2 GB are allowed; lower it",
        ] {
            assert!(message.contains(part), "`{message}` should say `{part}`");
        }
        let huge = ["space.widths=512,1024", "space.depths=1,16", "space.ffn=64,4096"];
        let message = open("mos-digits", &huge).expect_err("gigabytes").to_string();
        for part in ["`space.ffn`: a step of `", "GB, and at most 2 GB are allowed; lower it, `space.widths`"]
        {
            assert!(message.contains(part), "`{message}` should say `{part}`");
        }
        for preset in ["mos-digits", "mos-t1", "mos-tiny", "mos-live"] {
            assert!(open(preset, &[]).is_ok(), "{preset}");
        }
        for preset in [
            "router-race",
            "collapse",
            "text-race",
            "adamoe",
            "openmoe",
            "rmoe",
            "union-of-experts",
            "union-of-heads",
        ] {
            assert!(open(preset, &["scale=full"]).is_ok(), "{preset}");
        }
    }
}
