//! The lessons that come with the page: every file reads, and says nothing that a run does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use switchyard::experiment::Registry;
#[cfg(feature = "engine")]
use switchyard::experiment::{Event, Experiment, Session};

use super::read::Index;
use super::*;

/// What the page's build makes of a file.
fn json(text: &str) -> String {
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    serde_json::to_string(&table).expect("a lesson holds no date")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/lessons")
}

/// The languages, each with its index.
fn languages() -> BTreeMap<String, Index> {
    let entries = fs::read_dir(folder()).expect("the folder of lessons can be read").flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let languages: BTreeMap<_, _> = folders
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(entry.path().join("index.toml")).expect("a language has an index");
            let index = read::index(&format!("{name}/index.json"), &json(&text));
            (name, index.unwrap_or_else(|error| panic!("{error}")))
        })
        .collect();
    assert!(languages.contains_key(FALLBACK_LANGUAGE));
    languages
}

/// Every lesson of every language, with that language.
fn lessons() -> Vec<(String, Lesson)> {
    let languages = languages();
    let names = languages.iter().flat_map(|(language, index)| {
        index.lessons.iter().map(move |name| (language.clone(), format!("{language}/{name}.toml")))
    });
    names
        .map(|(language, file)| {
            let text =
                fs::read_to_string(folder().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            (language, read::lesson(&file, &json(&text)).unwrap_or_else(|error| panic!("{error}")))
        })
        .collect()
}

#[test]
fn every_lesson_says_only_what_its_preset_has() {
    for (language, lesson) in lessons() {
        lesson.check(&Registry::standard()).unwrap_or_else(|error| panic!("{language}: {error}"));
    }
}

/// Which of these names neither a view nor a number has, in the first steps of a run or at its end.
#[cfg(feature = "engine")]
fn unseen(experiment: &Experiment, names: &[&String]) -> Vec<String> {
    let checked = Registry::standard().check(experiment).expect("the lesson is checked");
    let device = burn::tensor::Device::flex();
    let mut session = Session::open(&checked).expect("the experiment can run");
    let mut left: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    for steps in [60, u64::MAX] {
        pollster::block_on(async {
            while !left.is_empty() && !session.is_complete() {
                for event in session.step(&device, steps.min(1000)).await.expect("training goes well") {
                    if let Event::Scalar { name, .. } = event {
                        left.retain(|wanted| *wanted != name);
                    }
                }
                if steps == 60 {
                    break;
                }
            }
            for view in session.look().await.expect("the device answers") {
                left.retain(|wanted| *wanted != view.name);
            }
        });
    }
    left
}

#[cfg(feature = "engine")]
#[test]
fn every_view_and_number_that_a_lesson_names_is_one_of_its_run() {
    for (language, lesson) in lessons().into_iter().filter(|(language, _)| language == FALLBACK_LANGUAGE) {
        let mut experiment = Experiment::new(&lesson.preset);
        for (number, step) in (1..).zip(&lesson.steps) {
            for (key, value) in step.action.iter().flat_map(|action| &action.set) {
                Registry::standard().set(&mut experiment, &format!("{key}={value}")).expect("checked above");
            }
            let goal = step.goal.iter().map(|goal| &goal.scalar).filter(|name| *name != "step");
            let named: Vec<&String> = step.views.iter().flatten().chain(&step.look_at).chain(goal).collect();
            let left = unseen(&experiment, &named);
            assert!(left.is_empty(), "{language}/{}, step {number}: a run shows no {left:?}", lesson.name);
        }
    }
}

#[test]
fn every_file_is_listed_in_its_index_and_every_lesson_exists_in_english() {
    let languages = languages();
    for (language, index) in &languages {
        let entries = fs::read_dir(folder().join(language)).expect("the folder can be read").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let files: BTreeSet<String> = names.filter(|name| name != "index.toml").collect();
        let listed: BTreeSet<String> = index.lessons.iter().map(|name| format!("{name}.toml")).collect();
        assert_eq!(files, listed, "{language}");
        let english = &languages[FALLBACK_LANGUAGE].lessons;
        assert!(index.lessons.iter().all(|name| english.contains(name)), "{language}");
    }
}

#[test]
fn a_translation_differs_in_its_words_only() {
    let lessons = lessons();
    for (language, lesson) in &lessons {
        let english =
            lessons.iter().find(|(other, same)| other == FALLBACK_LANGUAGE && same.name == lesson.name);
        let (_, english) = english.expect("every lesson exists in English");
        assert_eq!(outline(lesson), outline(english), "{language}/{}", lesson.name);
    }
}

/// What does not depend on the language.
fn outline(lesson: &Lesson) -> String {
    let steps = lesson.steps.iter().map(|step| {
        let action = step.action.as_ref().map(|action| (&action.set, action.run));
        let predict = step.predict.as_ref().map(|predict| (predict.options.len(), predict.answer));
        let goal = step.goal.as_ref().map(|goal| (&goal.scalar, goal.side, goal.bound));
        format!("{action:?} {predict:?} {goal:?} {:?} {:?} {:?}\n", step.controls, step.views, step.look_at)
    });
    format!("{} {}", lesson.preset, steps.collect::<String>())
}

#[test]
fn a_step_is_short() {
    for (language, lesson) in lessons() {
        assert!((4..=8).contains(&lesson.steps.len()), "{language}/{}", lesson.name);
        for step in &lesson.steps {
            let words = step.body.word_count();
            assert!(words <= 90, "{language}/{}, `{}`: {words} words", lesson.name, step.heading);
        }
        assert!(
            lesson.steps.last().is_some_and(|step| step.question.is_some()),
            "a lesson ends with a question"
        );
    }
}

fn step(rest: &str) -> String {
    format!("title='t'\nsummary='s'\npreset='mos-tiny'\n[[steps]]\nheading='h'\nbody='<p>b</p>'\n{rest}")
}

#[test]
fn a_mistake_is_refused_with_its_file_step_and_key() {
    for (rest, expected) in [
        ("quesion='q'", "step 1: `quesion` is unknown here; did you mean `question`?"),
        ("", "step 1: it asks nothing"),
        ("question=''", "step 1: `question` must be a text"),
        ("question='q'\n[steps.action]\nlabel='l'", "step 1, action: it does nothing"),
        (
            "question='q'\n[steps.action]\nlabel='l'\nrun={untill=3}",
            "step 1, action, run: `untill` is unknown",
        ),
        ("question='q'\n[steps.action]\nlabel='l'\nrun={until=0}", "`until` must be a whole number above 0"),
        ("question='q'\n[steps.action]\nlabel='l'\nrun={until=2,play=true}", "only one of"),
        ("question='q'\n[steps.action]\nlabel='l'\nrun={from='there'}", "`from` is `there`"),
        ("question='q'\n[steps.action]\nlabel='l'\nset={a={b=1}}", "`a` is a table"),
        ("question='q'\n[steps.goal]\nlabel='l'\nscalar='loss'", "step 1, goal: give either"),
        (
            "[steps.predict]\nquestion='q'\nexplanation='e'\noptions=['a','b']\nanswer=3",
            "counted from 1 to 2",
        ),
        ("[steps.predict]\nquestion='q'\nexplanation='e'\noptions=['a']\nanswer=1", "two or more"),
    ] {
        let error = read::lesson("en/a.toml", &json(&step(rest))).expect_err(rest).to_string();
        assert!(error.starts_with("The lesson file `en/a.toml`") && error.contains(expected), "{error}");
    }
    let text = json(&step("question='q'"));
    let error = read::lesson("en/a.toml", &text.replace("<p>b", "<b>b")).expect_err("<b>");
    assert!(error.to_string().contains("step 1: `body`: `<b>` is not allowed"), "{error}");
    let error = read::lesson("en/a.toml", &text[1..]).expect_err("no JSON").to_string();
    assert!(error.contains("it is no table in JSON"), "{error}");
}

#[test]
fn a_key_value_or_control_that_the_preset_lacks_is_refused_with_its_step() {
    for (rest, expected) in [
        ("[steps.action]\nlabel='l'\nset={\"supernet.expert\"=2}", "step 1: unknown key"),
        ("[steps.action]\nlabel='l'\nset={\"supernet.experts\"=99}", "from 1 to 16"),
        ("controls=['router.k']", "`router.k` is neither a field of `mos-tiny` nor a control"),
    ] {
        let text = json(&step(&format!("question='q'\n{rest}")));
        let lesson = read::lesson("en/a.toml", &text).expect("well formed");
        let error = lesson.check(&Registry::standard()).expect_err(rest).to_string();
        assert!(error.contains("a.toml`, step 1") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_goal_is_reached_on_its_side_of_the_bound_and_never_by_an_unknown_number() {
    let goal =
        |scalar: &str, side| Goal { label: String::new(), scalar: scalar.to_owned(), side, bound: 0.5 };
    let facts =
        LessonFacts { step: 1, scalars: BTreeMap::from([("loss".to_owned(), 0.4)]), ..Default::default() };
    assert!(goal("loss", Side::Below).reached(&facts) && !goal("loss", Side::Above).reached(&facts));
    assert!(goal("step", Side::Above).reached(&facts) && !goal("other", Side::Below).reached(&facts));
}

#[test]
fn an_action_is_in_force_when_every_field_has_its_value() {
    let set = vec![("router.k".to_owned(), "2".to_owned())];
    let action = Action { label: String::new(), set, run: None };
    let facts = |value: &str| LessonFacts {
        fields: BTreeMap::from([("router.k".to_owned(), value.to_owned())]),
        ..Default::default()
    };
    assert!(action.is_in_force(&facts("2")) && !action.is_in_force(&facts("1")));
    assert!(!Action { set: Vec::new(), ..action }.is_in_force(&facts("2")));
}
