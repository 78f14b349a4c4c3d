//! What a step asks and offers: the question with its answers, the button, the goal, and the question that stays open.

use switchyard_web::lesson::{Action, Goal, Predict, Step};
use yew::{Callback, Html, classes, html};

use super::{Deed, LessonPanelProps, Progress};
use crate::page::icons;

/// Everything beneath a step's text.
pub fn tasks(props: &LessonPanelProps, step: &Step, progress: Progress, deed: &Callback<Deed>) -> Html {
    let predict = step.predict.as_ref();
    html! {
        <>
            if let Some(predict) = predict {
                { answers(props, predict, progress, deed, step.action.is_none()) }
            }
            if let Some(action) = &step.action {
                { offer(props, action, predict.is_none() || progress.chosen.is_some(), deed) }
            }
            if let Some(predict) = predict {
                { feedback(props, predict, progress) }
            }
            if let Some(goal) = &step.goal {
                { target(props, goal, progress.reached) }
            }
            if let Some(question) = &step.question {
                <div class="question" key="question">
                    <p class="question-head">{ &props.index.words.think }</p>
                    <p>{ question }</p>
                </div>
            }
        </>
    }
}

/// The answers to choose from. Where the step has no action, a button shows which is right.
fn answers(
    props: &LessonPanelProps,
    predict: &Predict,
    progress: Progress,
    deed: &Callback<Deed>,
    checked_here: bool,
) -> Html {
    let options = predict.options.iter().enumerate().map(|(index, option)| {
        let chosen = progress.chosen == Some(index);
        let mark = match progress.revealed {
            true if index == predict.answer => Some(("right", "✓ ", &props.index.words.this)),
            true if chosen => Some(("wrong", "✕ ", &props.index.words.not_this)),
            _ => None,
        };
        html! {
            <label key={index} class={classes!("option", mark.map(|(class, ..)| class))}>
                <input type="radio" name="lesson-answer" checked={chosen} disabled={progress.revealed}
                    onchange={deed.reform(move |_| Deed::Choose(index))}/>
                <span>{ option }</span>
                if let Some((_, sign, word)) = mark {
                    <span class="mark">{ sign }{ word }</span>
                }
            </label>
        }
    });
    let unanswered = progress.chosen.is_none();
    html! {
        <fieldset class="predict" key="predict">
            <legend>{ &predict.question }</legend>
            { for options }
            if checked_here {
                <div class="lesson-action">
                    <button type="button" class="button" onclick={deed.reform(|_| Deed::Reveal)}
                        aria-disabled={(unanswered || progress.revealed).to_string()}>
                        { &props.index.words.check }
                    </button>
                </div>
            }
        </fieldset>
    }
}

/// What the step offers to do. With a question above it, it waits for an answer.
fn offer(props: &LessonPanelProps, action: &Action, ready: bool, deed: &Callback<Deed>) -> Html {
    let in_force = action.is_in_force(&props.facts);
    let idle = in_force && action.run.is_none();
    let press = {
        let (deed, on_do, action) = (deed.clone(), props.on_do.clone(), action.clone());
        Callback::from(move |_| {
            if ready && !idle {
                on_do.emit((action.set.clone(), action.run));
                deed.emit(Deed::Reveal);
            }
        })
    };
    let note = match (ready, in_force) {
        (false, _) => Some(&props.index.words.choose_first),
        (true, true) => Some(&props.index.words.in_force),
        (true, false) => None,
    };
    html! {
        <div class="lesson-action" key="action">
            <button type="button" class="button button-primary" onclick={press}
                aria-disabled={(!ready || idle).to_string()} aria-describedby="lesson-action-note">
                { icons::next() }{ &action.label }
            </button>
            <p class="field-help" id="lesson-action-note">{ note }</p>
        </div>
    }
}

/// The explanation, in a region that is read aloud when it changes; always there, so that the change is noticed.
fn feedback(props: &LessonPanelProps, predict: &Predict, progress: Progress) -> Html {
    let right = progress.chosen == Some(predict.answer);
    let verdict = if right { &props.index.words.right } else { &props.index.words.wrong };
    html! {
        <div class="feedback" role="status" key="feedback">
            if progress.revealed {
                <p><strong>{ verdict }</strong>{ " " }{ &predict.explanation }</p>
            }
        </div>
    }
}

fn target(props: &LessonPanelProps, goal: &Goal, reached: bool) -> Html {
    html! {
        <p class="goal" role="status" key="goal">
            <span class={classes!("lamp", reached.then_some("lit"))} aria-hidden="true"/>
            <span>
                { &props.index.words.goal }{ " " }{ &goal.label }{ "." }
                if reached {
                    { " " }<strong>{ &props.index.words.reached }</strong>
                }
            </span>
        </p>
    }
}
