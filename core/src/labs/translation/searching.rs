//! A supernet that translates, as a search sees it.

use std::sync::Arc;

use burn::tensor::Device;

use super::context::{COUNTED_LENGTHS, Context};
use super::measuring::{loss_of, scores_of};
use crate::Result;
use crate::data::translation::ParallelCorpus;
use crate::data::translation::corpus::SPECIAL;
use crate::experiment::Checked;
use crate::experiment::work::Local;
use crate::labs::supernet_search::{Subject, Tested};
use crate::nn::parameters::restored;
use crate::supernet::transformer::encoding::{FEATURE_NAMES, features};
use crate::supernet::transformer::{
    ElasticTransformer, Sharing, TransformerArchitecture, TransformerSpace, TransformerSubnet, size,
};

/// A supernet, its corpus, and how many validation pairs a search looks at.
pub struct Translator {
    context: Arc<Context>,
    network: ElasticTransformer,
    device: Device,
    pairs: usize,
}

impl Translator {
    /// The networks of an experiment with fresh weights: enough to time them.
    ///
    /// # Errors
    /// When the fields of the experiment, or they and the corpus, do not fit together.
    pub fn fresh(checked: &Checked, own: Option<&ParallelCorpus>, device: &Device) -> Result<Self> {
        let context = Context::new(checked, own)?;
        let (words, streams) = (context.corpus.vocabulary.len(), context.audit.replicate("supernet", 0));
        let network =
            ElasticTransformer::new(context.space.clone(), words, Sharing::Plain(1.0), &streams, device);
        Ok(Self { pairs: context.corpus.validation.len(), context, network, device: device.clone() })
    }

    /// A trained supernet of an experiment from its saved weights; a search looks at the first `pairs` of the validation, or at
    /// all.
    ///
    /// # Errors
    /// As [`Translator::fresh`], and when the weights are not those of this experiment's `method`.
    pub fn trained(
        checked: &Checked,
        own: Option<&ParallelCorpus>,
        (method, weights): (&str, &[u8]),
        pairs: Option<usize>,
        device: &Device,
    ) -> Result<Self> {
        let context = Context::new(checked, own)?;
        let sharing = context.sharing(method.parse()?);
        let (words, streams) = (context.corpus.vocabulary.len(), context.audit.replicate("supernet", 0));
        let fresh = ElasticTransformer::new(context.space.clone(), words, sharing, &streams, device);
        let all = context.corpus.validation.len();
        let pairs = pairs.map_or(all, |pairs| pairs.min(all));
        Ok(Self { pairs, network: restored(fresh, weights)?, context, device: device.clone() })
    }
}

impl Subject for Translator {
    type Space = TransformerSpace;
    type Network = TransformerSubnet;

    fn space(&self) -> &TransformerSpace {
        &self.context.space
    }

    fn networks(&self) -> String {
        let TransformerSpace { encoder, decoder, cross_heads, attend, inner } = &self.context.space;
        format!(
            "transformer, vocabulary {}, inner {inner}, encoder {:?} x {:?} x {:?} x {:?}, decoder {:?} x {:?} x {:?} x \
             {:?} x {cross_heads:?} x {attend:?}",
            self.context.corpus.vocabulary.len(),
            encoder.widths,
            encoder.depths,
            encoder.ffn,
            encoder.heads,
            decoder.widths,
            decoder.depths,
            decoder.ffn,
            decoder.heads,
        )
    }

    fn extremes(&self) -> [TransformerArchitecture; 2] {
        [self.context.space.smallest(), self.context.space.largest()]
    }

    fn columns(&self) -> Vec<String> {
        FEATURE_NAMES.map(str::to_owned).to_vec()
    }

    fn depth_column(&self) -> &'static str {
        crate::search::predictor::depth::COLUMN
    }

    fn features(&self, point: &TransformerArchitecture) -> Vec<f64> {
        features(point).map(f64::from).to_vec()
    }

    fn parameters(&self, point: &TransformerArchitecture) -> f64 {
        size::parameters(point, self.context.space.inner, self.context.corpus.vocabulary.len()) as f64
    }

    fn flops(&self, point: &TransformerArchitecture) -> f64 {
        let words = self.context.corpus.vocabulary.len();
        size::flops(point, self.context.space.inner, words, COUNTED_LENGTHS) as f64
    }

    fn network<'a>(&'a self, point: &'a TransformerArchitecture) -> Local<'a, Result<TransformerSubnet>> {
        Box::pin(async move { self.network.alone(point)?.subnet(point) })
    }

    fn infer<'a>(
        &'a self,
        network: &'a TransformerSubnet,
        [source, target]: [usize; 2],
    ) -> Local<'a, Result<()>> {
        Box::pin(async move {
            let (first, words) = (SPECIAL.len(), self.context.corpus.vocabulary.len());
            // Which words they are changes no latency.
            let word = |place: usize| (first + place % (words - first).max(1)) as u32;
            let source: Vec<u32> = (0..source).map(word).collect();
            let rule = self.context.decoding().of_length(target);
            rule.translate(network, &[&source], &self.device).await.map(drop)
        })
    }

    fn work(&self) -> String {
        format!("translation of one sentence, beam {}", self.context.specification.decoding.beam)
    }

    fn loss<'a>(&'a self, point: &'a TransformerArchitecture) -> Local<'a, Result<f64>> {
        Box::pin(async move {
            let subnet = self.network.subnet(point)?;
            loss_of(&subnet, &self.context.corpus.validation[..self.pairs], &self.device).await
        })
    }

    fn tested<'a>(&'a self, point: &'a TransformerArchitecture) -> Local<'a, Result<Tested>> {
        Box::pin(async move {
            let subnet = self.network.subnet(point)?;
            let loss = loss_of(&subnet, &self.context.corpus.test, &self.device).await?;
            Ok(Tested { loss, quality: scores_of(&self.context, &subnet, &self.device).await?.bleu })
        })
    }

    fn measure(&self) -> (&'static str, &'static str) {
        ("BLEU", "")
    }

    fn seen(&self) -> usize {
        self.pairs
    }

    fn smallest_effect(&self) -> f64 {
        self.context.specification.audit.smallest_effect
    }
}
