//! The table twin: every number of a picture, as a table.

use switchyard::plate::{Cell, Plate, Table};
use yew::{AttrValue, Html, Properties, component, html, use_memo};

use super::shared::Shared;
use switchyard::experiment::View;

/// More rows than this are left to the CSV file.
const MOST_ROWS: usize = 500;

/// Whose table.
#[derive(PartialEq, Properties)]
pub struct TwinProperties {
    /// The picture.
    pub view: Shared<View>,
    /// The table's identifier.
    pub id: AttrValue,
}

/// The table, in a box that scrolls.
#[component]
pub fn Twin(properties: &TwinProperties) -> Html {
    let table = use_memo(properties.view.clone(), |view| match &view.plate {
        Plate::Table(table) => table.clone(),
        plate => plate.table(),
    });
    let left_out = table.rows.len().saturating_sub(MOST_ROWS);
    html! {
        <div key="twin" id={properties.id.clone()} class="scroll plate-table" tabindex="0" role="region" aria-label={format!("{}: table", table.title)}>
            <table class="data-table">
                <thead><tr>{ for table.columns.iter().enumerate().map(|(index, column)| html! {
                    <th key={index} scope="col" class={column.numeric.then_some("number")}>{ column.label() }</th>
                }) }</tr></thead>
                <tbody>{ for table.rows.iter().take(MOST_ROWS).enumerate().map(|(index, row)| html! {
                    <tr key={index}>{ for cells(&table, row) }</tr>
                }) }</tbody>
            </table>
            if left_out > 0 {
                <p>{ format!("{left_out} more rows are in the CSV file.") }</p>
            }
        </div>
    }
}

fn cells<'a>(table: &'a Table, row: &'a [Cell]) -> impl Iterator<Item = Html> + 'a {
    table.columns.iter().enumerate().map(|(index, column)| {
        let shown = row.get(index).map(Cell::shown).unwrap_or_default();
        let class = column.numeric.then_some("number");
        match index {
            0 => html! { <th key={index} scope="row" {class}>{ shown }</th> },
            _ => html! { <td key={index} {class}>{ shown }</td> },
        }
    })
}
