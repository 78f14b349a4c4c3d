//! The dialogs: what can be opened, how to give a run away, how to use the page.

use switchyard_web::model::Action;
use web_sys::HtmlDialogElement;
use yew::{Callback, Children, Component, Context, Html, NodeRef, Properties, html};

use super::app::{App, Dialog, Message, PageMessage};
use super::{icons, route_file, share};

/// The open dialog, if there is one.
pub fn view(app: &App, context: &Context<App>) -> Html {
    let on_close = context.link().callback(|()| Message::Page(PageMessage::Dialog(None)));
    let Some(dialog) = app.dialog else { return Html::default() };
    let (title, body) = match dialog {
        Dialog::Menu => ("What to open", menu(app, context)),
        Dialog::Share => ("Share this run", share::view(app, context)),
        Dialog::Help => ("How to use this page", help(context)),
    };
    html! { <Modal key={title} {title} {on_close}>{ body }</Modal> }
}

fn menu(app: &App, context: &Context<App>) -> Html {
    let open = |message: Message, close: &Context<App>| {
        let link = close.link().clone();
        let message = std::cell::RefCell::new(Some(message));
        Callback::from(move |_| {
            if let Some(message) = message.borrow_mut().take() {
                link.send_message(message);
            }
            link.send_message(Message::Page(PageMessage::Dialog(None)));
        })
    };
    let lessons = app.library.as_ref().and_then(|library| library.as_ref().ok());
    html! {
        <>
            if let Some(library) = lessons {
                <h3>{ &library.index.words.lessons }</h3>
                <ul class="menu">
                    { for library.lessons.iter().map(|lesson| html! {
                        <li key={lesson.name.clone()}>
                            <button type="button" class="button" onclick={open(Message::Page(PageMessage::OpenLesson(lesson.name.clone(), lesson.preset.clone())), context)}>{ &lesson.title }</button>
                            <p>{ &lesson.summary }</p>
                        </li>
                    }) }
                </ul>
            }
            <section key="file"><h3>{ "Routes from a file" }</h3>{ route_file::field("route-file", context) }</section>
            { for app.model.registry().labs().iter().map(|lab| html! {
                <section key={lab.name()}>
                    <h3>{ lab.paper().title }</h3>
                    <p>{ lab.paper().claim }</p>
                    <ul class="menu">
                        { for lab.presets().iter().map(|preset| html! {
                            <li key={preset.name}>
                                <button type="button" class="button" onclick={open(Message::Act(Action::Choose(preset.name.to_owned())), context)}>{ preset.name }</button>
                                <p>{ format!("{} On two cores, by the command line: {}.", preset.summary, preset.duration) }</p>
                            </li>
                        }) }
                    </ul>
                </section>
            }) }
        </>
    }
}

fn help(context: &Context<App>) -> Html {
    let describe = context.link().callback(|_| Message::Page(PageMessage::Describe));
    html! {
        <>
            <p>{ "Switchyard trains small routed networks inside this tab and shows where everything goes. Nothing is sent anywhere." }</p>
            <dl class="help">
                <dt>{ "Why did this go there?" }</dt>
                <dd>{ "Point at anything in a picture to read its name. Click a point, a token or the plane to ask why it went where it went. By keyboard: Tab to a picture, arrow keys from mark to mark, Enter to ask." }</dd>
                <dt>{ "The same start" }</dt>
                <dd>{ "Reset to start goes back to the very same weights and data. New seed draws others." }</dd>
                <dt>{ "Links" }</dt>
                <dd>{ "The address holds the whole run: copy it, or press Share for a link with step and digest. Back is undo." }</dd>
                <dt>{ "Compare" }</dt>
                <dd>{ "Two runs side by side, in step, that differ only in the fields you choose." }</dd>
                <dt>{ "Routes of another model" }</dt>
                <dd>{ "The menu opens traces, routing logs and load tables, as `switchyard inspect` does: balance, specialisation, stability and drops, with intervals." }</dd>
                <dt>{ "The command line" }</dt>
                <dd>{ "Share gives the command that does the same run natively. Native numbers agree with these within rounding, not to the last bit." }</dd>
            </dl>
            <p><button type="button" class="button" onclick={describe}>{ "Describe the run now" }</button>{ " says where it is, for screen readers." }</p>
        </>
    }
}

/// The properties of [`Modal`].
#[derive(Properties, PartialEq)]
pub struct ModalProperties {
    /// Its heading.
    pub title: &'static str,
    /// What it holds.
    pub children: Children,
    /// It was closed.
    pub on_close: Callback<()>,
}

/// A modal dialog of the browser's own: it keeps the focus, and Escape closes it.
pub struct Modal {
    node: NodeRef,
}

impl Component for Modal {
    type Message = ();
    type Properties = ModalProperties;

    fn create(_: &Context<Self>) -> Self {
        Self { node: NodeRef::default() }
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if first && let Some(dialog) = self.node.cast::<HtmlDialogElement>() {
            // One that is open already is what is wanted.
            let _ = dialog.show_modal();
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let properties = context.props();
        let close = {
            let on_close = properties.on_close.clone();
            Callback::from(move |_: yew::MouseEvent| on_close.emit(()))
        };
        let onclose = properties.on_close.reform(|_: yew::Event| ());
        html! {
            <dialog class="dialog" ref={self.node.clone()} aria-labelledby="dialog-title" {onclose}>
                <header>
                    <h2 id="dialog-title">{ properties.title }</h2>
                    <button type="button" class="button button-icon button-quiet" aria-label="Close" title="Close" onclick={close}>{ icons::close() }</button>
                </header>
                <div class="dialog-body">{ properties.children.clone() }</div>
            </dialog>
        }
    }
}
