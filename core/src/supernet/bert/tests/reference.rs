//! The slow twin of a masked language model: plain loops in double precision over exported tensors, one sentence at a
//! time. It is written from the equations and shares no code with the tensors.

use std::collections::BTreeMap;

use crate::data::masking::Masked;
use crate::supernet::bert::BertArchitecture;

pub struct Reference {
    pub numbers: BTreeMap<String, Vec<f64>>,
    pub architecture: BertArchitecture,
    pub vocabulary: usize,
}

type Rows = Vec<Vec<f64>>;

fn gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + libm::erf(x / 2f64.sqrt()))
}

impl Reference {
    fn map(&self, name: &str, rows: &Rows) -> Rows {
        let (weight, bias) =
            (&self.numbers[&format!("{name}.weight")], &self.numbers[&format!("{name}.bias")]);
        let mut out = Vec::new();
        for row in rows {
            assert_eq!(row.len() * bias.len(), weight.len(), "{name}");
            out.push(
                (0..bias.len())
                    .map(|o| (0..row.len()).fold(bias[o], |sum, i| sum + row[i] * weight[i * bias.len() + o]))
                    .collect(),
            );
        }
        out
    }

    fn add_and_norm(&self, name: &str, rows: &Rows, more: &Rows) -> Rows {
        let (scale, shift) =
            (&self.numbers[&format!("{name}.scale")], &self.numbers[&format!("{name}.shift")]);
        let mut out = Vec::new();
        for (row, more) in rows.iter().zip(more) {
            let row: Vec<f64> = row.iter().zip(more).map(|(a, b)| a + b).collect();
            let count = row.len() as f64;
            let mean = row.iter().sum::<f64>() / count;
            let deviation = (row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count + 1e-5).sqrt();
            out.push((0..row.len()).map(|i| (row[i] - mean) / deviation * scale[i] + shift[i]).collect());
        }
        out
    }

    fn attention(&self, layer: &str, x: &Rows) -> Rows {
        let [query, key, value] =
            ["query", "key", "value"].map(|part| self.map(&format!("{layer}.{part}"), x));
        let width = x[0].len() / self.architecture.heads;
        let mut mixed = vec![vec![0.0; x[0].len()]; x.len()];
        for place in 0..x.len() {
            for head in 0..self.architecture.heads {
                let columns = head * width..(head + 1) * width;
                let weights: Vec<f64> = (0..x.len())
                    .map(|other| {
                        let dot: f64 = columns.clone().map(|i| query[place][i] * key[other][i]).sum();
                        (dot / (width as f64).sqrt()).exp()
                    })
                    .collect();
                let sum: f64 = weights.iter().sum();
                for i in columns {
                    mixed[place][i] = (0..x.len()).map(|other| weights[other] / sum * value[other][i]).sum();
                }
            }
        }
        self.map(&format!("{layer}.out"), &mixed)
    }

    fn zeros(rows: &Rows) -> Rows {
        rows.iter().map(|row| vec![0.0; row.len()]).collect()
    }

    /// The logits of every masked place of a sentence.
    pub fn forward(&self, sentence: &Masked) -> Rows {
        let hidden = self.architecture.hidden;
        let row = |name: &str, row: usize| self.numbers[name][row * hidden..(row + 1) * hidden].to_vec();
        let words = [1].into_iter().chain(sentence.words.iter().copied()).chain([2]);
        let (words, positions): (Rows, Rows) = words
            .enumerate()
            .map(|(place, word)| (row("embedding", word as usize), row("positions", place)))
            .unzip();
        let mut x = self.add_and_norm("embedding_norm", &words, &positions);
        for place in 0..self.architecture.depth() {
            let layer = format!("layers.{place}");
            if self.architecture.has_bottlenecks() {
                x = self.map(&format!("{layer}.squeeze"), &x);
            }
            x = self.add_and_norm(&format!("{layer}.norm"), &x, &self.attention(&layer, &x));
            let mut inside = self.map(&format!("{layer}.feed_forward.up"), &x);
            inside.iter_mut().flatten().for_each(|x| *x = gelu(*x));
            let found = self.map(&format!("{layer}.feed_forward.down"), &inside);
            x = self.add_and_norm(&format!("{layer}.feed_forward.norm"), &x, &found);
            if self.architecture.has_bottlenecks() {
                x = self.map(&format!("{layer}.expand"), &x);
            }
        }
        let rows: Rows = sentence.places.iter().map(|place| x[place + 1].clone()).collect();
        let mut rows = self.map("head", &rows);
        rows.iter_mut().flatten().for_each(|x| *x = gelu(*x));
        let rows = self.add_and_norm("head_norm", &rows, &Self::zeros(&rows));
        let logit = |x: &Vec<f64>, word: usize| {
            row("embedding", word).iter().zip(x).fold(self.numbers["bias"][word], |sum, (e, x)| sum + e * x)
        };
        rows.iter().map(|x| (0..self.vocabulary).map(|word| logit(x, word)).collect()).collect()
    }

    /// The cross entropy of the masked words of sentences, the mean over those words.
    pub fn loss(&self, sentences: &[Masked]) -> f64 {
        let mut losses = Vec::new();
        for sentence in sentences {
            for (row, word) in self.forward(sentence).iter().zip(&sentence.expected) {
                losses.push(row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[*word as usize]);
            }
        }
        losses.iter().sum::<f64>() / losses.len() as f64
    }
}
