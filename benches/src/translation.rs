//! Sandwich steps of elastic transformers that translate (two sizes, three ways of sharing), and beam search beside the
//! twin that keeps nothing.

use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::prelude::*;
use switchyard::Result;
use switchyard::nn::optimisation::{Descent, DescentConfig};
use switchyard::rng::Streams;
use switchyard::supernet::provider::{ExpertInit, Granularity};
use switchyard::supernet::transformer::decoding::{BeamSearch, reference};
use switchyard::supernet::transformer::subnet::Dropout;
use switchyard::supernet::transformer::weights::TransformerMixture;
use switchyard::supernet::transformer::{
    ElasticTransformer, PairBatch, Sharing, Side, TransformerArchitecture, TransformerEncoding,
    TransformerSpace,
};

/// Words of a sentence with its end, padding counted.
pub const LENGTH: usize = 32;
/// The share of the expected word's probability that is spread over all words.
pub const SMOOTHING: f64 = 0.1;
/// The share of numbers left out, where any are.
pub const DROPOUT: f64 = 0.1;

/// What the peer trains too: lines of a size and an architecture.
const ARCHITECTURES: &str = include_str!("../peers/architectures.txt");

/// How large a network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Three layers a side, width 128, feed-forward 256, vocabulary 1,000: as the encoder of the other bench.
    Small,
    /// HAT's space for IWSLT with half of its widths: six layers a side, width 256, feed-forward 1,024, vocabulary 4,000.
    Large,
    /// HAT's space for WMT: six layers a side, width 640, feed-forward 3,072, vocabulary 32,000. For accelerators.
    Hat,
}

impl Size {
    /// All of them.
    pub const ALL: [Self; 3] = [Size::Small, Size::Large, Size::Hat];

    /// How the file of architectures and `steps` call it.
    pub fn name(self) -> &'static str {
        match self {
            Size::Small => "small",
            Size::Large => "large",
            Size::Hat => "hat",
        }
    }

    /// Pairs in a batch: 1,024 tokens on each side, 4,096 for accelerators.
    pub fn pairs(self) -> usize {
        if self == Size::Hat { 128 } else { 32 }
    }

    /// Words of both languages, the special ones included.
    pub fn vocabulary(self) -> usize {
        match self {
            Size::Small => 1000,
            Size::Large => 4000,
            Size::Hat => 32_000,
        }
    }

    /// The search space.
    ///
    /// # Errors
    /// Never: its lists are in order.
    pub fn space(self) -> Result<TransformerSpace> {
        let (widths, layers, ffn, heads, inner) = match self {
            Size::Small => (vec![96, 128], 3, vec![128, 192, 256], vec![2, 4], 128),
            Size::Large => (vec![192, 256], 6, vec![256, 512, 1024], vec![2, 4], 256),
            Size::Hat => (vec![512, 640], 6, vec![1024, 2048, 3072], vec![4, 8], 512),
        };
        let side = |depths| Side { widths: widths.clone(), depths, ffn: ffn.clone(), heads: heads.clone() };
        let (encoder, decoder) = (side(vec![layers]), side((1..=layers).collect()));
        let cross_heads = heads.clone();
        TransformerSpace { encoder, decoder, cross_heads, attend: vec![1, 2, 3], inner }.checked()
    }

    /// The largest, the smallest, and those that take turns.
    ///
    /// # Errors
    /// When a line of the file is no architecture.
    pub fn architectures(self) -> Result<Vec<TransformerArchitecture>> {
        let of_size = |line: &'static str| line.split_once(' ').filter(|(size, _)| *size == self.name());
        ARCHITECTURES.lines().filter_map(of_size).map(|(_, architecture)| architecture.parse()).collect()
    }
}

/// Plain sharing, or a mixture of two experts whose router reads every layer's choices.
pub fn sharing(granularity: Option<Granularity>) -> Sharing {
    granularity.map_or(Sharing::Plain(1.0), |granularity| {
        Sharing::Mixture(TransformerMixture {
            experts: 2,
            granularity,
            encoding: TransformerEncoding::PerLayer,
            hidden: 128,
            init: ExpertInit::Independent,
            scale: 1.0,
        })
    })
}

/// The words of the `index`-th sentence of a side: 25 to 31, none of the special ones. The peer makes the same.
fn sentence(side: usize, index: usize, vocabulary: usize) -> Vec<u32> {
    let word = |place: usize| (3 + (side * 31 + index * LENGTH + place) * 7919 % (vocabulary - 3)) as u32;
    (0..25 + (index * 5 + side * 3) % 7).map(word).collect()
}

/// A supernet in training with its fixed batch.
pub struct TranslationStep {
    network: Option<ElasticTransformer>,
    descent: Descent<ElasticTransformer>,
    lesson: Lesson,
    side_by_side: Option<Device>,
}

/// What a supernet is trained on.
struct Lesson {
    batch: PairBatch,
    architectures: Vec<TransformerArchitecture>,
    dropout: f64,
    step: usize,
}

impl Lesson {
    /// The largest, the smallest and two others of this step.
    fn sandwich(&self) -> [&TransformerArchitecture; 4] {
        let others = self.architectures.len() - 2;
        let other = |place: usize| &self.architectures[2 + (2 * self.step + place) % others];
        [&self.architectures[0], &self.architectures[1], other(0), other(1)]
    }

    /// The loss of one network.
    fn loss(&self, network: &ElasticTransformer, which: usize) -> Result<Tensor<1>> {
        let subnet = network.subnet(self.sandwich()[which])?;
        let mut stream = Streams::new(self.step as u64).stream_at("dropout", which as u64);
        let dropout = (self.dropout > 0.0).then_some(Dropout { rate: self.dropout, stream: &mut stream });
        Ok(subnet.loss(&self.batch, SMOOTHING, dropout))
    }
}

/// What is trained and how.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// How large.
    pub size: Size,
    /// What is mixed; nothing for plain sharing.
    pub granularity: Option<Granularity>,
    /// The share of numbers left out.
    pub dropout: f64,
    /// Whether the largest network of a step runs beside the others, on a thread and a tape of its own.
    pub side_by_side: bool,
}

impl TranslationStep {
    /// A new supernet.
    ///
    /// # Errors
    /// Never: the spaces and the architectures are in order.
    pub fn new(setting: Setting, device: &Device) -> Result<Self> {
        let Setting { size, granularity, dropout, side_by_side } = setting;
        let tape = device.clone().autodiff();
        let (space, vocabulary) = (size.space()?, size.vocabulary());
        let network =
            ElasticTransformer::new(space, vocabulary, sharing(granularity), &Streams::new(1), &tape);
        let config = DescentConfig { beta_2: 0.98, weight_decay: 0.0, clip_norm: 0.0, own_rate: 1.0 };
        let sentences: Vec<[Vec<u32>; 2]> =
            (0..size.pairs()).map(|index| [0, 1].map(|side| sentence(side, index, vocabulary))).collect();
        let pairs: Vec<(&[u32], &[u32])> =
            sentences.iter().map(|[a, b]| (a.as_slice(), b.as_slice())).collect();
        Ok(Self {
            descent: Descent::new(&network, config, network.router_parameters()),
            network: Some(network),
            lesson: Lesson {
                batch: PairBatch::new(&pairs, device),
                architectures: size.architectures()?,
                dropout,
                step: 0,
            },
            side_by_side: side_by_side.then_some(tape),
        })
    }

    /// One step: four losses with their gradients, one update along their mean. The sum of the losses.
    ///
    /// # Errors
    /// Never: the architectures are in the space.
    ///
    /// # Panics
    /// Never: the second thread does what the first one does.
    pub fn run(&mut self) -> Result<f32> {
        let network = self.network.take().expect("the network is put back at the end of every step");
        let read = |loss: &Tensor<1>| loss.clone().inner().into_scalar::<f32>();
        let (lesson, mut total) = (&self.lesson, 0.0);
        if let Some(device) = &self.side_by_side {
            // The largest network is somewhat less than half of the work. The second thread has leaves of its own, hence a
            // tape of its own, on the same numbers.
            let other = network.clone().fork(device);
            let (first, rest) = std::thread::scope(|scope| {
                let rest = scope.spawn(|| {
                    let (mut sum, mut total) = (GradientsAccumulator::new(), 0.0);
                    for which in 1..4 {
                        let loss = lesson.loss(&other, which)?;
                        total += read(&loss);
                        sum.accumulate(&other, GradientsParams::from_grads(loss.backward(), &other));
                    }
                    Result::Ok((sum.grads(), total))
                });
                let first = lesson.loss(&network, 0).map(|loss| {
                    let value = read(&loss);
                    (GradientsParams::from_grads(loss.backward(), &network), value)
                });
                (first, rest.join().expect("the second thread does what the first one does"))
            });
            for (part, losses) in [(first, 1), (rest, 3)] {
                let (gradients, value) = part?;
                total += value;
                self.descent.add_sum(&network, gradients, losses);
            }
        } else {
            for which in 0..4 {
                let loss = lesson.loss(&network, which)?;
                total += read(&loss);
                self.descent.add(&network, &loss);
            }
        }
        self.network = Some(self.descent.step(network, 1e-3));
        self.lesson.step += 1;
        Ok(total)
    }
}

/// Translations of sentences by an untrained network, whose beams run to the longest translation allowed.
pub struct Search {
    network: ElasticTransformer,
    architecture: TransformerArchitecture,
    sources: Vec<Vec<u32>>,
    device: Device,
}

impl Search {
    /// So many sentences of twenty words for the largest network.
    ///
    /// # Errors
    /// Never: the spaces and the architectures are in order.
    pub fn new(size: Size, sentences: usize, device: &Device) -> Result<Self> {
        let vocabulary = size.vocabulary();
        let network =
            ElasticTransformer::new(size.space()?, vocabulary, sharing(None), &Streams::new(1), device);
        Ok(Self {
            network,
            architecture: size.space()?.largest(),
            sources: (0..sentences).map(|index| sentence(0, index, vocabulary)[..20].to_vec()).collect(),
            device: device.clone(),
        })
    }

    /// Beam search with kept keys and values, all sentences together; the sum of their scores.
    ///
    /// # Errors
    /// Never: the architecture is in the space and the device answers.
    pub fn kept(&self) -> Result<f32> {
        let subnet = self.network.subnet(&self.architecture)?;
        let sources: Vec<&[u32]> = self.sources.iter().map(Vec::as_slice).collect();
        let found = pollster::block_on(BeamSearch::default().translate(&subnet, &sources, &self.device))?;
        Ok(found.iter().map(|translation| translation.score as f32).sum())
    }

    /// The same with nothing kept, sentence by sentence.
    ///
    /// # Errors
    /// As [`Self::kept`].
    pub fn naive(&self) -> Result<f32> {
        let subnet = self.network.subnet(&self.architecture)?;
        let (rule, mut sum) = (BeamSearch::default(), 0.0);
        for source in &self.sources {
            let search = reference(&rule, &subnet, source, &self.device);
            sum += pollster::block_on(search)?.score as f32;
        }
        Ok(sum)
    }
}
