//! The slow twin of a transformer: plain loops in double precision over exported tensors, one sentence at a time. It is
//! written from the equations and shares no code with the tensors.

use std::collections::BTreeMap;

use crate::supernet::transformer::TransformerArchitecture;

pub struct Reference {
    pub numbers: BTreeMap<String, Vec<f64>>,
    pub architecture: TransformerArchitecture,
    pub inner: usize,
    pub position_width: usize,
    pub vocabulary: usize,
}

type Rows = Vec<Vec<f64>>;

impl Reference {
    fn map(&self, name: &str, rows: &Rows) -> Rows {
        let (weight, bias) =
            (&self.numbers[&format!("{name}.weight")], &self.numbers[&format!("{name}.bias")]);
        let outputs = bias.len();
        let row = |row: &Vec<f64>| {
            let output = |o: usize| {
                bias[o] + row.iter().enumerate().map(|(i, x)| x * weight[i * outputs + o]).sum::<f64>()
            };
            (0..outputs).map(output).collect()
        };
        rows.iter().map(row).collect()
    }

    fn norm(&self, name: &str, rows: &Rows) -> Rows {
        let (scale, shift) =
            (&self.numbers[&format!("{name}.scale")], &self.numbers[&format!("{name}.shift")]);
        let row = |row: &Vec<f64>| {
            let count = row.len() as f64;
            let mean = row.iter().sum::<f64>() / count;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
            let normal = |(i, x): (usize, &f64)| (x - mean) / (variance + 1e-5).sqrt() * scale[i] + shift[i];
            row.iter().enumerate().map(normal).collect()
        };
        rows.iter().map(row).collect()
    }

    fn attention(&self, name: &str, x: &Rows, memory: &Rows, heads: usize, causal: bool) -> Rows {
        let (query, both) =
            (self.map(&format!("{name}.query"), x), self.map(&format!("{name}.key_value"), memory));
        let width = self.inner / heads;
        let mut mixed = vec![vec![0.0; self.inner]; x.len()];
        for (place, query) in query.iter().enumerate() {
            for head in 0..heads {
                let at = |i: usize| head * width + i;
                let seen = if causal { place + 1 } else { memory.len() };
                let score = |key: &Vec<f64>| {
                    let dot: f64 = (0..width).map(|i| query[at(i)] * key[at(i)]).sum();
                    (dot / (width as f64).sqrt()).exp()
                };
                let scores: Vec<f64> = both[..seen].iter().map(score).collect();
                let sum: f64 = scores.iter().sum();
                for (value, score) in both.iter().zip(&scores) {
                    for i in 0..width {
                        mixed[place][at(i)] += score / sum * value[self.inner + at(i)];
                    }
                }
            }
        }
        self.map(&format!("{name}.out"), &mixed)
    }

    fn feed_forward(&self, name: &str, x: &Rows) -> Rows {
        let mut inside = self.map(&format!("{name}.up"), x);
        inside.iter_mut().flatten().for_each(|x| *x = x.max(0.0));
        self.map(&format!("{name}.down"), &inside)
    }

    fn embed(&self, words: &[u32], width: usize) -> Rows {
        let table = &self.numbers["embedding"];
        let columns = table.len() / self.vocabulary;
        let number = |place: usize, word: u32, i: usize| {
            let angle = place as f64 / 10_000f64.powf((i / 2 * 2) as f64 / self.position_width as f64);
            let position = if i.is_multiple_of(2) { angle.sin() } else { angle.cos() };
            table[word as usize * columns + i] * (width as f64).sqrt() + position
        };
        let row = |(place, word): (usize, &u32)| (0..width).map(|i| number(place, *word, i)).collect();
        words.iter().enumerate().map(row).collect()
    }

    /// The logits after every word of a target that begins with `<s>`.
    pub fn forward(&self, source: &[u32], target: &[u32]) -> Rows {
        let TransformerArchitecture { encoder_width, encoder, decoder_width, decoder } = &self.architecture;
        let add = |x: &mut Rows, more: Rows| {
            x.iter_mut().flatten().zip(more.into_iter().flatten()).for_each(|(x, more)| *x += more);
        };
        let source: Vec<u32> = source.iter().copied().chain([2]).collect();
        let mut x = self.embed(&source, *encoder_width);
        let mut outputs = Vec::new();
        for (place, layer) in encoder.iter().enumerate() {
            let name = format!("encoder.{place}");
            let normal = self.norm(&format!("{name}.attention.norm"), &x);
            add(&mut x, self.attention(&format!("{name}.attention"), &normal, &normal, layer.heads, false));
            let normal = self.norm(&format!("{name}.feed_forward.norm"), &x);
            add(&mut x, self.feed_forward(&format!("{name}.feed_forward"), &normal));
            outputs.push(self.norm("encoder_norm", &x));
        }
        let target: Vec<u32> = [1].into_iter().chain(target.iter().copied()).collect();
        let mut x = self.embed(&target, *decoder_width);
        for (place, layer) in decoder.iter().enumerate() {
            let name = format!("decoder.{place}");
            let normal = self.norm(&format!("{name}.attention.norm"), &x);
            add(&mut x, self.attention(&format!("{name}.attention"), &normal, &normal, layer.heads, true));
            let memory: Rows = outputs[outputs.len() - layer.attend..].concat();
            let normal = self.norm(&format!("{name}.cross.norm"), &x);
            add(&mut x, self.attention(&format!("{name}.cross"), &normal, &memory, layer.cross_heads, false));
            let normal = self.norm(&format!("{name}.feed_forward.norm"), &x);
            add(&mut x, self.feed_forward(&format!("{name}.feed_forward"), &normal));
        }
        let table = &self.numbers["embedding"];
        let columns = table.len() / self.vocabulary;
        let logits = |row: &Vec<f64>| {
            let logit =
                |word: usize| row.iter().enumerate().map(|(i, x)| x * table[word * columns + i]).sum();
            (0..self.vocabulary).map(logit).collect()
        };
        self.norm("decoder_norm", &x).iter().map(logits).collect()
    }

    /// The smoothed cross entropy of pairs, the mean over words.
    pub fn loss(&self, pairs: &[(&[u32], &[u32])], smoothing: f64) -> f64 {
        let (mut sum, mut words) = (0.0, 0.0);
        for (source, target) in pairs {
            let expected = target.iter().copied().chain([2]);
            for (row, word) in self.forward(source, target).iter().zip(expected) {
                let whole = row.iter().map(|x| x.exp()).sum::<f64>().ln();
                let even = row.iter().sum::<f64>() / row.len() as f64;
                sum += whole - (1.0 - smoothing) * row[word as usize] - smoothing * even;
                words += 1.0;
            }
        }
        sum / words
    }
}
