//! What holds for every text.

use super::*;
use proptest::prelude::*;

/// Words with the marks, entities and scripts that could trip a tokeniser, and any characters at all.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-d]{1,2}",
        2 => "[0-9.,'&<>/()!-]{1,4}",
        1 => prop::sample::select(vec!["&quot;", "&amp;", "<skipped>", "-\n", "\u{1c}", "\u{0}", "🙂", "שלום", "Σ"])
            .prop_map(String::from),
        1 => "\\PC{0,3}",
        1 => any::<String>(),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

type Corpus = Vec<(String, Vec<String>)>;

fn corpus() -> impl Strategy<Value = Corpus> {
    prop::collection::vec((text(), prop::collection::vec(text(), 1..4)), 1..6)
}

fn options() -> impl Strategy<Value = BleuOptions> {
    let tokeniser = prop::sample::select(vec![Tokeniser::Mteval13a, Tokeniser::None, Tokeniser::Character]);
    let smoothing = prop_oneof![
        Just(Smoothing::Exponential),
        (0.0..=1.0).prop_map(Smoothing::Floor),
        (0.0..3.0).prop_map(Smoothing::AddK),
        Just(Smoothing::None),
    ];
    (tokeniser, smoothing, any::<bool>(), any::<bool>()).prop_map(
        |(tokeniser, smoothing, effective_order, lowercase)| BleuOptions {
            tokeniser,
            smoothing,
            effective_order,
            lowercase,
        },
    )
}

fn chrf_options() -> impl Strategy<Value = ChrfOptions> {
    (any::<bool>(), any::<bool>()).prop_map(|(words, lowercase)| ChrfOptions { words, lowercase })
}

fn bleu(corpus: &Corpus, options: &BleuOptions) -> Bleu {
    let (hypotheses, references): (Vec<_>, Vec<_>) = corpus.iter().cloned().unzip();
    corpus_bleu(&hypotheses, &references, options).expect("a corpus")
}

fn chrf(corpus: &Corpus, options: &ChrfOptions) -> f64 {
    let (hypotheses, references): (Vec<_>, Vec<_>) = corpus.iter().cloned().unzip();
    corpus_chrf(&hypotheses, &references, options).expect("a corpus")
}

proptest! {
    #[test]
    fn scores_lie_between_0_and_100(corpus in corpus(), options in options(), chrf_options in chrf_options()) {
        let found = bleu(&corpus, &options);
        prop_assert!((0.0..=100.0).contains(&found.score), "{}", found.score);
        prop_assert!(found.precisions.iter().all(|precision| (0.0..=100.0).contains(precision)));
        prop_assert!((0.0..=1.0).contains(&found.brevity_penalty));
        prop_assert!((0.0..=100.0).contains(&chrf(&corpus, &chrf_options)));
        for (text, references) in &corpus {
            let sentence = sentence_bleu(text, references, &options).expect("references").score;
            prop_assert!((0.0..=100.0).contains(&sentence));
        }
    }

    #[test]
    fn equal_texts_score_100(texts in prop::collection::vec(text(), 1..5), lowercase in any::<bool>()) {
        let corpus: Corpus =
            texts.iter().map(|text| (format!("{text} a b c d"), vec![format!("{text} a b c d")])).collect();
        let found = bleu(&corpus, &BleuOptions { lowercase, ..BleuOptions::default() }).score;
        prop_assert!((found - 100.0).abs() < 1e-9, "{found}");
        for words in [false, true] {
            prop_assert_eq!(chrf(&corpus, &ChrfOptions { words, lowercase }), 100.0);
        }
    }

    #[test]
    fn the_order_of_segments_does_not_matter(
        (corpus, shuffled) in corpus().prop_flat_map(|corpus| (Just(corpus.clone()), Just(corpus).prop_shuffle())),
        options in options(),
        chrf_options in chrf_options(),
    ) {
        prop_assert_eq!(bleu(&corpus, &options), bleu(&shuffled, &options));
        prop_assert_eq!(chrf(&corpus, &chrf_options), chrf(&shuffled, &chrf_options));
    }

    #[test]
    fn the_statistics_of_parts_add_up(
        first in corpus(), second in corpus(), options in options(), chrf_options in chrf_options(),
    ) {
        let joined: Corpus = first.iter().chain(&second).cloned().collect();
        let parts: Vec<(Vec<_>, Vec<_>)> = [first, second].map(|part| part.into_iter().unzip()).to_vec();
        let (mut sum, mut chrf_sum) = (BleuStatistics::default(), ChrfStatistics::default());
        for (hypotheses, references) in &parts {
            let segments = bleu_statistics(hypotheses, references, &options).expect("a corpus");
            sum += &segments.iter().sum();
            let segments = chrf_statistics(hypotheses, references, &chrf_options).expect("a corpus");
            chrf_sum += &segments.iter().sum();
        }
        prop_assert_eq!(sum.score(&options).expect("options in range"), bleu(&joined, &options));
        prop_assert_eq!(chrf_sum.score(), chrf(&joined, &chrf_options));
    }

    #[test]
    fn tokenising_only_moves_white_space(text in "[ a-c0-9.,'!?()/-]{0,30}") {
        let letters = |text: &str| tokenise::words(text).collect::<String>();
        for tokeniser in [Tokeniser::Mteval13a, Tokeniser::None, Tokeniser::Character] {
            prop_assert_eq!(letters(&tokenise(&text, tokeniser)), letters(&text));
        }
    }
}

#[test]
fn a_precision_of_equal_texts_is_100_whatever_is_added() {
    for added in [0.046_935_336_669_460_57, 0.1, 0.3, 1.0, 2.7] {
        let options = BleuOptions { smoothing: Smoothing::AddK(added), ..BleuOptions::default() };
        for texts in ["d", "d e", "d e f g h"] {
            let found = corpus_bleu(&[texts], &[[texts]], &options).expect("a corpus");
            assert!(found.precisions.iter().all(|&precision| precision == 100.0), "{added}: {found:?}");
        }
    }
}

#[test]
fn corpora_that_do_not_pair_up_and_options_out_of_range_are_refused() {
    let options = BleuOptions::default();
    let problem = |result: Result<Bleu>| result.expect_err("inconsistent").to_string();
    let none: [[&str; 1]; 0] = [];
    assert!(problem(corpus_bleu(&[] as &[&str], &none, &options)).contains("at least one segment"));
    assert!(problem(corpus_bleu(&["a", "b"], &[["a"]], &options)).contains("2 hypotheses"));
    let lists = [vec!["a"], vec![]];
    assert!(problem(corpus_bleu(&["a", "b"], &lists, &options)).contains("segment 1"));
    assert!(corpus_chrf(&["a", "b"], &lists, &ChrfOptions::CHRF).is_err());
    assert!(sentence_bleu("a", &[] as &[&str], &options).is_err());
    assert!(sentence_chrf("a", &[] as &[&str], &ChrfOptions::CHRF).is_err());
    for smoothing in [Smoothing::Floor(1.5), Smoothing::Floor(f64::NAN), Smoothing::AddK(-1.0)] {
        let refused = corpus_bleu(&["a"], &[["a"]], &BleuOptions { smoothing, ..options });
        assert!(problem(refused).contains("smoothing"));
    }
}
