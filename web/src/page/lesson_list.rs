//! The list of lessons to choose from.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::lesson_files::Book;

/// What the list shows and whom it tells.
#[derive(Properties, PartialEq)]
pub struct LessonListProps {
    /// The lessons.
    pub book: Rc<Book>,
    /// The name of the lesson that is open.
    #[prop_or_default]
    pub open: Option<AttrValue>,
    /// A lesson is chosen, by its name.
    pub on_choose: Callback<String>,
}

/// The lessons, each with what it is about and a button that opens it; what stands above it gives it a heading.
#[component]
pub fn LessonList(props: &LessonListProps) -> Html {
    let words = &props.book.words;
    let entries = props.book.lessons.iter().map(|entry| {
        let lesson = &entry.lesson;
        let name = lesson.name.clone();
        let current = props.open.as_deref() == Some(name.as_str());
        let choose = props.on_choose.reform(move |_| name.clone());
        html! {
            <li key={lesson.name.clone()} lang={entry.language.clone()} aria-current={current.then_some("true")}>
                <h3>{ &lesson.title }</h3>
                <p>{ &lesson.summary }</p>
                <p>
                    <button type="button" class="button" onclick={choose}
                        aria-label={format!("{}: {}", words.start, lesson.title)}>
                        { &words.start }
                    </button>
                </p>
            </li>
        }
    });
    html! {
        <>
            <ul class="lesson-list">{ for entries }</ul>
            { for props.book.problems.iter().map(|problem| html! { <p class="field-error" key={problem.clone()}>{ problem }</p> }) }
        </>
    }
}
