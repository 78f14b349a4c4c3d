//! The slow twin: a decoder in double precision, in plain loops over one sequence after the other, without tensors and
//! without any of the code it is compared with.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::{DecoderConfig, DenseDecoder, Positions};
use crate::nn::fused::checks::values;
use crate::nn::parameters::named_tensors;

/// All numbers of a decoder, in the module's order, and where each tensor's are.
pub struct Reference {
    pub numbers: Vec<f64>,
    places: BTreeMap<String, Range<usize>>,
    config: DecoderConfig,
    inner: usize,
}

type Rows = Vec<Vec<f64>>;

impl Reference {
    pub fn new(model: &DenseDecoder, inner: usize) -> Self {
        let (mut numbers, mut places) = (Vec::new(), BTreeMap::new());
        for (name, _, tensor) in named_tensors(model) {
            let start = numbers.len();
            numbers.extend(values(&tensor).into_iter().map(f64::from));
            places.insert(name, start..numbers.len());
        }
        Self { numbers, places, config: *model.decoder.config(), inner }
    }

    fn part(&self, name: &str) -> &[f64] {
        &self.numbers[self.places.get(name).unwrap_or_else(|| panic!("no tensor is called {name}")).clone()]
    }

    fn linear(&self, name: &str, x: &Rows, outputs: usize) -> Rows {
        let (weight, bias) = (self.part(&format!("{name}.weight")), self.part(&format!("{name}.bias")));
        let unit = |row: &[f64], unit: usize| {
            let products = row.iter().enumerate().map(|(input, x)| x * weight[input * outputs + unit]);
            products.sum::<f64>() + bias[unit]
        };
        x.iter().map(|row| (0..outputs).map(|out| unit(row, out)).collect()).collect()
    }

    fn norm(&self, name: &str, x: &Rows) -> Rows {
        let (scale, shift) = (self.part(&format!("{name}.scale")), self.part(&format!("{name}.shift")));
        let normal = |row: &Vec<f64>| {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
            let deviation = (variance + 1e-5).sqrt();
            row.iter()
                .zip(scale.iter().zip(shift))
                .map(|(x, (a, b))| (x - mean) / deviation * a + b)
                .collect()
        };
        x.iter().map(normal).collect()
    }

    /// One head's query, key or value at a position, turned where positions are rotary.
    fn vector(&self, row: &[f64], head: usize, part: usize, position: usize) -> Vec<f64> {
        let width = self.config.width / self.config.heads;
        let start = (head * 3 + part) * width;
        let mut vector = row[start..start + width].to_vec();
        if let (Positions::Rotary { base }, true) = (self.config.positions, part < 2) {
            let half = width / 2;
            for pair in 0..half {
                let angle = position as f64 * base.powf(-2.0 * pair as f64 / width as f64);
                let (a, b) = (vector[pair], vector[pair + half]);
                vector[pair] = a * angle.cos() - b * angle.sin();
                vector[pair + half] = a * angle.sin() + b * angle.cos();
            }
        }
        vector
    }

    fn attention(&self, name: &str, x: &Rows) -> Rows {
        let width = self.config.width / self.config.heads;
        let qkv = self.linear(&format!("{name}.qkv"), x, 3 * self.config.width);
        let mut attended = vec![Vec::new(); x.len()];
        for head in 0..self.config.heads {
            let of = |part, position: usize| self.vector(&qkv[position], head, part, position);
            for (position, row) in attended.iter_mut().enumerate() {
                let query = of(0, position);
                let score = |key: Vec<f64>| {
                    query.iter().zip(key).map(|(a, b)| a * b).sum::<f64>() / (width as f64).sqrt()
                };
                let powers: Vec<f64> = (0..=position).map(|seen| score(of(1, seen)).exp()).collect();
                let total: f64 = powers.iter().sum();
                for entry in 0..width {
                    let values = powers.iter().enumerate().map(|(seen, power)| power * of(2, seen)[entry]);
                    row.push(values.sum::<f64>() / total);
                }
            }
        }
        self.linear(&format!("{name}.out"), &attended, self.config.width)
    }

    fn sequence_logits(&self, tokens: &[i64]) -> Rows {
        let DecoderConfig { width, depth, vocabulary, .. } = self.config;
        let row = |table: &str, index: usize| self.part(table)[index * width..(index + 1) * width].to_vec();
        let add = |x: &mut Rows, y: Rows| {
            x.iter_mut().zip(y).for_each(|(x, y)| x.iter_mut().zip(y).for_each(|(x, y)| *x += y));
        };
        let mut x: Rows = tokens.iter().map(|&token| row("decoder.tokens", token as usize)).collect();
        if self.config.positions == Positions::Learned {
            add(&mut x, (0..tokens.len()).map(|position| row("decoder.positions", position)).collect());
        }
        for block in 0..depth {
            let name = format!("decoder.blocks.{block}");
            let normal = self.norm(&format!("{name}.attention_norm"), &x);
            add(&mut x, self.attention(&format!("{name}.attention"), &normal));
            let normal = self.norm(&format!("{name}.feed_forward_norm"), &x);
            let mut hidden = self.linear(&format!("feed_forward.{block}.up"), &normal, self.inner);
            hidden.iter_mut().flatten().for_each(|unit| *unit = unit.max(0.0));
            add(&mut x, self.linear(&format!("feed_forward.{block}.down"), &hidden, width));
        }
        let normal = self.norm("decoder.norm", &x);
        if !self.config.tied {
            return self.linear("decoder.head", &normal, vocabulary);
        }
        let logit = |x: &[f64], token| x.iter().zip(row("decoder.tokens", token)).map(|(a, b)| a * b).sum();
        normal.iter().map(|x| (0..vocabulary).map(|token| logit(x, token)).collect()).collect()
    }

    /// The logits of every token of all sequences in a row.
    pub fn logits(&self, tokens: &[i64]) -> Vec<f64> {
        tokens.chunks(self.config.length).flat_map(|tokens| self.sequence_logits(tokens)).flatten().collect()
    }

    /// The cross entropy of every token.
    pub fn losses(&self, tokens: &[i64], targets: &[i64]) -> Vec<f64> {
        let logits = self.logits(tokens);
        let rows = logits.chunks(self.config.vocabulary).zip(targets);
        rows.map(|(row, &target)| row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[target as usize])
            .collect()
    }

    /// The slope of the mean loss along one number, by central differences.
    pub fn slope(&mut self, index: usize, tokens: &[i64], targets: &[i64]) -> f64 {
        let (number, step) = (self.numbers[index], 1e-5);
        let mut at = |number: f64| {
            self.numbers[index] = number;
            self.losses(tokens, targets).iter().sum::<f64>() / targets.len() as f64
        };
        let slope = (at(number + step) - at(number - step)) / (2.0 * step);
        self.numbers[index] = number;
        slope
    }
}
