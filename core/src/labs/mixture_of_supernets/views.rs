//! What is seen of a supernet under way: the sub-network that is lit, how its weights are mixed, who shares with whom,
//! and the loss so far. Plain data in, plates out.

use super::Method;
use crate::experiment::{Place, View};
use crate::labs::supernet_audit::pictures::slot;
use crate::plate::{
    Axis, BarSeries, Bars, Curve, CurvePoint, Line, Network, NetworkColumn, Plate, number::significant,
};
use crate::supernet::{Architecture, SearchSpace, size};

/// One sub-network as it is now.
pub(super) struct Lit<'a> {
    pub space: &'a SearchSpace,
    pub method: Method,
    pub architecture: &'a Architecture,
    /// Mean mixing weight of every expert in every block, `[blocks][experts]`.
    pub mixing: &'a [Vec<f64>],
    /// Share of the rows whose most likely class is right.
    pub accuracy: f64,
    /// What the rows are called.
    pub rows: &'a str,
    pub step: u64,
}

impl Lit<'_> {
    fn experts(&self) -> usize {
        self.mixing.first().map_or(1, Vec::len)
    }

    /// The network with its lit part, layer by layer.
    pub fn network(&self) -> View {
        let (space, architecture) = (self.space, self.architecture);
        let layer = |name: &str, kind: &str, total: usize, lit: usize| NetworkColumn {
            name: name.to_owned(),
            total,
            lit,
            kind: kind.to_owned(),
            slot_shares: Vec::new(),
            skipped: false,
        };
        let mut columns = vec![
            layer("input", "features", space.inputs, space.inputs),
            layer("width", "units", space.max_width(), architecture.width),
        ];
        for block in 0..space.max_depth() {
            let lit = architecture.ffn.get(block).copied();
            columns.push(NetworkColumn {
                slot_shares: self
                    .mixing
                    .get(block)
                    .filter(|shares| shares.len() > 1)
                    .cloned()
                    .unwrap_or_default(),
                skipped: lit.is_none(),
                ..layer(&format!("block {block}"), "inner units", space.max_ffn(), lit.unwrap_or(0))
            });
        }
        columns.push(layer("output", "classes", space.outputs, space.outputs));
        let (own, whole) = (size::parameters(space, architecture), size::parameters(space, &space.largest()));
        let plate = Plate::Network(Network {
            title: format!(
                "{architecture} is right on {} of the {} after {} steps",
                percent(self.accuracy),
                self.rows,
                self.step
            ),
            caption: format!(
                "Lit units are those that this sub-network uses: {own} of {whole} parameters. The shares beside a \
                 block say how much of its weights comes from each expert, the mean over its rows."
            ),
            columns,
            slot_names: expert_names(self.experts()),
        });
        View::new("network", Place::Yard, plate)
    }

    /// How much of each block's weights comes from each expert.
    pub fn mixing(&self) -> View {
        let experts = self.experts();
        let series = (0..experts).map(|expert| BarSeries {
            name: format!("expert {expert}"),
            slot: expert,
            values: self.mixing.iter().map(|block| block[expert]).collect(),
            dropped: Vec::new(),
        });
        let title = if experts == 1 {
            format!(
                "In {} every architecture takes its weights from the one set there is",
                self.method.name()
            )
        } else {
            let first: Vec<String> = self.mixing.iter().map(|block| percent(block[0])).collect();
            format!("{} takes {} of its blocks' weights from expert 0", self.architecture, first.join(", "))
        };
        let plate = Plate::Bars(Bars {
            title,
            caption: "The mean mixing weight of each expert in each block of the architecture that is lit. The router \
                      reads the architecture and nothing else: bars that stay as they are when the architecture \
                      changes say that it does not tell architectures apart."
                .to_owned(),
            y: Axis::new("mean mixing weight", ""),
            groups: (0..self.mixing.len()).map(|block| format!("block {block}")).collect(),
            series: series.collect(),
            stacked: true,
            ..Bars::default()
        });
        View::new("mixing", Place::Load, plate)
    }
}

/// The training loss so far.
pub(super) fn loss(method: Method, curve: &[[f64; 2]], steps: [u64; 2]) -> View {
    let points = curve.iter().map(|[step, loss]| CurvePoint { x: *step, y: *loss, low: None, high: None });
    let [done, total] = steps;
    let now = curve.last().map(|[_, loss]| format!(": the loss is {} nats", significant(*loss, 3)));
    let plate = Plate::Curve(Curve {
        title: format!(
            "{} has learned for {done} of {total} steps{}",
            method.name(),
            now.unwrap_or_default()
        ),
        caption: "Training loss, the mean over the sub-networks of a step. A single batch is noisy."
            .to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("training loss", "nats"),
        lines: vec![Line { name: method.name().to_owned(), slot: slot(method), points: points.collect() }],
    });
    View::new("loss", Place::Output, plate)
}

/// What the experts are called.
pub(super) fn expert_names(experts: usize) -> Vec<String> {
    (0..experts).map(|expert| format!("expert {expert}")).collect()
}

/// A share for people: `93.1%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
