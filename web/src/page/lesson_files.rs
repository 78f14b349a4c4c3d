//! Fetching the lessons from beside the page, in the reader's language. A file that is missing or wrong becomes a
//! sentence; nothing here panics.

use std::rc::Rc;

use switchyard::experiment::Registry;
use switchyard_web::lesson::read::Words;
use switchyard_web::lesson::{FALLBACK_LANGUAGE, Lesson, language, read};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The lessons of a language.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// The words on buttons.
    pub words: Words,
    /// The language of the words: `en`.
    pub language: String,
    /// Every lesson that can be used, in order.
    pub lessons: Vec<Entry>,
    /// What is wrong with those that cannot, in sentences.
    pub problems: Vec<String>,
}

/// A lesson with its language.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The lesson.
    pub lesson: Rc<Lesson>,
    /// Its language, English where the book's own lacks it.
    pub language: String,
}

impl Book {
    /// The lesson of this name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.lessons.iter().find(|entry| entry.lesson.name == name)
    }

    /// The first lesson that runs this preset: what `ui=lesson` without a name means.
    pub fn for_preset(&self, preset: &str) -> Option<&Entry> {
        self.lessons.iter().find(|entry| entry.lesson.preset == preset)
    }

    /// Fetches the lessons in the language of the browser, or in English.
    ///
    /// # Errors
    /// When there is no list of lessons that can be read.
    pub async fn load() -> Result<Self, String> {
        let languages = read::languages("languages.toml", &fetch("languages.toml").await?);
        let languages = languages.map_err(|error| error.to_string())?;
        let language = language::choose(&wanted_languages(), &languages).to_owned();
        let index = read_index(&language).await?;
        let english =
            if language == FALLBACK_LANGUAGE { index.clone() } else { read_index(FALLBACK_LANGUAGE).await? };
        let mut book = Self {
            words: index.words,
            language: language.clone(),
            lessons: Vec::new(),
            problems: Vec::new(),
        };
        for name in &english.lessons {
            let own = if index.lessons.contains(name) { &language } else { FALLBACK_LANGUAGE };
            match read_lesson(own, name).await {
                Ok(lesson) => {
                    book.lessons.push(Entry { lesson: Rc::new(lesson), language: own.to_owned() });
                }
                Err(problem) => book.problems.push(problem),
            }
        }
        Ok(book)
    }
}

async fn read_index(language: &str) -> Result<read::Index, String> {
    let file = format!("{language}/index.toml");
    read::index(&file, &fetch(&file).await?).map_err(|error| error.to_string())
}

async fn read_lesson(language: &str, name: &str) -> Result<Lesson, String> {
    let file = format!("{language}/{name}.toml");
    let lesson = read::lesson(&file, &fetch(&file).await?).map_err(|error| error.to_string())?;
    lesson.check(&Registry::standard()).map_err(|error| error.to_string())?;
    Ok(lesson)
}

/// The text of a file of the lessons' folder.
async fn fetch(file: &str) -> Result<String, String> {
    let problem = || {
        format!("The lesson file `{file}` could not be loaded. Check the connection and load the page again.")
    };
    let window = web_sys::window().ok_or_else(problem)?;
    let response = JsFuture::from(window.fetch_with_str(&format!("lessons/{file}"))).await;
    let response: web_sys::Response =
        response.ok().and_then(|value| value.dyn_into().ok()).ok_or_else(problem)?;
    if !response.ok() {
        return Err(problem());
    }
    let text = JsFuture::from(response.text().map_err(|_| problem())?).await.map_err(|_| problem())?;
    text.as_string().ok_or_else(problem)
}

/// What the browser says its user reads, the dearest first.
fn wanted_languages() -> Vec<String> {
    let languages = web_sys::window().map(|window| window.navigator().languages());
    languages.map_or(Vec::new(), |languages| languages.iter().filter_map(|name| name.as_string()).collect())
}
