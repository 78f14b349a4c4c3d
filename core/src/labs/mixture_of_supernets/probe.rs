//! Looking at a supernet under way and asking it for one architecture. Everything is read from the weights as they
//! are; nothing of the training is changed.

use super::Method;
use super::choices::chosen;
use super::task::Training;
use super::views::{Lit, expert_names, loss, percent};
use crate::experiment::{Answer, Place, Probe, View};
use crate::labs::supernet_audit::pictures::{edges, sharing_of};
use crate::labs::supernet_audit::tuning::Subject;
use crate::plate::number::significant;
use crate::routing::explanation::explain;
use crate::routing::{CombineMode, RoutingDecision, Scope, Slot, SlotKind, UnitKind};
use crate::supernet::sharing::{MixingTable, relative_sharing};
use crate::supernet::{Architecture, WeightProvider, size};
use crate::{Error, Result};

/// What one architecture is worth right now.
struct Measured {
    loss: f64,
    accuracy: f64,
    /// Mean mixing weight of every expert in every block.
    mixing: Vec<Vec<f64>>,
}

impl<P: WeightProvider> Training<P> {
    /// What there is to see: the lit network, its mixing, who shares with whom, the loss.
    pub(super) async fn views(&mut self) -> Result<Vec<View>> {
        let Subject::Supernet(method) = self.job.subject else { return Ok(Vec::new()) };
        let step = self.trainer.step_count();
        if let Some((_, views)) = self.seen.as_ref().filter(|(at, _)| *at == step) {
            return Ok(views.clone());
        }
        let lit = self.lit.clone();
        let measured = self.measured(method, &lit).await?;
        let shown = self.lit(method, &lit, &measured);
        let mut views = vec![shown.network(), shown.mixing()];
        views.push(self.sharing(method).await?);
        views.push(loss(method, &self.curve, [step, self.context.specification.training.steps]));
        self.seen = Some((step, views.clone()));
        Ok(views)
    }

    /// What an architecture is worth, and where its weights come from.
    pub(super) async fn answer(&mut self, probe: &Probe) -> Result<Answer> {
        let (Probe::Choices { options }, Subject::Supernet(method)) = (probe, self.job.subject) else {
            let problem = "a supernet is asked for an architecture; choose a width, a depth and inner widths";
            return Err(Error::NotAnswerable { problem: problem.into() });
        };
        let found = chosen(&self.context.space, options)?;
        let architecture = found.architecture;
        let measured = self.measured(method, &architecture).await?;
        self.lit = architecture.clone();
        // What was seen last showed another architecture.
        self.seen = None;
        let shown = self.lit(method, &architecture, &measured);
        let views = vec![shown.network(), shown.mixing()];
        let mut sentence = format!(
            "{architecture} is right on {} of the {}; its loss is {} nats.",
            percent(measured.accuracy),
            self.rows(),
            significant(measured.loss, 3)
        );
        let mut facts = self.facts(method, &architecture, &measured);
        if let Some(beyond) = found.without_effect {
            sentence += &format!(" It has {} blocks: {beyond}.", architecture.depth());
            facts.push(("without effect".to_owned(), beyond));
        }
        let decision = decision(method, &measured.mixing, self.trainer.step_count());
        let explanation = match &decision {
            Some(decision) => Some(explain(decision.checked()?, 0, 0)?),
            None => None,
        };
        Ok(Answer { sentence, facts, decision, explanation, views })
    }

    async fn measured(&mut self, method: Method, architecture: &Architecture) -> Result<Measured> {
        let provider = self.trainer.provider().clone().valid();
        let only = std::slice::from_ref(architecture);
        let subnet = provider.subnets(only)?.remove(0);
        let experts = self.context.audit.experts_of(method);
        let mixing = provider.mixing(only).remove(0);
        let table = MixingTable::read(&mixing, experts).await?;
        let (loss, accuracy) = self.judge_now(&subnet).await?;
        Ok(Measured { loss, accuracy, mixing: table.block_means() })
    }

    /// Who shares with whom among the audited architectures.
    async fn sharing(&self, method: Method) -> Result<View> {
        let provider = self.trainer.provider().clone().valid();
        let experts = self.context.audit.experts_of(method);
        let audited = &self.context.audited;
        let mut tables = Vec::with_capacity(audited.len());
        for mixing in provider.mixing(audited) {
            tables.push(MixingTable::read(&mixing, experts).await?);
        }
        let ratios: Vec<f64> =
            tables.iter().flat_map(|a| tables.iter().map(|b| relative_sharing(a, b))).collect();
        let names: Vec<String> = audited.iter().map(ToString::to_string).collect();
        Ok(View::new("sharing", Place::More, sharing_of(method, &names, &ratios)))
    }

    fn lit<'a>(&'a self, method: Method, architecture: &'a Architecture, measured: &'a Measured) -> Lit<'a> {
        Lit {
            space: &self.context.space,
            method,
            architecture,
            mixing: &measured.mixing,
            accuracy: measured.accuracy,
            rows: self.rows(),
            step: self.trainer.step_count(),
        }
    }

    /// What the rows that sub-networks are judged on are called.
    fn rows(&self) -> &'static str {
        if self.context.specification.data.source == "teacher" { "contexts" } else { "held-out rows" }
    }

    fn facts(
        &self,
        method: Method,
        architecture: &Architecture,
        measured: &Measured,
    ) -> Vec<(String, String)> {
        let space = &self.context.space;
        let rows = self.context.data.test.rows();
        let mut facts = vec![
            ("architecture", architecture.to_string()),
            ("method", method.name().to_owned()),
            ("accuracy", format!("{} of {rows} {}", percent(measured.accuracy), self.rows())),
            ("loss", format!("{} nats", significant(measured.loss, 4))),
            ("parameters", size::parameters(space, architecture).to_string()),
            ("operations", format!("{} FLOPs a row", size::flops(space, architecture))),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect::<Vec<_>>();
        for (block, shares) in measured.mixing.iter().enumerate().filter(|(_, shares)| shares.len() > 1) {
            let shares: Vec<String> = shares.iter().map(|share| percent(*share)).collect();
            facts.push((format!("block {block} from its experts"), shares.join(", ")));
        }
        facts
    }
}

/// The record of one architecture: a group for each block, an edge to every expert. None where nothing is mixed.
fn decision(method: Method, mixing: &[Vec<f64>], step: u64) -> Option<RoutingDecision> {
    let experts = mixing.first().map(Vec::len).filter(|experts| *experts > 1)?;
    let slots = expert_names(experts)
        .into_iter()
        .enumerate()
        .map(|(id, name)| Slot::new(id, SlotKind::Expert, name))
        .collect();
    let mut decision =
        RoutingDecision::new(method.name(), Scope::AllLayers, UnitKind::Architecture, 1, slots)
            .with_groups(mixing.len());
    decision.step = step;
    decision.combine_mode = CombineMode::MixWeights;
    decision.probabilities = Some(mixing.iter().flatten().map(|weight| *weight as f32).collect());
    decision.edges =
        mixing.iter().enumerate().flat_map(|(block, shares)| edges([0, block], Some(shares))).collect();
    Some(decision)
}
