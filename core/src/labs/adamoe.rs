//! AdaMoE: null experts let a token use fewer true ones (Zeng et al. 2024, arXiv 2406.13233).
//!
//! All methods have experts of one size, so what varies is how many a character uses. The paper's claim is then a matter
//! of two numbers, the loss and the mean number of true experts: adaptive numbers should lie below the straight line from
//! top-1 to top-2, which anyone reaches by flipping a coin between the two. The baseline is one network of as many active
//! parameters as top-2, the strongest cheap one is that line, and the control gives nulls by a hash of the character
//! instead of by need.

use super::token_routing::{FIELD_COUNT, Offer, RoutingLab, fields};
use crate::experiment::{Field, Paper, Preset, Value};

const NAMES: [&str; 8] = [
    "dense",
    "top-1",
    "top-2",
    "top-3",
    "adamoe-2-nulls",
    "adamoe-4-nulls",
    "adamoe-6-nulls",
    "hash-4-nulls",
];

static FIELDS: [Field; FIELD_COUNT] = fields(Offer {
    methods: &NAMES,
    chosen: || ["adamoe-4-nulls"].into(),
    sources: Offer::TEXT,
    source: || "language".into(),
});

#[cfg(feature = "engine")]
mod parts {
    use std::collections::BTreeMap;

    use crate::Result;
    use crate::experiment::work::Local;
    use crate::labs::numbers::{cross_entropies, mean};
    use crate::labs::token_routing::{
        Against, Ended, Method, Numbers, Question, Results, Story, Study, study_table,
    };
    use crate::plate::{Axis, Plate, Point, Scatter, Series};
    use crate::routing::assigners::{HashOfIdentity, TopK};
    use crate::routing::routers::{Recipe, RouterLoss, ScorerKind, Setting, adamoe, top_k};
    use crate::statistics::{Direction, mean_with_t_interval, pearson_r};

    /// How many slots, true and null, AdaMoE chooses.
    const CHOICES: usize = 3;

    /// In the order of `NAMES`.
    pub static METHODS: [Method; super::NAMES.len()] = [
        Method::DENSE,
        method("top-1", |setting| plain(setting, 1)),
        method("top-2", |setting| plain(setting, 2)),
        method("top-3", |setting| plain(setting, 3)),
        method("adamoe-2-nulls", |setting| with_nulls(setting, 2)),
        method("adamoe-4-nulls", |setting| with_nulls(setting, 4)),
        method("adamoe-6-nulls", |setting| with_nulls(setting, 6)),
        method("hash-4-nulls", |setting| Recipe {
            scorer: ScorerKind::None,
            assigner: Box::new(HashOfIdentity { k: CHOICES }),
            losses: Vec::new(),
            ..with_nulls(setting, 4)
        }),
    ];

    const fn method(name: &'static str, build: fn(&Setting) -> Recipe) -> Method {
        Method { sized_for: Some(2.0), ..Method::routed(name, true, build) }
    }

    fn plain(setting: &Setting, k: usize) -> Recipe {
        (top_k::ROUTER.recipe)(&Setting { k: k.min(setting.experts), ..*setting })
    }

    fn with_nulls(setting: &Setting, nulls: usize) -> Recipe {
        let k = CHOICES.min(setting.experts);
        Recipe {
            nulls,
            active: (k * setting.experts) as f64 / (setting.experts + nulls) as f64,
            assigner: Box::new(TopK { k }),
            losses: vec![(RouterLoss::NullBucket, 0.01)],
            ..(adamoe::ROUTER.recipe)(setting)
        }
    }

    pub static STORY: Story = Story {
        questions: &[
            Question {
                quantity: "above_line",
                words: "height above the line from top-1 to top-2, nats",
                direction: Direction::Lower,
                claim: "lies below the line from top-1 to top-2",
                of: &["adamoe-2-nulls", "adamoe-4-nulls", "adamoe-6-nulls"],
                against: Against::Level(0.0),
                smallest: Some(0.01),
                is_claim: true,
            },
            Question {
                of: &["adamoe-2-nulls", "adamoe-4-nulls", "adamoe-6-nulls", "hash-4-nulls", "top-3"],
                against: Against::Methods(&["top-2", "dense", "hash-4-nulls"]),
                ..Question::of_loss("has a lower test loss than")
            },
            Question {
                quantity: "null_correlation",
                words: "correlation of a character's null experts and its loss",
                direction: Direction::Lower,
                claim: "gives fewer null experts to characters that are hard to guess",
                of: &["adamoe-2-nulls", "adamoe-4-nulls", "adamoe-6-nulls"],
                against: Against::Level(0.0),
                smallest: Some(0.2),
                is_claim: true,
            },
        ],
        study: &Nulls,
        paper: "Zeng et al. 2024: Mixtral fine-tuned on ARC-C with 14.5% fewer FLOPs answers 1.69 points more.",
    };

    /// Who uses how many experts, and what it costs.
    struct Nulls;

    impl Study for Nulls {
        fn numbers<'a>(&'a self, ended: &'a Ended<'a>) -> Local<'a, Result<Numbers>> {
            Box::pin(async move { Ok(nulls(ended)) })
        }

        fn derived(&self, results: &Results<'_>) -> Result<BTreeMap<&'static str, Numbers>> {
            above_line(results)
        }

        fn plates(&self, results: &Results<'_>) -> Result<Vec<Plate>> {
            let columns = [
                ("experts", "true experts", ""),
                ("test_loss", "test loss", "nats"),
                ("above_line", "above the line", "nats"),
                ("null_correlation", "nulls and loss", ""),
            ];
            let title = "What adaptive numbers of experts buy";
            let caption = "Mean true experts of a character and layer; the test loss; how far the loss lies above the straight \
                           line from top-1 to top-2 at that number of experts; the correlation, over characters, of null \
                           choices and loss. Means over seeds with 95% intervals.";
            let mut plates = vec![trade_off(results)?, study_table(results, title, caption, &columns)];
            plates.extend(by_class(results));
            Ok(plates)
        }
    }

    /// The correlation of null choices and loss, and the mean true experts of each word class.
    fn nulls(ended: &Ended<'_>) -> Numbers {
        let (context, answers) = (ended.context, ended.answers);
        let Some(recipe) = ended.trainer.recipe() else { return Numbers::new() };
        let units = context.targets.len();
        let mut used = vec![0.0; units];
        for layer in &answers.layers {
            let is_true = |edge: &&crate::routing::Edge| edge.slot < recipe.experts;
            layer.edges.iter().filter(is_true).for_each(|edge| used[edge.unit] += 1.0);
        }
        let layers = answers.layers.len().max(1) as f64;
        used.iter_mut().for_each(|count| *count /= layers);
        let losses = cross_entropies(&answers.logits, answers.classes, &context.targets);
        let mut numbers = Numbers::new();
        // Who uses equally many experts for all characters has no correlation.
        if let Ok(value) = pearson_r(&used, &losses) {
            numbers.insert("null_correlation".to_owned(), vec![-value]);
        }
        if let Some(classes) = context.task.keys().first() {
            let of = |class: usize| -> f64 {
                let those = used.iter().zip(&classes.values).filter(|(_, value)| **value == class);
                mean(&those.map(|(count, _)| *count).collect::<Vec<_>>())
            };
            numbers.insert("experts_by_class".to_owned(), (0..classes.names.len()).map(of).collect());
        }
        numbers
    }

    /// How far each method's loss lies above the line from top-1 to top-2, seed by seed.
    fn above_line(results: &Results<'_>) -> Result<BTreeMap<&'static str, Numbers>> {
        let find = |name: &str| results.context.methods.iter().find(|method| method.name == name);
        let (Some(one), Some(two)) = (find("top-1"), find("top-2")) else { return Ok(BTreeMap::new()) };
        let ends = [results.column(one, "test_loss")?, results.column(two, "test_loss")?];
        let mut derived = BTreeMap::new();
        for method in results.context.methods.iter().filter(|method| method.is_routed()) {
            let (losses, experts) =
                (results.column(method, "test_loss")?, results.column(method, "experts")?);
            let above = |(seed, (loss, experts)): (usize, (&f64, &f64))| {
                let line = ends[0][seed] + (experts - 1.0) * (ends[1][seed] - ends[0][seed]);
                loss - line
            };
            let values = losses.iter().zip(&experts).enumerate().map(above).collect();
            derived.insert(method.name, Numbers::from([("above_line".to_owned(), values)]));
        }
        Ok(derived)
    }

    /// Loss against true experts, one point a method.
    fn trade_off(results: &Results<'_>) -> Result<Plate> {
        let mut series = Vec::new();
        for (slot, method) in
            results.context.methods.iter().enumerate().filter(|(_, method)| method.is_routed())
        {
            let (losses, experts) =
                (results.column(method, "test_loss")?, results.column(method, "experts")?);
            let ends = |values: &[f64]| {
                mean_with_t_interval(values).ok().map(|interval| [interval.low, interval.high])
            };
            let point = Point {
                x: mean(&experts),
                y: mean(&losses),
                label: method.name.to_owned(),
                x_interval: ends(&experts),
                y_interval: ends(&losses),
            };
            series.push(Series { name: method.name.to_owned(), slot, points: vec![point] });
        }
        Ok(Plate::Scatter(Scatter {
            title: "Loss against the number of true experts".to_owned(),
            caption: "One point a method, means over seeds with 95% intervals. Adaptive numbers are worth it below the straight \
                      line from top-1 to top-2."
                .to_owned(),
            x: Axis::new("true experts of a character", ""),
            y: Axis::new("test loss", "nats"),
            series,
            ..Scatter::default()
        }))
    }

    /// True experts of each word class, for the methods that vary them.
    fn by_class(results: &Results<'_>) -> Option<Plate> {
        use crate::plate::{Matrix, Scale};
        let names = results.context.task.keys().first()?.names.clone();
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for method in &results.context.methods {
            let Some(seeds) = results.every(method, "experts_by_class") else { continue };
            let of = |class: usize| mean(&seeds.iter().map(|seed| seed[class]).collect::<Vec<_>>());
            rows.push(method.name.to_owned());
            values.push((0..names.len()).map(|class| Some(of(class))).collect());
        }
        (!rows.is_empty()).then(|| {
            Plate::Matrix(Matrix {
                title: "How many experts does a character need?".to_owned(),
                caption: "Mean true experts of a character, by its word class; means over layers and seeds."
                    .to_owned(),
                rows,
                columns: names,
                row_title: "method".to_owned(),
                column_title: "word class".to_owned(),
                unit: String::new(),
                values,
                scale: Scale::Sequential { min: 0.0, max: CHOICES as f64 },
            })
        })
    }
}

const PRESETS: &[Preset] = &[Preset {
    name: "adamoe",
    summary: "How many experts does a character need? Null experts against top-1, top-2 and a hash, 3 seeds.",
    duration: "about a minute",
    values,
}];

fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("seeds", 3.into()),
        ("methods", NAMES.into()),
        ("model.width", 32.into()),
        ("model.experts", 4.into()),
        ("training.steps", 400.into()),
        ("training.batch", 16.into()),
        ("comparison.smallest_effect", 0.02.into()),
    ]
}

/// The lab.
pub(super) static LAB: RoutingLab = RoutingLab {
    name: "adamoe",
    paper: Paper {
        title: "AdaMoE: Token-Adaptive Routing with Null Experts for Mixture-of-Experts Language Models",
        reference: "Zeng et al., Findings of EMNLP 2024, arXiv 2406.13233",
        claim: "Null experts let easy tokens use fewer true ones, so that fewer operations answer as well or better.",
    },
    fields: &FIELDS,
    presets: PRESETS,
    #[cfg(feature = "engine")]
    methods: &parts::METHODS,
    #[cfg(feature = "engine")]
    story: &parts::STORY,
};
