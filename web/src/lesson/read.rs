//! Reading lesson files: one file for a lesson in a language, and `index` for what a language has. They are written in
//! TOML; the page reads what its build makes of them, which is the same in JSON, so that it carries one reader less.
//! Every key is known or refused by name, so a slip of the pen shows as a sentence and never as a missing step.

use serde_json::{Map, Value};
use switchyard::error::nearest;

use super::{
    Action, FALLBACK_LANGUAGE, From, Go, Goal, Lesson, LessonError, Markup, Predict, RunRequest, Side, Step,
};

type Result<T> = std::result::Result<T, LessonError>;

/// What a language has: its lessons in order, and the words around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The language: the name of the index's folder.
    pub tag: String,
    /// The language's own name for itself.
    pub language: String,
    /// The lessons' names, in order; each is a file beside the index.
    pub lessons: Vec<String>,
    /// The words on buttons and beside them.
    pub words: Words,
}

/// Declares the words with their names in the file, so that none is forgotten.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The words on a lesson's buttons and beside them.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Words {
            $($(#[$doc])* pub $name: String,)+
        }

        impl Words {
            const NAMES: &[&str] = &[$(stringify!($name)),+];

            fn read(mut part: Part<'_>) -> Result<Self> {
                part.only(Self::NAMES)?;
                Ok(Self { $($name: part.text(stringify!($name))?,)+ })
            }
        }
    };
}

words! {
    /// The list's heading.
    lessons,
    /// The button that opens a lesson.
    start,
    /// `Step {step} of {steps}`.
    step_of,
    /// What the steps are called as a group of buttons.
    steps,
    /// To the step before.
    back,
    /// To the step after.
    next,
    /// After the last step.
    finish,
    /// Closes the lesson.
    close,
    /// Shows whether the answer is right.
    check,
    /// Beside an action that waits for an answer.
    choose_first,
    /// Before the explanation of a right answer.
    right,
    /// Before the explanation of a wrong answer.
    wrong,
    /// Beside the right answer.
    this,
    /// Beside a wrong answer that was chosen.
    not_this,
    /// Before a goal.
    goal,
    /// Behind a goal that is reached.
    reached,
    /// Beside an action whose values are in force.
    in_force,
    /// Above a question that stays open.
    think,
    /// Above a lesson that this language lacks.
    not_translated,
}

impl Words {
    /// Where the reader is: `Step 2 of 6`.
    pub fn position(&self, step: usize, steps: usize) -> String {
        self.step_of.replace("{steps}", &steps.to_string()).replace("{step}", &step.to_string())
    }
}

/// The folder that a file stands in, or English for one that stands in none.
fn folder(file: &str) -> String {
    file.rsplit('/').nth(1).unwrap_or(FALLBACK_LANGUAGE).to_owned()
}

/// Reads the index of a language.
///
/// # Errors
/// When the text is no JSON, or a key is missing, unknown or of another type.
pub fn index(file: &str, text: &str) -> Result<Index> {
    let mut part = Part::whole(file, text)?;
    part.only(&["language", "lessons", "words"])?;
    let words = part.part("words")?.ok_or_else(|| part.missing("words"))?;
    let index = Index {
        tag: folder(file),
        language: part.text("language")?,
        lessons: part.texts("lessons")?.ok_or_else(|| part.missing("lessons"))?,
        words: Words::read(words)?,
    };
    if !index.words.step_of.contains("{step}") || !index.words.step_of.contains("{steps}") {
        return Err(part.refuse("`words.step_of` must hold `{step}` and `{steps}`".to_owned()));
    }
    Ok(index)
}

/// Reads a lesson. Its name is that of the file without its ending, its language that of the folder.
///
/// # Errors
/// When the text is no JSON, a key is missing, unknown or of another type, or a step's text is not of the allowed
/// kind; the error names the file, the step and the key.
pub fn lesson(file: &str, text: &str) -> Result<Lesson> {
    let name = file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or_default().to_owned();
    let language = folder(file);
    let mut part = Part::whole(file, text)?;
    part.only(&["title", "summary", "preset", "steps"])?;
    let steps = match part.table.remove("steps") {
        Some(Value::Array(steps)) if !steps.is_empty() => steps,
        _ => return Err(part.refuse("it has no steps; begin each with a line `[[steps]]`".to_owned())),
    };
    let (title, summary) = (part.text("title")?, part.text("summary")?);
    let preset = part.text("preset")?;
    let steps = (1..).zip(steps).map(|(number, step)| match step {
        Value::Object(table) => read_step(Part { file, place: format!("step {number}"), table }),
        _ => Err(part.refuse(format!("step {number} is no table; begin each step with a line `[[steps]]`"))),
    });
    Ok(Lesson { name, language, title, summary, preset, steps: steps.collect::<Result<_>>()? })
}

fn read_step(mut part: Part<'_>) -> Result<Step> {
    part.only(&["heading", "body", "predict", "action", "goal", "question", "controls", "views", "look_at"])?;
    let body =
        Markup::parse(&part.text("body")?).map_err(|problem| part.refuse(format!("`body`: {problem}")))?;
    let step = Step {
        heading: part.text("heading")?,
        body,
        predict: part.part("predict")?.map(read_predict).transpose()?,
        action: part.part("action")?.map(read_action).transpose()?,
        goal: part.part("goal")?.map(read_goal).transpose()?,
        question: part.optional_text("question")?,
        controls: part.texts("controls")?,
        views: part.texts("views")?,
        look_at: part.optional_text("look_at")?,
    };
    if step.predict.is_none() && step.question.is_none() {
        return Err(part.refuse("it asks nothing; give it a `predict` or a `question`".to_owned()));
    }
    Ok(step)
}

fn read_predict(mut part: Part<'_>) -> Result<Predict> {
    part.only(&["question", "options", "answer", "explanation"])?;
    let options = part.texts("options")?.ok_or_else(|| part.missing("options"))?;
    let answer = match part.table.remove("answer") {
        Some(Value::Number(answer)) => answer.as_i64(),
        _ => None,
    };
    let Some(answer) = answer else {
        return Err(part.refuse("`answer` must be the number of the right option, from 1".to_owned()));
    };
    let range = 1..=options.len();
    match usize::try_from(answer).ok().filter(|answer| range.contains(answer)) {
        _ if options.len() < 2 => Err(part.refuse("`options` must be two or more".to_owned())),
        None => Err(part.refuse(format!(
            "`answer` is {answer}, but the options are counted from 1 to {}",
            options.len()
        ))),
        Some(answer) => Ok(Predict {
            question: part.text("question")?,
            answer: answer - 1,
            explanation: part.text("explanation")?,
            options,
        }),
    }
}

fn read_action(mut part: Part<'_>) -> Result<Action> {
    part.only(&["label", "set", "run"])?;
    let set = part.part("set")?.map_or(Vec::new(), |set| set.table.into_iter().collect());
    let set = set.into_iter().map(|(key, value)| match value_text(&value) {
        Some(text) => Ok((key, text)),
        None => Err(part
            .refuse(format!("the value of `{key}` is a table; write the key in quotes, as \"table.key\""))),
    });
    let set = set.collect::<Result<Vec<_>>>()?;
    let run = part.part("run")?.map(read_run).transpose()?;
    if set.is_empty() && run.is_none() {
        return Err(part.refuse("it does nothing; give it `set` or `run`".to_owned()));
    }
    Ok(Action { label: part.text("label")?, set, run })
}

fn read_run(mut part: Part<'_>) -> Result<RunRequest> {
    part.only(&["from", "play", "until", "steps"])?;
    let from = match part.optional_text("from")?.as_deref() {
        None | Some("here") => From::Here,
        Some("start") => From::Start,
        Some("new-seed") => From::NewSeed,
        Some(other) => {
            return Err(part.refuse(format!("`from` is `{other}`, but must be one of here, start, new-seed")));
        }
    };
    let mut goes = Vec::new();
    match part.table.remove("play") {
        None => {}
        Some(Value::Bool(true)) => goes.push(Go::On),
        Some(_) => return Err(part.refuse("`play` must be `true`, or be left out".to_owned())),
    }
    goes.extend(part.count("until")?.map(Go::Until));
    goes.extend(part.count("steps")?.map(Go::Steps));
    match goes[..] {
        [] => Ok(RunRequest { from, go: Go::Stay }),
        [go] => Ok(RunRequest { from, go }),
        _ => Err(part.refuse("only one of `play`, `until` and `steps` can be given".to_owned())),
    }
}

fn read_goal(mut part: Part<'_>) -> Result<Goal> {
    part.only(&["label", "scalar", "below", "above"])?;
    let (below, above) = (part.number("below")?, part.number("above")?);
    let (side, bound) = match (below, above) {
        (Some(bound), None) => (Side::Below, bound),
        (None, Some(bound)) => (Side::Above, bound),
        _ => return Err(part.refuse("give either `below` or `above`".to_owned())),
    };
    Ok(Goal { label: part.text("label")?, scalar: part.text("scalar")?, side, bound })
}

/// A value as a link writes it; nothing for a table.
fn value_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
        }
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) => items.iter().map(value_text).collect::<Option<Vec<_>>>()?.join(","),
        Value::Object(_) | Value::Null => return None,
    })
}

/// A table of the file, from which keys are taken one by one.
struct Part<'a> {
    file: &'a str,
    /// Where it stands: `step 3`, `step 3, predict`; empty for the file as a whole.
    place: String,
    table: Map<String, Value>,
}

impl<'a> Part<'a> {
    fn whole(file: &'a str, text: &str) -> Result<Self> {
        let table = serde_json::from_str(text).map_err(|error| LessonError {
            file: file.to_owned(),
            place: None,
            problem: format!("it is no table in JSON: {error}"),
        })?;
        Ok(Self { file, place: String::new(), table })
    }

    fn refuse(&self, problem: String) -> LessonError {
        let place = Some(self.place.clone()).filter(|place| !place.is_empty());
        LessonError { file: self.file.to_owned(), place, problem }
    }

    fn missing(&self, key: &str) -> LessonError {
        self.refuse(format!("`{key}` is missing"))
    }

    /// Refuses every key but these.
    fn only(&self, known: &[&str]) -> Result<()> {
        let Some(key) = self.table.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let hint = match nearest(key, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        Err(self.refuse(format!("`{key}` is unknown here; {hint}")))
    }

    fn optional_text(&mut self, key: &str) -> Result<Option<String>> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(self.refuse(format!("`{key}` must be a text in quotes, and not empty"))),
        }
    }

    fn text(&mut self, key: &str) -> Result<String> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key))
    }

    fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>> {
        let wrong = |part: &Self| part.refuse(format!("`{key}` must be a list of texts in quotes"));
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let items = items.into_iter().map(|item| match item {
                    Value::String(text) if !text.trim().is_empty() => Ok(text),
                    _ => Err(wrong(self)),
                });
                Ok(Some(items.collect::<Result<_>>()?))
            }
            Some(_) => Err(wrong(self)),
        }
    }

    fn count(&mut self, key: &str) -> Result<Option<u64>> {
        let value = self.table.remove(key);
        let count = value.as_ref().and_then(Value::as_u64);
        match (value, count.filter(|count| *count > 0)) {
            (None, _) => Ok(None),
            (Some(_), None) => Err(self.refuse(format!("`{key}` must be a whole number above 0"))),
            (Some(_), count) => Ok(count),
        }
    }

    fn number(&mut self, key: &str) -> Result<Option<f64>> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(self.refuse(format!("`{key}` must be a number"))),
        }
    }

    /// A table inside this one.
    fn part(&mut self, key: &str) -> Result<Option<Self>> {
        let place = if self.place.is_empty() { key.to_owned() } else { format!("{}, {key}", self.place) };
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Object(table)) => Ok(Some(Self { file: self.file, place, table })),
            Some(_) => Err(self.refuse(format!("`{key}` must be a table"))),
        }
    }
}
