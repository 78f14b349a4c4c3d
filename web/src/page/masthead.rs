//! The top of the sheet: what is open, how far it is, and what concerns the page as a whole.

use switchyard::plate::number::significant;
use switchyard_web::model::Action;
use yew::{Callback, Context, Html, MouseEvent, html};

use super::app::{App, Dialog, Message, PageMessage};
use super::theme::Theme;
use super::{browser, icons};

/// The masthead.
pub fn view(app: &App, context: &Context<App>) -> Html {
    let dialog = |dialog| on_click(context, move || Message::Page(PageMessage::Dialog(Some(dialog))));
    let of_run = app.model.file.is_none();
    html! {
        <header class="masthead">
            <a class="brand" href="#">{ icons::brand() }<h1>{ "Switchyard" }</h1></a>
            <div class="lab-menu">
                <button type="button" class="button button-quiet" aria-haspopup="dialog" onclick={dialog(Dialog::Menu)}>
                    { open_name(app) }{ icons::chevron_down() }
                </button>
            </div>
            if of_run { { counters(app) } }
            <div class="group">
                if of_run {
                    { icon_button("New seed", icons::dice(), on_click(context, || {
                        let text = browser::random_seed().to_string();
                        Message::Act(Action::Set { key: "seed".to_owned(), text, settled: true })
                    })) }
                }
                { theme_button(app.theme, context) }
                if of_run { { icon_button("Share this run", icons::link(), dialog(Dialog::Share)) } }
                { icon_button("Help", icons::help(), dialog(Dialog::Help)) }
            </div>
        </header>
    }
}

fn open_name(app: &App) -> Html {
    if let Some(file) = &app.model.file {
        return html! { <span class="label">{ &file.name }</span> };
    }
    match app.lesson() {
        Some((lesson, _)) => html! {
            <><span class="wide-only">{ "Lesson:" }</span>{ " " }<span class="label">{ &lesson.title }</span></>
        },
        None => html! { <span class="label">{ app.model.checked.preset().name }</span> },
    }
}

fn counters(app: &App) -> Html {
    let pane = app.model.pane();
    let status = pane.and_then(|pane| pane.status.as_ref());
    let step = status.map_or(0, |status| status.step);
    let total = status.and_then(|status| status.total).filter(|total| *total > 0);
    let rate = pane.and_then(|pane| pane.rate).filter(|_| app.model.playing);
    html! {
        <dl class="counters">
            <div class="counter-step">
                <dt>{ "step" }</dt>
                <dd>{ grouped(step) }if let Some(total) = total {
                    <span class="of">{ format!(" of {}", grouped(total)) }</span>
                }</dd>
            </div>
            <div class="counter-rate">
                <dt>{ "steps a second" }</dt>
                <dd>{ rate.map_or_else(|| "–".to_owned(), |rate| significant(rate, 3)) }</dd>
            </div>
            <div class="counter-seed"><dt>{ "seed" }</dt><dd>{ app.model.checked.seed() }</dd></div>
        </dl>
    }
}

fn theme_button(theme: Theme, context: &Context<App>) -> Html {
    let (now, next) = match theme {
        Theme::System => ("as the system", "light"),
        Theme::Light => ("light", "dark"),
        Theme::Dark => ("dark", "as the system"),
    };
    let name = format!("Theme: {now}. Change to {next}");
    icon_button(
        &name,
        icons::theme(),
        on_click(context, move || Message::Page(PageMessage::Theme(theme.next()))),
    )
}

/// A button that is only a picture, with its name for who cannot see it and for who points at it.
pub fn icon_button(name: &str, icon: Html, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" class="button button-icon button-quiet" aria-label={name.to_owned()} title={name.to_owned()} {onclick}>
            { icon }
        </button>
    }
}

/// What happens at a click.
pub fn on_click(context: &Context<App>, message: impl Fn() -> Message + 'static) -> Callback<MouseEvent> {
    context.link().callback(move |_: MouseEvent| message())
}

/// A whole number with thin spaces between groups of three digits: `1 240`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
