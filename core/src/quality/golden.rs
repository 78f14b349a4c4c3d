//! Golden values: what sacreBLEU 2.6.0 (Python 3.11) computes for sentences of our own.
//!
//! `BLEU(...)` and `CHRF(...)` of `sacrebleu.metrics` with the options named, then
//! `.corpus_score(hypotheses, [first, second])` or `.sentence_score(hypothesis, [first, second])`.

use super::*;

/// Hypothesis, reference and second reference of each segment, one below the other.
const TEXTS: &str = r##"
The little dog runs over the wet grass.
A small dog runs across the wet grass.
The little dog is running over the damp grass.
Ein Mann liest an der Haltestelle eine Zeitung.
Ein Mann liest eine Zeitung an der Haltestelle.
An der Haltestelle liest ein Mann die Zeitung.
The ticket costs 1,234.5 euros, not 1,243.50!
That ticket costs 1,234.5 euros, not 1,243.5.
The price of the ticket is 1,234.5 euros.
Er sagte: &quot;Komm um 8.30 Uhr nach Hause.&quot;
Er sagte: "Komm um 8:30 Uhr heim."
"Komm um halb neun nach Hause", sagte er.
Smith &amp; Sons sell well-known, hand-made hats.
Smith & Sons sell well known hand-made hats.
Hats made by hand are what Smith & Sons sell.
&lt;b&gt;Bold&lt;/b&gt; words are <i>not</i> italic.
<b>Bold</b> words are not italic.
Words in bold are not in italics.
Die Straße ist naß und größer als früher.
Die Strasse ist nass und größer als früher.
Die Straße ist nass und breiter als früher.
Die „alte“ Brücke – gebaut 1890–1895 – steht noch.
Die »alte« Brücke, 1890-1895 gebaut, steht noch.
Noch steht die alte Brücke, die 1890-1895 gebaut wurde.
It's a 3-day trip, isn't it?
It is a 3-day trip, is it not?
This trip takes 3 days, doesn't it?
Wait... what?! (I didn't say that.)
Wait, what?! (I did not say that...)
Hold on - what? I never said that!
two cats sit on two mats and two hats
two cats sit on a mat
the two cats are sitting on two mats
THE SHOP OPENS AT 9 A.M. ON SUNDAY
The shop opens at 9 a.m. on Sunday.
On Sundays the shop opens at 9 a.m.
Ich mag 🍕 und 🍝 mit Käse 🧀!
Ich mag 🍕 und Pasta mit viel Käse 🧀.
Ich esse gern 🍕 und 🍝 mit Käse!
שלום לכולם, מה שלומכם היום?
שלום לכולם! מה שלומכם?
שלום, מה שלומכם היום?
מזג האוויר יפה
مرحبا بالعالم
السلام عليكم
彼は 本を 読む。
彼女は 本を 読む。
本を 彼は 読みます。
Yes
Yes.
Oh yes, of course!
No.
Certainly not, my friend.
Nein
Grün
Blau
Rot

There was something here.
Here was something.
There was something here.

Nothing here.
e-mail: me@example.org, see http://example.org/a_b?c=1&d=2
E-mail me@example.org or see http://example.org/a_b?c=1
Write to me@example.org; see also example.org.
Sie hat 50% Rabatt bekommen (ca. 20,00 €).
Sie bekam 50 % Rabatt (etwa 20 €).
Sie bekam einen Rabatt von 50%, etwa 20,00 €.
the the the the the the the
The cat is on the mat.
There is a cat on the mat.
Auf der Bank sitzen zwei Kinder und essen Eis.
Zwei Kinder sitzen auf der Bank und essen Eis.
Auf der Bank sitzen zwei Kinder, die Eis essen.
A woman in a red coat waits for the bus.
A woman in a red coat waits for the bus.
A woman wearing a red coat is waiting for her bus.
Version 2.0.1-beta costs $3.50/month; #1 of [10] {sets} ~ `ok`
Version 2.0.1 beta costs $3.50 a month; no. 1 of [10] {sets} = `ok`
For $3.50 a month you get version 2.0.1-beta.
Ο ΟΔΥΣΣΕΑΣ γύρισε στο σπίτι του.
Ο Οδυσσέας γύρισε σπίτι.
Στο σπίτι του γύρισε ο Οδυσσέας.
"##;

/// BLEU with effective order, chrF and chrF++ of each segment, each against the first reference and against both.
const SENTENCE_SCORES: [[f64; 6]; 28] = [
    [35.494810560, 50.000000000, 50.378502178, 53.622785093, 52.369198432, 54.835708724],
    [34.926710283, 36.555522285, 83.967051204, 83.967051204, 83.287788403, 83.287788403],
    [58.739490947, 61.047358358, 87.564562913, 87.564562913, 81.819255518, 81.819255518],
    [44.462966469, 52.809722165, 44.551721910, 44.551721910, 42.432606689, 42.432606689],
    [43.167001069, 43.167001069, 74.885644367, 74.885644367, 68.894056713, 68.894056713],
    [50.021485975, 50.021485975, 45.440706479, 45.440706479, 47.073062244, 47.073062244],
    [48.549177171, 59.694917920, 73.413858645, 73.413858645, 71.039828306, 71.039828306],
    [15.207971224, 15.207971224, 50.837719870, 50.837719870, 48.406067680, 48.406067680],
    [45.482442470, 58.143073697, 63.891918532, 63.891918532, 60.174464957, 60.174464957],
    [42.871983279, 42.871983279, 68.583865475, 68.583865475, 62.222707727, 62.222707727],
    [29.847458960, 41.535092372, 65.074329000, 65.074329000, 63.211095112, 63.211095112],
    [4.503733751, 4.932351569, 2.997601918, 2.997601918, 4.800092214, 5.026239595],
    [33.010083099, 74.767439061, 44.920209153, 51.403055285, 48.391011059, 54.593046481],
    [19.640732545, 70.710678119, 69.802363530, 83.916154055, 67.246024780, 84.687615041],
    [0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000],
    [55.032120815, 62.996052495, 63.905884592, 63.905884592, 62.583961366, 62.583961366],
    [36.787944117, 36.787944117, 68.862275449, 68.862275449, 65.610859729, 65.610859729],
    [6.766764162, 50.000000000, 3.663003663, 8.771929825, 6.102564103, 6.578947368],
    [0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000],
    [0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000, 0.000000000],
    [0.000000000, 21.364350320, 0.000000000, 65.742508399, 0.000000000, 61.930698096],
    [67.455828544, 67.455828544, 81.888227742, 81.888227742, 66.231866382, 66.231866382],
    [20.780604348, 22.629440039, 42.477159098, 42.477159098, 43.333809303, 43.333809303],
    [6.567274736, 6.567274736, 10.585480288, 10.585480288, 9.737009211, 9.737009211],
    [33.568919250, 78.562930180, 72.480152140, 74.822616767, 69.915669660, 72.921526027],
    [100.000000000, 100.000000000, 100.000000000, 100.000000000, 100.000000000, 100.000000000],
    [50.988108032, 54.824585308, 71.015429526, 71.015429526, 64.774209620, 64.774209620],
    [9.287529000, 16.515821590, 38.072539802, 46.607038426, 37.819276974, 44.181469296],
];

/// All segments, with the first reference or both.
fn corpus(references: usize) -> (Vec<&'static str>, Vec<Vec<&'static str>>) {
    let lines: Vec<&str> = TEXTS.lines().skip(1).collect();
    lines.chunks(3).map(|segment| (segment[0], segment[1..=references].to_vec())).unzip()
}

/// Some segments with their first references.
fn part(indices: &[usize]) -> (Vec<&'static str>, Vec<Vec<&'static str>>) {
    let (hypotheses, references) = corpus(1);
    indices.iter().map(|&index| (hypotheses[index], references[index].clone())).unzip()
}

fn close(found: f64, expected: f64, what: impl std::fmt::Debug) {
    assert!((found - expected).abs() < 1e-8, "{what:?}: {found} against {expected}");
}

#[test]
fn sentences_score_as_in_sacrebleu() {
    for references in [1, 2] {
        let (hypotheses, references_of) = corpus(references);
        assert_eq!(hypotheses.len(), SENTENCE_SCORES.len());
        for ((text, list), expected) in hypotheses.iter().zip(&references_of).zip(SENTENCE_SCORES) {
            let bleu = sentence_bleu(text, list, &BleuOptions::default()).expect("references").score;
            let chrf = sentence_chrf(text, list, &ChrfOptions::CHRF).expect("references");
            let plus_plus = sentence_chrf(text, list, &ChrfOptions::CHRF_PLUS_PLUS).expect("references");
            let expected = [expected[references - 1], expected[references + 1], expected[references + 3]];
            for (found, expected) in [bleu, chrf, plus_plus].into_iter().zip(expected) {
                close(found, expected, text);
            }
        }
    }
}

#[test]
fn corpora_score_as_in_sacrebleu() {
    let default = BleuOptions::default();
    for (options, expected) in [
        (default, [43.947190456, 50.953925568]),
        (BleuOptions { lowercase: true, ..default }, [48.825052829, 56.100525763]),
        (BleuOptions { smoothing: Smoothing::AddK(1.0), ..default }, [44.223639692, 51.204141473]),
        (BleuOptions { tokeniser: Tokeniser::None, ..default }, [24.316337648, 32.276939571]),
        (BleuOptions { tokeniser: Tokeniser::Character, ..default }, [61.295973117, 71.164795928]),
    ] {
        for references in [1, 2] {
            let (hypotheses, references_of) = corpus(references);
            let found = corpus_bleu(&hypotheses, &references_of, &options).expect("a corpus").score;
            close(found, expected[references - 1], options);
        }
    }
    for (words, lowercase, expected) in [
        (false, false, [58.786157379, 61.076449706]),
        (false, true, [63.549671660, 65.669604568]),
        (true, false, [56.137804138, 58.403413044]),
        (true, true, [61.045809030, 62.059406048]),
    ] {
        for references in [1, 2] {
            let (hypotheses, references_of) = corpus(references);
            let options = ChrfOptions { words, lowercase };
            let found = corpus_chrf(&hypotheses, &references_of, &options).expect("a corpus");
            close(found, expected[references - 1], options);
        }
    }
}

#[test]
fn the_parts_of_a_score_are_those_of_sacrebleu() {
    let (hypotheses, references) = corpus(1);
    let swapped: Vec<[&str; 1]> = hypotheses.iter().map(|text| [*text]).collect();
    let hypotheses: Vec<&str> = references.iter().map(|list| list[0]).collect();
    let bleu = corpus_bleu(&hypotheses, &swapped, &BleuOptions::default()).expect("a corpus");
    close(bleu.score, 44.314838700, "score");
    close(bleu.brevity_penalty, 0.968874148, "brevity penalty");
    assert_eq!((bleu.system_length, bleu.reference_length), (253, 261));
    assert_eq!((bleu.counts, bleu.totals), ([178, 116, 79, 54], [253, 226, 200, 176]));
    for (found, expected) in bleu.precisions.into_iter().zip([70.355731225, 51.327433628, 39.5, 30.681818182])
    {
        close(found, expected, "precision");
    }
}

#[test]
fn smoothing_and_effective_order_are_those_of_sacrebleu() {
    // The long segments have no match of order 4, the short ones no run of order 3.
    let (long, short) = (part(&[1, 7, 11, 14, 15]), part(&[16, 17, 18]));
    for (smoothing, of_long, of_short, of_short_effective) in [
        (Smoothing::Exponential, 13.326347379, 0.0, 14.325239843),
        (Smoothing::Floor(0.1), 8.911865611, 0.0, 6.406442017),
        (Smoothing::Floor(0.5), 13.326347379, 0.0, 14.325239843),
        (Smoothing::AddK(1.0), 17.037109782, 20.258948470, 20.258948470),
        (Smoothing::AddK(0.25), 11.436395504, 16.111348714, 16.111348714),
        (Smoothing::None, 0.0, 0.0, 0.0),
    ] {
        for effective_order in [false, true] {
            let options = BleuOptions { smoothing, effective_order, ..BleuOptions::default() };
            let score = |(hypotheses, references): &(Vec<&str>, Vec<Vec<&str>>)| {
                corpus_bleu(hypotheses, references, &options).expect("a corpus").score
            };
            close(score(&long), of_long, options);
            close(score(&short), if effective_order { of_short_effective } else { of_short }, options);
        }
    }
}
