//! What the page fetches from beside itself: lessons and the recorded first seconds. Without them it works on.

use std::rc::Rc;

use switchyard_web::lesson::read::{Index, index, lesson};
use switchyard_web::lesson::{FALLBACK_LANGUAGE, Lesson};
use switchyard_web::protocol::{Envelope, Report};
use wasm_bindgen_futures::spawn_local;
use yew::Context;

use super::app::{App, Message, PageMessage};
use super::browser;

/// Every lesson, in the order of the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// The words of the language, and the order.
    pub index: Rc<Index>,
    /// The lessons that can be shown.
    pub lessons: Vec<Rc<Lesson>>,
    /// Why others cannot be.
    pub problems: Vec<String>,
}

/// Fetches every lesson in the language of the browser, or in the fallback where there is none.
pub fn lessons(context: &Context<App>) {
    let link = context.link().clone();
    spawn_local(async move {
        let found = library().await;
        link.send_message(Message::Page(PageMessage::Library(found.map(Rc::new))));
    });
}

async fn library() -> Result<Library, String> {
    let wanted = browser::window().and_then(|window| window.navigator().language()).unwrap_or_default();
    let wanted = wanted.split('-').next().unwrap_or_default().to_owned();
    let mut languages = vec![FALLBACK_LANGUAGE.to_owned()];
    if wanted != FALLBACK_LANGUAGE
        && browser::meta("switchyard-languages")
            .is_some_and(|all| all.split(' ').any(|known| known == wanted))
    {
        languages.insert(0, wanted);
    }
    let mut words = None;
    for language in &languages {
        let file = format!("lessons/{language}/index.json");
        if let Some(text) = browser::fetch(&file).await {
            words = Some(index(&file, &text).map_err(|error| error.to_string())?);
            break;
        }
    }
    let Some(words) = words else {
        return Err("The lessons could not be loaded; the rest of the page works.".to_owned());
    };
    let (mut lessons, mut problems) = (Vec::new(), Vec::new());
    for name in &words.lessons {
        match fetch_lesson(&languages, name).await {
            Ok(lesson) => lessons.push(Rc::new(lesson)),
            Err(problem) => problems.push(problem),
        }
    }
    Ok(Library { index: Rc::new(words), lessons, problems })
}

async fn fetch_lesson(languages: &[String], name: &str) -> Result<Lesson, String> {
    for language in languages {
        let file = format!("lessons/{language}/{name}.json");
        if let Some(text) = browser::fetch(&file).await {
            let read = lesson(&file, &text).map_err(|error| error.to_string())?;
            read.check(&switchyard::experiment::Registry::standard()).map_err(|error| error.to_string())?;
            return Ok(read);
        }
    }
    Err(format!("The lesson `{name}` could not be loaded."))
}

/// Fetches the recorded first seconds of a preset, to be shown until the worker is there.
pub fn recording(context: &Context<App>, preset: &'static str) {
    let link = context.link().clone();
    spawn_local(async move {
        let Some(text) = browser::fetch(&format!("recorded/{preset}.jsonl")).await else { return };
        let reports = text.lines().filter_map(|line| Envelope::<Report>::from_text(line).ok()).collect();
        link.send_message(Message::Page(PageMessage::Recorded(reports)));
    });
}
