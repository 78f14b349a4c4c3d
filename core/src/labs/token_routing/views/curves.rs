//! How a training went: losses, and the routers' health.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::numbers;
use crate::labs::token_routing::measure::Measure;
use crate::labs::words::{Load, percent};
use crate::plate::number::significant;
use crate::plate::{Axis, Curve, Line, Plate};

fn line(
    name: &str,
    slot: usize,
    history: &[Measure],
    value: impl Fn(&Measure) -> Option<f64>,
) -> Option<Line> {
    numbers::line(name, slot, history.iter().map(|measure| (measure.step, value(measure))))
}

/// Train and test loss.
pub(super) fn loss(seen: &Seen<'_>) -> View {
    let title = match seen.history.last() {
        Some(now) => format!(
            "{} of the held-out {} are answered right; the test loss is {} nats",
            percent(now.test_accuracy),
            seen.context.task.answer_noun(),
            significant(now.test_loss, 3)
        ),
        None => "Nothing has been measured yet".to_owned(),
    };
    let lines = [
        line("training", 5, seen.history, |measure| Some(measure.train_loss)),
        line("held out", 1, seen.history, |measure| Some(measure.test_loss)),
    ];
    let plate = Curve {
        title,
        caption:
            "Cross entropy of the batches since the last measure, and of the samples kept out of training."
                .to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("loss", "nats"),
        lines: lines.into_iter().flatten().collect(),
    };
    View::new("loss", Place::Output, Plate::Curve(plate))
}

/// How undecided and how uneven the routers are, under a diagnosis in words.
pub(super) fn health(seen: &Seen<'_>) -> View {
    let counts = seen.answers.layers.first().map(|layer| layer.load(seen.recipe)).unwrap_or_default();
    let load = Load { counts: &counts, rows: seen.units(), unit: seen.noun() };
    let title = match seen.recipe.is_block {
        true => format!("The block takes {} of the {}", percent(load.share(0)), seen.noun()),
        false => load.diagnosis(&[], libm::round(seen.recipe.active) as usize),
    };
    let lines = [
        line("undecidedness", 4, seen.history, |measure| measure.routes?.entropy),
        line("unevenness", 0, seen.history, |measure| Some(measure.routes?.load_cv)),
        line("dropped", 7, seen.history, |measure| {
            Some(measure.routes?.dropped).filter(|share| *share > 0.0)
        }),
        line("changed", 3, seen.history, |measure| measure.routes?.churn),
        line("idle", 2, seen.history, |measure| Some(measure.routes?.idle).filter(|share| *share > 0.0)),
    ];
    let plate = Curve {
        title,
        caption: format!(
            "`{}`, means over layers. Undecidedness: the entropy of a unit's probabilities over that of an even choice. \
             Unevenness: the load's deviation over its mean. Changed: the share of first choices that are not what they were at \
             the measure before. Dropped and idle: shares of choices that found no room, or were of a null slot or the \
             way around.",
            seen.method.name
        ),
        x: Axis::new("step", ""),
        y: Axis::new("share or ratio", ""),
        lines: lines.into_iter().flatten().collect(),
    };
    View::new("health", Place::Output, Plate::Curve(plate))
}
