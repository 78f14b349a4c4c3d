//! The slow twin of a routed layer: plain loops in double precision over given edges. It is written from the papers'
//! equations and shares no code with the tensors.

use std::collections::BTreeMap;

use crate::rng::Streams;
use crate::routing::metrics::Convention;
use crate::routing::routers::{Affinity, Noise, Recipe, RouterLoss, ScorerKind};
use crate::routing::weighing::Weighing;
use crate::routing::{Edge, Fate, RouterMemory};

/// A layer's numbers by name, the last index running fastest.
pub struct Reference<'a> {
    pub numbers: BTreeMap<String, Vec<f64>>,
    pub recipe: &'a Recipe,
    pub memory: &'a RouterMemory,
    pub inputs: usize,
    pub hidden: usize,
    pub outputs: usize,
    pub sequence: usize,
    /// Who goes where, which is constant.
    pub edges: Vec<Edge>,
    /// The logits that were compared, for the thresholds of the smooth load, which are constant too.
    pub compared: Vec<f32>,
    pub streams: Streams,
    /// The recurrent state that comes from the layer below.
    pub state: Vec<Vec<f64>>,
}

type Rows = Vec<Vec<f64>>;

fn softmax(row: &[f64]) -> Vec<f64> {
    let sum: f64 = row.iter().map(|x| x.exp()).sum();
    row.iter().map(|x| x.exp() / sum).collect()
}

fn softplus(x: f64) -> f64 {
    (1.0 + x.exp()).ln()
}

/// The deviation of learned noise.
fn deviation_of(x: f64) -> f64 {
    softplus(x) + 0.01
}

/// The normal distribution function.
fn phi(z: f64) -> f64 {
    0.5 + 0.5 * libm::erf(z / 2f64.sqrt())
}

impl Reference<'_> {
    fn matrix(&self, name: &str, row: &[f64]) -> Vec<f64> {
        let weights = &self.numbers[name];
        let columns = weights.len() / row.len();
        let column = |c: usize| row.iter().enumerate().map(|(i, x)| x * weights[i * columns + c]).sum();
        (0..columns).map(column).collect()
    }

    /// Logits without noise, and the deviation of the noise.
    fn clean(&self, x: &Rows, factors: &[f64]) -> (Rows, Option<Rows>) {
        let jittered = |unit: usize| -> Vec<f64> {
            let factor = |i: usize| factors.get(unit * self.inputs + i).copied().unwrap_or(1.0);
            x[unit].iter().enumerate().map(|(i, value)| value * factor(i)).collect()
        };
        let logits = (0..x.len()).map(|unit| {
            let mut row = match self.recipe.scorer {
                ScorerKind::WholeSequence { length } => {
                    let start = unit / length * length;
                    self.matrix("scorer.projection", &x[start..start + length].concat())
                }
                _ => self.matrix("scorer.projection", &jittered(unit)),
            };
            if let Some(bias) = self.numbers.get("scorer.bias") {
                row = row.iter().zip(bias).map(|(x, b)| x + b).collect();
            }
            if let ScorerKind::Perceptron { hidden: 1.. } = self.recipe.scorer {
                let hidden: Vec<f64> = row.iter().map(|x| x.tanh()).collect();
                let bias = &self.numbers["scorer.readout_bias"];
                row = self.matrix("scorer.readout", &hidden).iter().zip(bias).map(|(x, b)| x + b).collect();
            }
            if let ScorerKind::Cosine { .. } = self.recipe.scorer {
                row = self.cosine(&row);
            }
            if let ScorerKind::DepthRecurrent { .. } = self.recipe.scorer {
                row = self.matrix("scorer.readout", &self.recurrent(&row, &self.state[unit]));
            }
            if self.recipe.is_block {
                row.push(0.0);
            }
            row
        });
        let has_noise = self.numbers.contains_key("scorer.noise");
        let deviation =
            |row: &Vec<f64>| self.matrix("scorer.noise", row).into_iter().map(deviation_of).collect();
        (logits.collect(), has_noise.then(|| x.iter().map(deviation).collect()))
    }

    /// The next state of the gated recurrent unit.
    fn recurrent(&self, row: &[f64], state: &[f64]) -> Vec<f64> {
        let gates = |name: &str, row: &[f64]| -> Vec<f64> {
            let bias = &self.numbers[&format!("cell.{name}.bias")];
            self.matrix(&format!("cell.{name}.weight"), row).iter().zip(bias).map(|(a, b)| a + b).collect()
        };
        let (x, h, width) = (gates("input", row), gates("hidden", state), state.len());
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let next = |j: usize| {
            let reset = sigmoid(x[j] + h[j]);
            let update = sigmoid(x[width + j] + h[width + j]);
            let new = (x[2 * width + j] + reset * h[2 * width + j]).tanh();
            (1.0 - update) * new + update * state[j]
        };
        (0..width).map(next).collect()
    }

    fn cosine(&self, row: &[f64]) -> Vec<f64> {
        let directions = &self.numbers["scorer.cosine.directions"];
        let slots = directions.len() / row.len();
        let length = |v: &mut dyn Iterator<Item = f64>| (v.map(|x| x * x).sum::<f64>() + 1e-12).sqrt();
        let sharpness = self.numbers["scorer.cosine.sharpness"][0].exp();
        let own = length(&mut row.iter().copied());
        let towards = |slot: usize| {
            let direction: Vec<f64> = (0..row.len()).map(|i| directions[i * slots + slot]).collect();
            let dot: f64 = row.iter().zip(&direction).map(|(a, b)| a * b).sum();
            sharpness * dot / own / length(&mut direction.iter().copied())
        };
        (0..slots).map(towards).collect()
    }

    fn affinity(&self, row: &[f64]) -> Vec<f64> {
        match self.recipe.affinity {
            Affinity::Softmax => softmax(row),
            Affinity::Sigmoid => row.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
            Affinity::Relu => row.iter().map(|x| x.max(0.0)).collect(),
        }
    }

    fn expert(&self, expert: usize, row: &[f64]) -> Vec<f64> {
        let (h, o) = (self.hidden, self.outputs);
        let count = self.numbers["experts.down_bias"].len() / o;
        let inner: Vec<f64> = (0..h)
            .map(|j| {
                let column = expert * h + j;
                let up = |(i, x): (usize, &f64)| x * self.numbers["experts.up"][i * count * h + column];
                let z: f64 = row.iter().enumerate().map(up).sum();
                (z + self.numbers["experts.up_bias"][column]).tanh()
            })
            .collect();
        let answer = |c: usize| {
            let down = |(j, y): (usize, &f64)| y * self.numbers["experts.down"][(expert * h + j) * o + c];
            inner.iter().enumerate().map(down).sum::<f64>()
                + self.numbers["experts.down_bias"][expert * o + c]
        };
        (0..o).map(answer).collect()
    }

    /// The weight of an edge, from the rule's equation.
    fn weight(&self, edge: &Edge, affinities: &Rows) -> f64 {
        let experts = if self.recipe.is_block { 1 } else { self.recipe.experts };
        let slot = |edge: &Edge| if let Fate::Rerouted { slot } = edge.fate { slot } else { edge.slot };
        if edge.fate == Fate::Dropped || edge.fate == Fate::Skipped || slot(edge) >= experts {
            return 0.0;
        }
        let own = affinities[edge.unit][slot(edge)];
        let mine = self.edges.iter().filter(|e| e.unit == edge.unit && slot(e) < experts);
        match self.recipe.weighing {
            Weighing::Affinity => own,
            Weighing::Normalised { scale } => {
                f64::from(scale) * own / mine.map(|e| affinities[e.unit][slot(e)]).sum::<f64>()
            }
            Weighing::OverBestTwo => {
                let mut row = affinities[edge.unit].clone();
                row.sort_by(|a, b| b.total_cmp(a));
                own / (row[0] + row[1])
            }
            Weighing::Even => 1.0 / mine.count() as f64,
            Weighing::OverMean => {
                let n = self.sequence;
                let peers: Vec<f64> = self
                    .edges
                    .iter()
                    .filter(|e| e.unit / n == edge.unit / n && e.slot == edge.slot && e.fate == Fate::Kept)
                    .map(|e| affinities[e.unit][e.slot])
                    .collect();
                own * peers.len() as f64 / peers.iter().sum::<f64>()
            }
        }
    }

    /// The outputs `[units][outputs]` and the weighted sum of the recipe's losses.
    pub fn forward(&self, x: &Rows) -> (Rows, f64) {
        let stream = &mut self.streams.stream("router");
        let factors: Vec<f64> = match self.recipe.noise {
            Noise::Jitter { width } => (0..x.len() * self.inputs)
                .map(|_| f64::from(stream.uniform(1.0 - width, 1.0 + width) as f32))
                .collect(),
            _ => Vec::new(),
        };
        if self.recipe.soft.is_some() {
            return (self.soft(x), 0.0);
        }
        let slots = self.recipe.slots();
        let (clean, deviation) = match self.recipe.scorer {
            ScorerKind::None => (vec![vec![0.0; slots]; x.len()], None),
            _ => self.clean(x, &factors),
        };
        let mut noisy = clean.clone();
        if let Some(deviation) = &deviation {
            let drawn = stream.normals(x.len() * slots, 1.0);
            for (at, noise) in drawn.into_iter().enumerate() {
                noisy[at / slots][at % slots] += f64::from(noise) * deviation[at / slots][at % slots];
            }
        }
        if let Noise::Fixed { deviation } = self.recipe.noise {
            for (at, noise) in stream.normals(x.len() * slots, deviation).into_iter().enumerate() {
                noisy[at / slots][at % slots] += f64::from(noise);
            }
        }
        let affinities: Rows = noisy.iter().map(|row| self.affinity(row)).collect();
        let weights: Vec<f64> = self.edges.iter().map(|edge| self.weight(edge, &affinities)).collect();
        let mut outputs = vec![vec![0.0; self.outputs]; x.len()];
        let mut add = |unit: usize, expert: usize, weight: f64| {
            for (sum, answer) in outputs[unit].iter_mut().zip(self.expert(expert, &x[unit])) {
                *sum += weight * answer;
            }
        };
        for (edge, weight) in self.edges.iter().zip(&weights).filter(|(_, weight)| **weight != 0.0) {
            let experts =
                if self.recipe.is_block { 0..self.recipe.experts } else { edge.slot..edge.slot + 1 };
            experts.for_each(|expert| add(edge.unit, expert, *weight));
        }
        for unit in 0..x.len() {
            (0..self.recipe.shared).for_each(|shared| add(unit, self.recipe.experts + shared, 1.0));
        }
        let losses = self
            .recipe
            .losses
            .iter()
            .map(|(loss, weight)| weight * self.loss(*loss, (&clean, &deviation), &affinities, &weights));
        (outputs, losses.sum())
    }

    fn loss(
        &self,
        loss: RouterLoss,
        (clean, deviation): (&Rows, &Option<Rows>),
        affinities: &Rows,
        weights: &[f64],
    ) -> f64 {
        let (units, slots) = (clean.len() as f64, self.recipe.slots());
        let mean = |slot: usize| {
            affinities.iter().map(|row| row[slot] / row.iter().sum::<f64>()).sum::<f64>() / units
        };
        let count = |slot: usize| self.edges.iter().filter(|edge| edge.slot == slot).count() as f64;
        let variation = |sums: Vec<f64>| {
            let mean = sums.iter().sum::<f64>() / sums.len() as f64;
            sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / sums.len() as f64 / (mean * mean)
        };
        let all = self.edges.len() as f64;
        match loss {
            RouterLoss::LoadBalance(Convention::TopOne) => {
                let first = |slot| self.edges.iter().filter(|e| e.slot == slot && e.rank == 0).count() as f64;
                let total: f64 = (0..slots).map(first).sum();
                slots as f64 * (0..slots).map(|slot| first(slot) / total * mean(slot)).sum::<f64>()
            }
            RouterLoss::LoadBalance(convention) => {
                let per = if convention == Convention::SumOverK { units } else { all };
                slots as f64 * (0..slots).map(|slot| count(slot) / per * mean(slot)).sum::<f64>()
            }
            RouterLoss::NullBucket => {
                let n = self.recipe.experts;
                let nulls = (n..slots).map(count).sum::<f64>() / self.recipe.nulls as f64;
                let f = |slot| if slot < n { count(slot) } else { nulls } / all;
                slots as f64 * (0..slots).map(|slot| f(slot) * mean(slot)).sum::<f64>()
            }
            RouterLoss::Z => {
                clean.iter().map(|row| row.iter().map(|x| x.exp()).sum::<f64>().ln().powi(2)).sum::<f64>()
                    / units
            }
            RouterLoss::Importance => {
                let mut sums = vec![0.0; self.recipe.experts];
                self.edges.iter().zip(weights).for_each(|(edge, weight)| sums[edge.slot] += weight);
                variation(sums)
            }
            RouterLoss::ImportanceOfAll => variation((0..slots).map(mean).collect()),
            RouterLoss::Entropy => {
                let rows = affinities.iter().map(|row| row.iter().map(|p| -p * p.ln()).sum::<f64>());
                rows.sum::<f64>() / units
            }
            RouterLoss::Load => {
                let (k, deviation) = (all as usize / clean.len(), deviation.as_ref().expect("noise"));
                let mut sums = vec![0.0; slots];
                for (unit, row) in self.compared.chunks(slots).enumerate() {
                    for slot in 0..slots {
                        let mut others: Vec<f32> = row.to_vec();
                        others.remove(slot);
                        others.sort_by(|a, b| b.total_cmp(a));
                        let bar = f64::from(others[k - 1]);
                        sums[slot] += phi((clean[unit][slot] - bar) / deviation[unit][slot]);
                    }
                }
                variation(sums)
            }
            RouterLoss::Activity => {
                let f = |slot| count(slot) * self.recipe.experts as f64 / (self.recipe.active * units);
                let sum = |slot: usize| affinities.iter().map(|row| row[slot]).sum::<f64>() / units;
                self.memory.penalty * (0..slots).map(|slot| f(slot) * sum(slot)).sum::<f64>()
            }
        }
    }

    fn soft(&self, x: &Rows) -> Rows {
        let logits: Rows = x.iter().map(|row| self.matrix("scorer.projection", row)).collect();
        let (n, mixtures) = (self.sequence, logits[0].len());
        let mut outputs = Vec::new();
        for start in (0..x.len()).step_by(n) {
            let answers: Rows = (0..mixtures)
                .map(|mixture| {
                    let column: Vec<f64> = (0..n).map(|unit| logits[start + unit][mixture]).collect();
                    let dispatch = softmax(&column);
                    let own = |i: usize| (0..n).map(|unit| dispatch[unit] * x[start + unit][i]).sum();
                    let row: Vec<f64> = (0..self.inputs).map(own).collect();
                    self.expert(mixture / (mixtures / self.recipe.experts), &row)
                })
                .collect();
            for row in &logits[start..start + n] {
                let combine = softmax(row);
                let out = |c: usize| (0..mixtures).map(|m| combine[m] * answers[m][c]).sum();
                outputs.push((0..self.outputs).map(out).collect());
            }
        }
        outputs
    }
}
