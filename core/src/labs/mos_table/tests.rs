use super::*;

/// Four architectures, one task; every number below can be checked by hand.
///
/// test: sandwich errs by 2, 2, 2, 2 (scratch order kept); the mixture by 1, 1, 1, 3, and swaps the last two.
const SMALL: &str = "\
task,arch_id,dec_layers,params_nonemb,total_flops,latency_ms,scratch_valid,scratch_test,Sandwich_valid,\
Sandwich_test,Neuron-wise MoS_valid,Neuron-wise MoS_test
toy,0,1,100,10,3,10,20,9,18,9,19
toy,1,1,200,20,3,11,21,10,19,10,20
toy,2,2,300,40,3,12,22,11,20,11,21
toy,3,2,400,30,3,13,23,12,21,12,20
";

fn small() -> MosTable {
    reproduce(SMALL.as_bytes(), 1).expect("the small table is well formed")
}

fn near(found: f64, expected: f64, slack: f64) {
    assert!((found - expected).abs() <= slack, "found {found}, expected {expected} within {slack}");
}

#[test]
fn the_small_table_equals_hand_computed_values() {
    let table = small();
    assert_eq!(table.methods, ["Sandwich", "Neuron-wise MoS"]);
    assert_eq!(table.baseline.as_deref(), Some("Sandwich"));
    let task = &table.tasks[0];
    assert_eq!((task.architectures, task.ceiling), (4, Some(1.0)));
    let test = &task.metrics[0];
    let [sandwich, neuron] = test.methods.as_slice() else { panic!("two methods") };
    assert_eq!((sandwich.error.mean, sandwich.error.low, sandwich.error.high), (2.0, 2.0, 2.0));
    assert_eq!((sandwich.signed_gap, sandwich.centred_error), (2.0, 0.0));
    assert_eq!(sandwich.tau.map(|tau| tau.mean), Some(1.0));
    assert_eq!((sandwich.top_1_regret, sandwich.top_3_regret), (0.0, 0.0));
    // Errors 1, 1, 1, 3: mean 1.5, centred 0.5, 0.5, 0.5, 1.5.
    assert_eq!((neuron.error.mean, neuron.signed_gap, neuron.centred_error), (1.5, 1.5, 0.75));
    // Estimates 19, 20, 21, 20: C = 4, D = 1, tied in the estimate 1: 3 / sqrt(5 * 6).
    near(neuron.tau.expect("defined").mean, 3.0 / 30.0f64.sqrt(), 1e-15);
    assert_eq!(neuron.tau_within_depth, Some(0.0));
    // It puts architecture 2 first: 23 - 22. Of the first three, 1 and 3 tie behind it, and both are taken.
    assert_eq!((neuron.top_1_regret, neuron.top_3_regret), (1.0, 0.0));
    let [low, high] = test.halves.as_slice() else { panic!("two halves") };
    assert_eq!((low.first, low.last, high.first, high.last), (0, 1, 2, 3));
    assert_eq!(low.cells[1], HalfCell { error: 1.0, tau: Some(1.0) });
    assert_eq!(high.cells[1], HalfCell { error: 2.0, tau: Some(-1.0) });
    near(test.comparisons[0].error.interval.mean, -0.5, 1e-15);
    near(test.rankers[0].tau.expect("depth"), 4.0 / 24.0f64.sqrt(), 1e-15);
    assert_eq!(test.rankers[1].tau, Some(1.0));
    near(test.rankers[2].tau.expect("FLOPs"), 4.0 / 6.0, 1e-15);
    assert_eq!(test.rankers[3].tau, None);
}

#[test]
fn equal_seeds_give_equal_tables_that_survive_json() {
    let table = small();
    assert_eq!(table, small());
    let json = serde_json::to_string(&table).expect("plain data");
    assert_eq!(serde_json::from_str::<MosTable>(&json).expect("its own text"), table);
}

#[test]
fn words_and_sentences_follow_from_the_intervals() {
    let table = small();
    let valid = &table.tasks[0].metrics[1].comparisons[0];
    // On the validation set both are off by exactly 1.
    assert_eq!(valid.error.word, VerdictWord::NotSupported);
    assert_eq!(valid.tau.map(|tau| tau.word), Some(VerdictWord::NotSupported));
    let text = table.findings.join("\n");
    assert!(text.contains("Gap claim (a smaller mean absolute error), valid BLEU"), "{text}");
    assert!(text.contains("holds on none of 1 tasks. toy 0.00 [0.00, 0.00] not supported."), "{text}");
    assert!(text.contains("Top-1 regret is above 0 in 1 of 4 rows, at most 1.00 BLEU."), "{text}");
    assert!(text.contains("In 4 of 4 rows the error equals"), "{text}");
    assert!(table.cautions.is_empty(), "{:?}", table.cautions);

    let clear = SMALL.replace(",9,19\n", ",9,20\n").replace(",12,20\n", ",12,23\n");
    let table = reproduce(clear.as_bytes(), 1).expect("well formed");
    // Errors 0, 1, 1, 0 against 2 throughout: better in every resample.
    assert_eq!(table.tasks[0].metrics[0].comparisons[0].error.word, VerdictWord::Supported);
    assert!(table.findings[0].contains("holds on all 1 tasks"), "{:?}", table.findings);
}

#[test]
fn copied_columns_are_noticed() {
    let copied = SMALL.replace("9,18,9,19", "9,18,9,18").replace("10,19,10,20", "10,19,10,19");
    let table = reproduce(copied.as_bytes(), 1).expect("well formed");
    assert_eq!(table.cautions.len(), 1);
    assert!(table.cautions[0].contains("for 2 of 4 architectures (part: 0-1)"), "{:?}", table.cautions);
}

#[test]
fn without_a_sandwich_or_a_mixture_no_claim_is_made() {
    let table = reproduce(SMALL.replace("Sandwich", "Plain").as_bytes(), 1).expect("well formed");
    assert!(table.baseline.is_none() && table.tasks[0].metrics[0].comparisons.is_empty());
    assert!(table.findings[0].contains("No method is called a sandwich supernet"), "{:?}", table.findings);
    let table = reproduce(SMALL.replace("Neuron-wise MoS", "HAT").as_bytes(), 1).expect("well formed");
    assert!(
        table.findings[0].contains("No method besides Sandwich is called a mixture"),
        "{:?}",
        table.findings
    );
    assert!(!table.text().contains("minus Sandwich"));
}

#[test]
fn the_text_is_aligned_and_narrow() {
    let text = small().text();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("toy, test BLEU, 4 architectures"), "{text}");
    assert!(text.contains("Sandwich         2.00 [2.00, 2.00]  +2.00     0.00"), "{text}");
    assert!(text.contains("latency n/a"), "{text}");
}

#[test]
fn malformed_files_are_refused_by_line_and_column() {
    let refused = |text: &str| reproduce(text.as_bytes(), 1).expect_err("malformed").to_string();
    let says = |text: &str, parts: &[&str]| {
        let error = refused(text);
        parts.iter().for_each(|part| assert!(error.contains(part), "`{part}` is not in: {error}"));
    };
    says("", &["CSV, line 1", "the file is empty"]);
    says(SMALL.lines().next().expect("a header"), &["line 1", "no row below it"]);
    says(
        &SMALL.replace("dec_layers", "dec_layer"),
        &["line 1", "column `dec_layers` is missing", "dec_layer`"],
    );
    says(&SMALL.replace("MoS_test", "MoS_tset"), &["line 1", "column `Neuron-wise MoS_test` is missing"]);
    says(&SMALL.replace("latency_ms", "latency_ms,colour"), &["line 1, column 7", "`colour` is unknown"]);
    says(&SMALL.replace("total_flops", "task"), &["line 1, column 5", "`task` is there twice"]);
    says(
        &SMALL.replace("11,21,10", "11,fast,10"),
        &["line 3, column 8", "`scratch_test` is `fast`", "a number"],
    );
    says(&SMALL.replace("11,21,10", "11,NaN,10"), &["line 3, column 8", "`NaN`"]);
    says(
        &SMALL.replace("toy,2,2", "toy,2,1.5"),
        &["line 4, column 3", "`dec_layers` is `1.5`", "whole number"],
    );
    says(
        &SMALL.replace(",12,20\n", ",12\n"),
        &["line 5, column 12", "the row has 11 fields, the header has 12"],
    );
    says(&SMALL.replace(",12,20\n", ",12,20,7\n"), &["line 5, column 13", "the row has 13 fields"]);
    says(
        &SMALL.replace("toy,1", "toy,0"),
        &["line 3, column 2", "architecture 0 of task `toy` is given twice"],
    );
    says(&SMALL.replace("toy,1", ",1"), &["line 3, column 1", "a name"]);
    says(&SMALL.replace("toy,1", "other,1"), &["task `toy` has 3 architectures; at least 4"]);
    let no_method =
        "task,arch_id,dec_layers,params_nonemb,total_flops,latency_ms,scratch_valid,scratch_test\n";
    says(no_method, &["line 1", "there is no method"]);
    let mut bytes = SMALL.as_bytes().to_vec();
    let at = SMALL.find("toy,1").expect("the second row");
    bytes[at] = 0xff;
    let error = reproduce(&bytes, 1).expect_err("not UTF-8").to_string();
    assert!(error.contains("line 3, column 1") && error.contains("UTF-8"), "{error}");
}

#[test]
fn errors_name_the_line_whatever_the_line_ends() {
    let quoted = SMALL.replace("Neuron-wise MoS_valid", "\"Neuron-wise\nMoS_valid\"");
    let quoted = quoted.replace("Neuron-wise MoS_test", "\"Neuron-wise\nMoS_test\"");
    // The text, and the line on which its header ends.
    for (text, header_end) in [(SMALL.to_owned(), 1), (format!("\n\n{SMALL}"), 3), (quoted, 3)] {
        for end in ["\n", "\r\n"] {
            for tail in [end, ""] {
                let whole = text.trim_end().replace('\n', end) + tail;
                assert!(reproduce(whole.as_bytes(), 1).is_ok(), "{whole:?}");
                let says = |from: &str, to: &str, place: String| {
                    let damaged = whole.replace(from, to);
                    let error = reproduce(damaged.as_bytes(), 1).expect_err(&place).to_string();
                    assert!(error.contains(&place), "{error}\n{place}\n{damaged:?}");
                };
                let row = |row: u64| header_end + 1 + row;
                says("12,22,11", "12,x,11", format!("line {}, column 8:", row(2)));
                says("13,23,12", "13,x,12", format!("line {}, column 8:", row(3)));
                says("toy,3,2", "toy,3", format!("line {}, column 12:", row(3)));
                says("toy,3,", "toy,2,", format!("line {}, column 2:", row(3)));
                let at = whole.find("toy,2").expect("the third row");
                let mut bytes = whole.clone().into_bytes();
                bytes[at] = 0xE4;
                let error = reproduce(&bytes, 1).expect_err("not UTF-8").to_string();
                assert!(error.contains(&format!("line {}, column 1:", row(2))), "{error}");
            }
        }
    }
    let unknown = format!("\u{feff}\r\n\r\n{}", SMALL.replace("dec_layers", "dec_layer"));
    let error = reproduce(unknown.as_bytes(), 1).expect_err("a column is missing").to_string();
    assert!(error.contains("line 3: column `dec_layers` is missing"), "{error}");
}

/// Reads the released numbers where they are: `SWITCHYARD_DATA`, or `../shared/data` beside the workspace.
fn released() -> Option<Vec<u8>> {
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("SWITCHYARD_DATA").map_or_else(beside, std::path::PathBuf::from);
    let bytes = std::fs::read(folder.join("mos_mt30.csv")).ok();
    if bytes.is_none() {
        eprintln!(
            "skipped: no mos_mt30.csv in {}; set SWITCHYARD_DATA to check against it",
            folder.display()
        );
    }
    bytes
}

#[test]
fn the_released_numbers_give_the_known_table() {
    let Some(bytes) = released() else { return };
    let table = reproduce(&bytes, 0).expect("the released file is well formed");
    // (error, signed gap, centred error, tau) per task: numpy, and scipy.stats.kendalltau.
    let test: [[(f64, f64, f64); 4]; 3] = [
        [(1.802, 0.2217, 0.7243), (1.6873, 0.236, 0.806), (1.697, 0.5088, 0.5029), (1.2083, 0.3277, 0.6014)],
        [(1.5603, 0.3156, 0.7581), (1.294, 0.2953, 0.689), (1.1943, 0.2236, 0.7705), (1.188, 0.2528, 0.8258)],
        [(1.88, 0.392, 0.8318), (1.88, 0.392, 0.8318), (1.5173, 0.336, 0.8305), (1.452, 0.3357, 0.8207)],
    ];
    let within_depth =
        [[0.3986, 0.6, 0.1787, 0.2534], [0.3904, 0.263, 0.4674, 0.6186], [0.5324, 0.5324, 0.4949, 0.5102]];
    for ((task, expected), depth) in table.tasks.iter().zip(test).zip(within_depth) {
        for ((row, (error, centred, tau)), within) in task.metrics[0].methods.iter().zip(expected).zip(depth)
        {
            near(row.error.mean, error, 6e-5);
            near(row.signed_gap, error, 6e-5);
            near(row.centred_error, centred, 6e-5);
            near(row.tau.expect("defined").mean, tau, 6e-5);
            near(row.tau_within_depth.expect("defined"), within, 6e-5);
            assert_eq!((row.top_1_regret, row.top_3_regret), (0.0, 0.0));
        }
    }
    let ceilings = [0.7197, 0.8779, 0.7982];
    let by_depth = [0.7759, 0.775, 0.8137];
    for ((task, ceiling), depth) in table.tasks.iter().zip(ceilings).zip(by_depth) {
        near(task.ceiling.expect("defined"), ceiling, 6e-5);
        near(task.metrics[0].rankers[0].tau.expect("defined"), depth, 6e-5);
    }
    let halves = &table.tasks[0].metrics[0].halves;
    near(halves[0].cells[0].error, 1.84, 6e-3);
    near(halves[1].cells[3].tau.expect("defined"), 0.49, 6e-3);
}

#[test]
fn the_released_numbers_give_the_known_intervals_and_words() {
    let Some(bytes) = released() else { return };
    let table = reproduce(&bytes, 0).expect("the released file is well formed");
    let ends = |interval: &Interval, low: f64, high: f64| {
        near(interval.low, low, 0.03);
        near(interval.high, high, 0.03);
    };
    // Another generator's 2,000 resamples; its ends are good to a few hundredths.
    let sandwich = &table.tasks[0].metrics[0].methods[1];
    ends(&sandwich.error, 1.57, 1.79);
    ends(&sandwich.tau.expect("defined"), 0.66, 0.91);
    let differences = [(-0.58, -0.38, -0.37, -0.05), (-0.17, -0.04, 0.01, 0.27), (-0.52, -0.34, -0.11, 0.09)];
    use VerdictWord::{Contradicted, Inconclusive, Supported};
    let rank_words = [Contradicted, Supported, Inconclusive];
    for ((task, (low, high, tau_low, tau_high)), rank_word) in
        table.tasks.iter().zip(differences).zip(rank_words)
    {
        let neuron = &task.metrics[0].comparisons[1];
        assert_eq!((neuron.method.as_str(), neuron.error.word), ("Neuron-wise MoS", Supported));
        ends(&neuron.error.interval, low, high);
        let tau = neuron.tau.expect("defined");
        ends(&tau.interval, tau_low, tau_high);
        assert_eq!(tau.word, rank_word, "{}", task.task);
    }
    assert_eq!(table.cautions.len(), 2, "{:?}", table.cautions);
    assert!(
        table.cautions[0].contains("wmt14ende") && table.cautions[0].contains("15-29"),
        "{:?}",
        table.cautions
    );
    assert!(
        table.cautions[1].contains("wmt19ende") && table.cautions[1].contains("all: 0-29"),
        "{:?}",
        table.cautions
    );
    let text = table.text();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}
