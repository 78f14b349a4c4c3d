//! The slow twin: a mixture of experts in double precision, in plain loops, without tensors and without any of the
//! code it is compared with.

use crate::nn::fused::Activation;
use crate::routing::{Choosing, CombineRule, Fate};

/// Coefficients of the router's losses.
#[derive(Debug, Clone, Copy)]
pub struct Losses {
    /// Of the Switch loss.
    pub switch: f64,
    /// Of the z-loss.
    pub z: f64,
}

/// All numbers of a mixture, in the module's order: the scorer's, then the experts'.
pub struct Reference {
    pub numbers: Vec<f64>,
    /// Inputs, hidden units, outputs, experts, hidden units of the scorer.
    pub sizes: [usize; 5],
    pub activation: Activation,
}

/// What a row's router says.
struct Row {
    logits: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Reference {
    fn activate(&self, x: f64) -> f64 {
        match self.activation {
            Activation::Identity => x,
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
        }
    }

    /// Where the numbers of each part begin: scorer hidden weight and bias, scorer weight and bias, up, up bias,
    /// down, down bias.
    fn starts(&self) -> [usize; 8] {
        let [inputs, hidden, outputs, experts, scorer] = self.sizes;
        let width = if scorer > 0 { scorer } else { inputs };
        let lengths = [
            inputs * scorer,
            scorer,
            width * experts,
            experts,
            inputs * experts * hidden,
            experts * hidden,
            experts * hidden * outputs,
        ];
        let mut starts = [0; 8];
        for (part, length) in lengths.into_iter().enumerate() {
            starts[part + 1] = starts[part] + length;
        }
        starts
    }

    fn score(&self, x: &[f64]) -> Row {
        let ([_, _, _, experts, scorer], starts) = (self.sizes, self.starts());
        let mut query = x.to_vec();
        if scorer > 0 {
            query = (0..scorer)
                .map(|unit| {
                    let mut sum = self.numbers[starts[1] + unit];
                    for (input, x) in x.iter().enumerate() {
                        sum += x * self.numbers[starts[0] + input * scorer + unit];
                    }
                    self.activate(sum)
                })
                .collect();
        }
        let logits: Vec<f64> = (0..experts)
            .map(|expert| {
                let mut sum = self.numbers[starts[3] + expert];
                for (unit, value) in query.iter().enumerate() {
                    sum += value * self.numbers[starts[2] + unit * experts + expert];
                }
                sum
            })
            .collect();
        let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
        let probabilities = logits.iter().map(|logit| logit.exp() / total).collect();
        Row { logits, probabilities }
    }

    fn expert(&self, expert: usize, x: &[f64]) -> Vec<f64> {
        let ([_, hidden, outputs, experts, _], starts) = (self.sizes, self.starts());
        let mut answer: Vec<f64> =
            (0..outputs).map(|output| self.numbers[starts[7] + expert * outputs + output]).collect();
        for unit in 0..hidden {
            let place = expert * hidden + unit;
            let mut sum = self.numbers[starts[5] + place];
            for (input, x) in x.iter().enumerate() {
                sum += x * self.numbers[starts[4] + input * experts * hidden + place];
            }
            let value = self.activate(sum);
            for (output, answer) in answer.iter_mut().enumerate() {
                *answer += value * self.numbers[starts[6] + place * outputs + output];
            }
        }
        answer
    }

    /// Unit, expert and fate of every choice, unit by unit, the first choice first.
    pub fn choices(&self, x: &[f64], rule: Choosing) -> Vec<(usize, usize, Fate)> {
        let ([inputs, _, _, experts, _], units) = (self.sizes, x.len() / self.sizes[0]);
        let mut ranked = Vec::new();
        for row in x.chunks(inputs) {
            let Row { probabilities, .. } = self.score(row);
            let mut order: Vec<usize> = (0..experts).collect();
            order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
            ranked.push(order);
        }
        let limit = match rule.capacity_factor {
            0.0 => usize::MAX,
            factor => (factor * (rule.k * units) as f64 / experts as f64).ceil() as usize,
        };
        let mut taken = vec![0; experts];
        let mut fates = vec![vec![Fate::Dropped; rule.k]; units];
        for rank in 0..rule.k {
            for unit in 0..units {
                let expert = ranked[unit][rank];
                if taken[expert] < limit {
                    taken[expert] += 1;
                    fates[unit][rank] = Fate::Kept;
                }
            }
        }
        (0..units)
            .flat_map(|unit| (0..rule.k).map(move |rank| (unit, rank)))
            .map(|(unit, rank)| (unit, ranked[unit][rank], fates[unit][rank]))
            .collect()
    }

    /// Cross entropy plus the router's losses.
    pub fn loss(&self, x: &[f64], classes: &[usize], rule: Choosing, losses: Losses) -> f64 {
        let [inputs, _, outputs, experts, _] = self.sizes;
        let choices = self.choices(x, rule);
        let rows: Vec<Row> = x.chunks(inputs).map(|row| self.score(row)).collect();
        let units = rows.len() as f64;
        let (mut task, mut z) = (0.0, 0.0);
        for (unit, row) in x.chunks(inputs).enumerate() {
            let mine = &choices[unit * rule.k..(unit + 1) * rule.k];
            let sum: f64 = mine.iter().map(|choice| rows[unit].probabilities[choice.1]).sum();
            let mut logits = vec![0.0; outputs];
            for (_, expert, fate) in mine.iter().filter(|choice| choice.2 == Fate::Kept) {
                assert_eq!(*fate, Fate::Kept);
                let p = rows[unit].probabilities[*expert];
                let weight =
                    if rule.combine == CombineRule::Renormalised && rule.k > 1 { p / sum } else { p };
                for (logit, answer) in logits.iter_mut().zip(self.expert(*expert, row)) {
                    *logit += weight * answer;
                }
            }
            let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
            task += total.ln() - logits[classes[unit]];
            z += rows[unit].logits.iter().map(|logit| logit.exp()).sum::<f64>().ln().powi(2);
        }
        let mut switch = 0.0;
        for expert in 0..experts {
            let chosen = choices.iter().filter(|choice| choice.1 == expert).count() as f64;
            let mean: f64 = rows.iter().map(|row| row.probabilities[expert]).sum::<f64>() / units;
            switch += experts as f64 * chosen / choices.len() as f64 * mean;
        }
        task / units + losses.switch * switch + losses.z * z / units
    }
}
