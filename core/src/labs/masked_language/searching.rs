//! A supernet that guesses masked words, as a search sees it.

use std::sync::Arc;

use burn::tensor::Device;

use super::context::Context;
use super::measuring::judge;
use crate::Result;
use crate::data::OwnData;
use crate::data::masking::{MASK, Masked};
use crate::data::translation::corpus::SPECIAL;
use crate::experiment::Checked;
use crate::experiment::work::Local;
use crate::labs::supernet_search::{Subject, Tested};
use crate::nn::parameters::restored;
use crate::nn::readback::read;
use crate::supernet::bert::{BertArchitecture, BertSpace, BertSubnet, ElasticBert, MaskedBatch, size};
use crate::supernet::transformer::mixing::Sharing;

/// What predictors of latency read. The widths are those that layers work in, their mean over layers.
const COLUMNS: [&str; 5] = ["hidden width", "layers", "heads", "feed-forward width", "mean width of layers"];

/// A supernet, its sentences, and how many of the validation a search looks at.
pub struct Guesser {
    context: Arc<Context>,
    network: ElasticBert,
    device: Device,
    sentences: usize,
}

impl Guesser {
    /// The networks of an experiment with fresh weights: enough to time them.
    ///
    /// # Errors
    /// When the fields of the experiment, or they and the corpus, do not fit together.
    pub fn fresh(checked: &Checked, own: Option<&OwnData>, device: &Device) -> Result<Self> {
        let context = Context::new(checked, own)?;
        let streams = context.audit.replicate("supernet", 0);
        let (space, rows) = (context.space.clone(), context.rows());
        let network = ElasticBert::new(space, rows, Sharing::Plain(1.0), &streams, device);
        Ok(Self { sentences: context.validation.len(), context, network, device: device.clone() })
    }

    /// A trained supernet of an experiment from its saved weights; a search looks at the first `sentences` of the
    /// validation, or at all.
    ///
    /// # Errors
    /// As [`Guesser::fresh`], and when the weights are not those of this experiment's `method`.
    pub fn trained(
        checked: &Checked,
        own: Option<&OwnData>,
        (method, weights): (&str, &[u8]),
        sentences: Option<usize>,
        device: &Device,
    ) -> Result<Self> {
        let context = Context::new(checked, own)?;
        let (sharing, streams) = (context.sharing(method.parse()?), context.audit.replicate("supernet", 0));
        let fresh = ElasticBert::new(context.space.clone(), context.rows(), sharing, &streams, device);
        let all = context.validation.len();
        let sentences = sentences.map_or(all, |sentences| sentences.min(all));
        Ok(Self { sentences, network: restored(fresh, weights)?, context, device: device.clone() })
    }
}

impl Subject for Guesser {
    type Space = BertSpace;
    type Network = BertSubnet;

    fn space(&self) -> &BertSpace {
        &self.context.space
    }

    fn networks(&self) -> String {
        let rows = self.context.rows();
        format!(
            "masked language model, vocabulary {}, places {}, {:?}",
            rows.vocabulary, rows.places, self.context.space
        )
    }

    fn extremes(&self) -> [BertArchitecture; 2] {
        [self.context.space.smallest(), self.context.space.largest()]
    }

    fn columns(&self) -> Vec<String> {
        COLUMNS.map(str::to_owned).to_vec()
    }

    fn depth_column(&self) -> &'static str {
        COLUMNS[1]
    }

    fn features(&self, point: &BertArchitecture) -> Vec<f64> {
        let widths = point.widths();
        let mean = widths.iter().sum::<usize>() as f64 / widths.len().max(1) as f64;
        let BertArchitecture { hidden, heads, ffn, .. } = point;
        vec![*hidden as f64, point.depth() as f64, *heads as f64, *ffn as f64, mean]
    }

    fn parameters(&self, point: &BertArchitecture) -> f64 {
        let rows = self.context.rows();
        size::parameters(point, rows.vocabulary, rows.places) as f64
    }

    fn flops(&self, point: &BertArchitecture) -> f64 {
        self.context.flops(point)
    }

    fn network<'a>(&'a self, point: &'a BertArchitecture) -> Local<'a, Result<BertSubnet>> {
        Box::pin(async move { self.network.subnet(point)?.export().await?.load(&self.device) })
    }

    fn infer<'a>(&'a self, network: &'a BertSubnet, [words, _]: [usize; 2]) -> Local<'a, Result<()>> {
        Box::pin(async move {
            // Which words they are changes no latency; one of them is to be guessed.
            let shown =
                (0..words).map(|place| if place == 0 { MASK } else { SPECIAL.len() as u32 }).collect();
            let sentence = Masked { words: shown, places: vec![0], expected: vec![SPECIAL.len() as u32] };
            let batch = MaskedBatch::new(&[&sentence], &self.device);
            read(network.forward(&batch, None)).await.map(drop)
        })
    }

    fn work(&self) -> String {
        "guessing one word of one sentence".to_owned()
    }

    fn longest(&self) -> [Option<usize>; 2] {
        [Some(self.context.rows().places - 2), Some(0)]
    }

    fn loss<'a>(&'a self, point: &'a BertArchitecture) -> Local<'a, Result<f64>> {
        Box::pin(async move {
            let seen = &self.context.validation[..self.sentences];
            Ok(judge(&self.network.subnet(point)?, seen, &self.device).await?.0)
        })
    }

    fn tested<'a>(&'a self, point: &'a BertArchitecture) -> Local<'a, Result<Tested>> {
        Box::pin(async move {
            let subnet = self.network.subnet(point)?;
            let (loss, quality) = judge(&subnet, &self.context.test, &self.device).await?;
            Ok(Tested { loss, quality })
        })
    }

    fn measure(&self) -> (&'static str, &'static str) {
        ("masked words right", "%")
    }

    fn seen(&self) -> usize {
        self.sentences
    }

    fn smallest_effect(&self) -> f64 {
        self.context.specification.audit.smallest_effect
    }
}
