//! How a training went: losses, and the router's health.

use super::Seen;
use crate::experiment::{Place, View};
use crate::labs::mixture_of_experts::history::Measure;
use crate::labs::numbers;
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
    let now = seen.history.last();
    let title = match now {
        Some(now) => format!(
            "{} of the held-out {} are classified right; the test loss is {} nats",
            percent(now.test_accuracy),
            seen.unit(),
            significant(now.test_loss, 3)
        ),
        None => "Nothing has been measured yet".to_owned(),
    };
    let lines = [
        line("training", 5, seen.history, |measure| Some(measure.train_loss)),
        line("held out", 1, seen.history, |measure| Some(measure.test_loss)),
    ];
    View::new(
        "loss",
        Place::Output,
        Plate::Curve(Curve {
            title,
            caption: "Cross entropy of the batches since the last measure, and of the rows kept out of training. When \
                      the second rises while the first falls, the network learns its rows by heart."
                .to_owned(),
            x: Axis::new("step", ""),
            y: Axis::new("loss", "nats"),
            lines: lines.into_iter().flatten().collect(),
        }),
    )
}

/// How undecided and how uneven the router is, under a diagnosis in words.
pub(super) fn health(seen: &Seen<'_>) -> View {
    let load = Load { counts: seen.counts(), rows: seen.classes.len(), unit: seen.unit() };
    let lines = [
        line("undecidedness", 4, seen.history, |measure| measure.router_entropy),
        line("unevenness", 0, seen.history, |measure| measure.load_cv),
        line("dropped", 7, seen.history, |measure| {
            measure.dropped.filter(|_| seen.last.is_some_and(|last| last.routing.capacity.is_some()))
        }),
    ];
    View::new(
        "health",
        Place::Output,
        Plate::Curve(Curve {
            title: load.diagnosis(seen.probabilities(), seen.context.specification.router.k),
            caption: "Undecidedness: the entropy of the router's probabilities over that of an even choice, 0 when it \
                      is sure, 1 when it guesses. Unevenness: the load's deviation over its mean, 0 when all experts \
                      do equally much."
                .to_owned(),
            x: Axis::new("step", ""),
            y: Axis::new("share or ratio", ""),
            lines: lines.into_iter().flatten().collect(),
        }),
    )
}
