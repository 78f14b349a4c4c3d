//! A plate as a figure: its title, the picture, how to read it, its table and its files.

use std::rc::Rc;

use switchyard::experiment::{Probe, View};
use switchyard::plate::Plate;
use switchyard::plate::svg::identifier;
use switchyard_web::plate_logic::difference::difference;
use yew::{
    AttrValue, Callback, Html, Properties, classes, component, html, use_callback, use_memo, use_mut_ref,
    use_state_eq,
};

use super::actions::Actions;
use super::listening::use_steady;
use super::shared::Shared;
use super::stage::Stage;
use super::twin::Twin;
use crate::page::prose::prose;

/// What is shown, where, and who hears questions and news.
#[derive(PartialEq, Properties)]
pub struct PlateProperties {
    /// The picture.
    pub view: Rc<View>,
    /// The other run's picture of the same name, to mark what differs.
    #[prop_or_default]
    pub compare: Option<Rc<View>>,
    /// Whether it is the picture that matters most.
    #[prop_or_default]
    pub prominent: bool,
    /// What its identifiers begin with; unique on the page.
    pub scope: AttrValue,
    /// The mark that the answer shown elsewhere is about.
    #[prop_or_default]
    pub answer_focus: Option<String>,
    /// Asks a question.
    pub on_probe: Callback<Probe>,
    /// Hears what was done, for the status line.
    pub on_notice: Callback<String>,
}

/// The figure. It is drawn again only when its data changed.
#[component]
pub fn PlateView(properties: &PlateProperties) -> Html {
    let held = use_mut_ref(|| Shared(Rc::clone(&properties.view)));
    if *held.borrow().0 != *properties.view {
        held.replace(Shared(Rc::clone(&properties.view)));
    }
    let view = held.borrow().clone();
    let (on_probe, on_notice) = (use_steady(&properties.on_probe), use_steady(&properties.on_notice));
    let open = use_state_eq(|| false);
    let on_table = {
        let set = open.setter();
        use_callback(*open, move |(), open| set.set(!open))
    };
    let told = use_memo((view.clone(), properties.compare.clone()), |(view, other)| {
        other.as_ref().and_then(|other| difference(&view.plate, &other.plate))
    });
    let prefix = AttrValue::from(identifier(&properties.scope));
    let table_id = AttrValue::from(format!("{prefix}-table"));
    let is_table = matches!(view.plate, Plate::Table(_));
    html! {
        <figure class={classes!("plate-figure", properties.prominent.then_some("prominent"))} aria-labelledby={format!("{prefix}-heading")}>
            <h3 key="heading" id={format!("{prefix}-heading")}>{ view.plate.title().into_owned() }</h3>
            if is_table {
                <Twin key="table" view={view.clone()} id={table_id.clone()} />
            } else {
                <Stage key="picture" view={view.clone()} {prefix} prominent={properties.prominent} asked={properties.answer_focus.clone()} difference={Shared(told)} {on_probe} />
            }
            <figcaption key="caption">{ prose(&view.plate.caption()) }</figcaption>
            <Actions key="actions" view={view.clone()} open={(!is_table).then_some(*open)} table_id={table_id.clone()} {on_table} {on_notice} />
            if *open && !is_table {
                <Twin key="twin" {view} id={table_id} />
            }
        </figure>
    }
}
