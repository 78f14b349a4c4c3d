//! What every predictor has to do, and which of them does it better.

use super::*;
use crate::statistics::Interval;

/// Ten features of the kind of HAT's, drawn at random.
fn rows(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut stream = Streams::new(seed).stream("test");
    let mut choice = |from: &[f64]| from[stream.below(from.len())];
    let mut row = || {
        vec![
            choice(&[512.0, 640.0]),
            6.0,
            choice(&[1024.0, 1536.0, 2048.0, 3072.0]),
            choice(&[4.0, 8.0]),
            choice(&[512.0, 640.0]),
            choice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            choice(&[1024.0, 1536.0, 2048.0, 3072.0]),
            choice(&[4.0, 8.0]),
            choice(&[4.0, 8.0]),
            choice(&[1.0, 1.5, 2.0, 2.5, 3.0]),
        ]
    };
    (0..count).map(|_| row()).collect()
}

fn columns() -> Vec<String> {
    let mut names: Vec<String> = (0..10).map(|place| format!("feature {place}")).collect();
    names[5] = depth::COLUMN.to_owned();
    names
}

/// Rows with targets of a function.
fn dataset(count: usize, target: impl Fn(&[f64]) -> f64) -> Dataset {
    let rows = rows(count, 1);
    let targets = rows.iter().map(|row| target(row)).collect();
    Dataset::new(columns(), rows, targets).expect("whole")
}

/// A latency: layers times what a layer costs, which no linear map of the features is.
fn latency(row: &[f64]) -> f64 {
    20.0 + row[5] * (6.0 + 0.008 * row[4] * row[6] / 1024.0 * if row[9] > 2.0 { 2.0 } else { 1.0 })
}

/// Small enough for tests.
fn quick() -> PredictorConfig {
    PredictorConfig { width: Some(24), steps: Some(600), rounds: Some(150), ..PredictorConfig::default() }
}

fn fitted(name: &str, dataset: &Dataset, seed: u64) -> Box<dyn Predictor> {
    fit(name, &quick(), dataset, &Streams::new(seed)).expect("fits")
}

fn bits(predictor: &dyn Predictor, rows: &[Vec<f64>]) -> Vec<u64> {
    rows.iter().map(|row| predictor.predict(row).to_bits()).collect()
}

#[test]
fn ridge_finds_a_linear_function_again() {
    let linear = |row: &[f64]| 3.0 * row[5] - 0.01 * row[2] + 0.5 * row[9] + 7.0;
    let ridge = fitted("ridge", &dataset(60, linear), 1);
    for row in rows(50, 2) {
        assert!((ridge.predict(&row) - linear(&row)).abs() < 1e-5, "{}", ridge.predict(&row) - linear(&row));
    }
}

#[test]
fn depth_is_the_line_through_its_column() {
    let depth = fitted("depth", &dataset(60, |row| 4.0 * row[5] + 1.0), 1);
    assert!((depth.predict(&[0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]) - 41.0).abs() < 1e-9);
    let other = PredictorConfig { depth_column: Some("feature 2".to_owned()), ..quick() };
    let of_width = fit("depth", &other, &dataset(60, |row| row[2]), &Streams::new(1)).expect("fits");
    assert!((of_width.predict(&rows(1, 3)[0]) - rows(1, 3)[0][2]).abs() < 1e-9);
}

#[test]
fn trees_and_perceptron_beat_ridge_where_the_truth_is_not_linear_and_all_beat_the_depth() {
    let names = ["mean", "depth", "ridge", "trees", "perceptron"];
    let found = assess(&names, &quick(), &dataset(500, latency), 4, &Streams::new(3)).expect("defined");
    let [mean, depth, ridge, trees, perceptron] = found.as_slice() else { panic!("five were asked") };
    for better in [trees, perceptron] {
        assert!(better.mean_absolute_error.high < ridge.mean_absolute_error.low, "{better:?} {ridge:?}");
    }
    let rank = |assessment: &Assessment| assessment.kendall_tau.expect("defined");
    assert!(rank(trees).low > 0.9 && rank(ridge).low > rank(depth).high, "{found:?}");
    for better in [ridge, trees, perceptron] {
        assert!(better.against_depth.high < 0.0, "{better:?}");
    }
    assert!(mean.against_depth.low > 0.0 && mean.kendall_tau.is_none(), "{mean:?}");
    assert_eq!((depth.against_depth.low, depth.against_depth.high), (0.0, 0.0));
    for assessment in &found {
        let Interval { mean, low, high } = assessment.root_mean_squared_error;
        assert!(low <= mean && mean <= high && mean >= assessment.mean_absolute_error.mean);
        assert!(assessment.mean_absolute_percentage_error.is_some());
        assert_eq!(assessment.rows, 500);
    }
}

#[test]
fn nothing_beats_the_mean_on_noise() {
    let mut stream = Streams::new(8).stream("noise");
    let noise: Vec<f64> = (0..240).map(|_| 100.0 + stream.normal()).collect();
    let dataset = Dataset::new(columns(), rows(240, 4), noise).expect("whole");
    let found = assess(&PREDICTOR_NAMES, &quick(), &dataset, 4, &Streams::new(5)).expect("defined");
    let floor = found[0].mean_absolute_error;
    for assessment in &found {
        assert!(assessment.mean_absolute_error.mean > 0.97 * floor.mean, "{assessment:?}");
        assert!(assessment.against_depth.high >= 0.0, "{assessment:?}");
        assert!(assessment.mean_absolute_error.mean < 1.25 * floor.mean, "{assessment:?}");
        if let Some(tau) = assessment.kendall_tau {
            assert!(tau.low < 0.05, "{assessment:?}");
        }
    }
}

#[test]
fn equal_seeds_repeat_bit_for_bit_and_others_do_not() {
    let (dataset, asked) = (dataset(80, latency), rows(20, 9));
    for name in PREDICTOR_NAMES {
        let first = bits(&*fitted(name, &dataset, 1), &asked);
        assert_eq!(first, bits(&*fitted(name, &dataset, 1), &asked), "{name}");
        let draws = matches!(name, "trees" | "perceptron");
        assert_eq!(first != bits(&*fitted(name, &dataset, 2), &asked), draws, "{name}");
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let (sorted, asked) = (dataset(80, latency), rows(20, 9));
    let order = Streams::new(6).stream("test").permutation(80);
    let shuffled = Dataset::new(
        columns(),
        order.iter().map(|place| sorted.rows()[*place].clone()).collect(),
        order.iter().map(|place| sorted.targets()[*place]).collect(),
    )
    .expect("whole");
    assert_eq!(sorted, shuffled);
    for name in PREDICTOR_NAMES {
        assert_eq!(bits(&*fitted(name, &sorted, 1), &asked), bits(&*fitted(name, &shuffled, 1), &asked));
    }
}

#[test]
fn constant_targets_columns_and_rows_give_plain_numbers() {
    let alike = |targets: Vec<f64>| Dataset::new(columns(), vec![rows(1, 1)[0].clone(); 12], targets);
    let varied: Vec<f64> = (0..12).map(f64::from).collect();
    let cases = [
        (dataset(40, |_| 0.1 + 0.2), 0.1 + 0.2),
        (alike(vec![7.0; 12]).expect("whole"), 7.0),
        (alike(varied).expect("whole"), 5.5),
    ];
    for (dataset, expected) in cases {
        for name in PREDICTOR_NAMES {
            for row in rows(5, 2) {
                let found = fitted(name, &dataset, 1).predict(&row);
                assert!((found - expected).abs() < 1e-9, "{name}: {found}");
            }
        }
    }
    let constant = assess(&PREDICTOR_NAMES, &quick(), &dataset(40, |_| 3.0), 4, &Streams::new(1));
    for assessment in constant.expect("defined") {
        assert!(assessment.kendall_tau.is_none() && assessment.mean_absolute_error.mean < 1e-9);
    }
}

#[test]
fn what_cannot_be_fitted_is_refused_with_a_sentence() {
    let dataset = dataset(40, latency);
    let refusal = |name: &str, config: PredictorConfig| {
        let fitted = fit(name, &config, &dataset, &Streams::new(1));
        fitted.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let depth_column = Some("decoder layer".to_owned());
    let cases = [
        (refusal("rigde", quick()), "did you mean `ridge`?"),
        (refusal("depth", PredictorConfig { depth_column, ..quick() }), "did you mean `decoder layers`?"),
        (refusal("trees", PredictorConfig { rounds: Some(0), ..quick() }), "`rounds` is 0"),
        (refusal("perceptron", PredictorConfig { width: Some(0), ..quick() }), "`width` is 0"),
        (refusal("perceptron", PredictorConfig { steps: Some(0), ..quick() }), "`steps` is 0"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "`{message}` should say `{expected}`");
    }
    let folds = assess(&["mean"], &quick(), &dataset, 41, &Streams::new(1)).expect_err("too many folds");
    assert!(folds.to_string().contains("`folds` is 41"), "{folds}");
    assert!(assess(&["median"], &quick(), &dataset, 4, &Streams::new(1)).is_err());
}

#[test]
#[should_panic(expected = "a row has 3 numbers")]
fn a_row_of_another_length_is_a_mistake_of_the_caller() {
    fitted("mean", &dataset(40, latency), 1).predict(&[1.0, 2.0, 3.0]);
}

#[test]
fn every_row_of_the_registry_is_complete() {
    for info in PREDICTORS {
        assert_eq!(fitted(info.name, &dataset(40, latency), 1).name(), info.name);
        assert!(!info.rule.is_empty() && !info.pitfall.is_empty() && !info.paper.is_empty());
    }
}
