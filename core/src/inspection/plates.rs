//! Pictures of a summary, of the kinds that there are: bars of the load, heat maps, curves over steps, tables.

use super::balance::Evenness;
use super::loads::LoadSummary;
use super::routes::{KeyTable, PlaceSummary, RouteSummary};
use super::stability::StepPair;
use super::{Inspection, Measure};
use crate::plate::{
    Axis, BarSeries, Bars, Cell, Column, Curve, CurvePoint, Line, Matrix, Plate, Scale, Table,
};

/// The most places whose bars and tables are drawn one by one; the tables hold all.
const MOST_PLACES: usize = 6;

/// The pictures of an inspection.
pub fn plates(inspection: &Inspection) -> Vec<Plate> {
    match inspection {
        Inspection::Routes(summary) => of_routes(summary),
        Inspection::Loads(summary) => of_loads(summary),
    }
}

/// A measure as a cell.
pub fn cell(measure: &Measure) -> Cell {
    match measure {
        Measure::Interval(interval) => Cell::interval(interval.mean, interval.low, interval.high),
        Measure::Point { value, .. } => Cell::number(*value),
        Measure::Undefined { .. } => Cell::Empty,
    }
}

fn of_routes(summary: &RouteSummary) -> Vec<Plate> {
    let mut plates = Vec::new();
    if let Some(matrix) = place_by_slot(summary) {
        plates.push(Plate::Matrix(matrix));
    }
    for place in summary.places.iter().take(MOST_PLACES) {
        plates.push(Plate::Bars(load_bars(place)));
        plates.extend(place.tables.iter().map(|table| Plate::Matrix(key_by_slot(place, table))));
    }
    plates.extend(stability_curve(summary).map(Plate::Curve));
    plates.push(Plate::Table(balance_table(summary)));
    plates.push(Plate::Table(specialisation_table(summary)));
    plates.extend(stability_table(summary).map(Plate::Table));
    plates.push(Plate::Table(drops_table(summary)));
    plates
}

fn shares(loads: &[f64]) -> Vec<Option<f64>> {
    let sum: f64 = loads.iter().sum();
    loads.iter().map(|load| (sum > 0.0).then_some(load / sum)).collect()
}

fn shade(rows: &[Vec<Option<f64>>]) -> Scale {
    let largest = rows.iter().flatten().flatten().copied().fold(0.0, f64::max);
    Scale::Sequential { min: 0.0, max: if largest > 0.0 { largest } else { 1.0 } }
}

/// The share of each slot, place by place, where there are several with equal tables.
fn place_by_slot(summary: &RouteSummary) -> Option<Matrix> {
    let first = summary.places.first()?;
    if summary.places.len() < 2 || summary.places.iter().any(|place| place.slots != first.slots) {
        return None;
    }
    let values: Vec<Vec<Option<f64>>> = summary.places.iter().map(|place| shares(&place.loads)).collect();
    Some(Matrix {
        title: "How much of each layer's load every slot carries".to_owned(),
        caption: "Each row is a place, each cell the share of its choices before drops that went to a slot. Even rows are \
                  balanced."
            .to_owned(),
        rows: summary.places.iter().map(|place| place.name.clone()).collect(),
        columns: first.slots.clone(),
        row_title: "place".to_owned(),
        column_title: "slot".to_owned(),
        unit: String::new(),
        scale: shade(&values),
        values,
    })
}

fn load_bars(place: &PlaceSummary) -> Bars {
    let even = place.loads.iter().sum::<f64>() / place.balance.slots.max(1) as f64;
    let largest =
        (0..place.loads.len()).max_by(|&a, &b| place.loads[a].total_cmp(&place.loads[b])).unwrap_or(0);
    let over = Evenness::of(&place.loads).max_violation;
    let title = match place.slots.get(largest).filter(|_| over.is_finite()) {
        Some(label) => format!("{}: slot {label} is asked for most", place.name),
        None => format!("{}: no slot has any load", place.name),
    };
    Bars {
        title,
        caption: "How many choices each slot was asked for, before drops. On the line all would be asked for equally \
                  much."
            .to_owned(),
        y: Axis::new("choices", ""),
        groups: place.slots.clone(),
        series: vec![BarSeries { name: "choices".to_owned(), slot: 0, values: place.loads.clone(), dropped: Vec::new() }],
        group_slots: (0..place.slots.len()).collect(),
        line: Some((even, "even share".to_owned())),
        ..Bars::default()
    }
}

fn key_by_slot(place: &PlaceSummary, table: &KeyTable) -> Matrix {
    let row = |counts: &Vec<usize>| shares(&counts.iter().map(|&count| count as f64).collect::<Vec<_>>());
    let values: Vec<Vec<Option<f64>>> = table.counts.iter().map(row).collect();
    Matrix {
        title: format!("{}: which slot is the first choice of which {}", place.name, table.key),
        caption: format!(
            "Each row is a {}, each cell the share of its first choices that went to a slot. Equal rows: the router does \
             not tell them apart.",
            table.key
        ),
        rows: table.names.clone(),
        columns: place.slots.clone(),
        row_title: table.key.clone(),
        column_title: "slot".to_owned(),
        unit: String::new(),
        scale: shade(&values),
        values,
    }
}

fn stability_curve(summary: &RouteSummary) -> Option<Curve> {
    let moving: Vec<&PlaceSummary> =
        summary.places.iter().filter(|place| place.against_last.len() > 1).collect();
    if moving.is_empty() {
        return None;
    }
    let point = |pair: &StepPair| match &pair.agreement {
        Measure::Interval(interval) => CurvePoint {
            x: pair.from as f64,
            y: interval.mean,
            low: Some(interval.low),
            high: Some(interval.high),
        },
        other => {
            CurvePoint { x: pair.from as f64, y: other.value().unwrap_or(f64::NAN), low: None, high: None }
        }
    };
    let line = |(slot, place): (usize, &&PlaceSummary)| Line {
        name: place.name.clone(),
        slot,
        points: place.against_last.iter().map(point).collect(),
    };
    Some(Curve {
        title: "How early the choices of the last step were made".to_owned(),
        caption:
            "The share of units whose first choice at a step is the one of the last step, with 95% intervals."
                .to_owned(),
        x: Axis::new("step", ""),
        y: Axis::new("agreement with the last step", ""),
        lines: moving.iter().take(MOST_PLACES).enumerate().map(line).collect(),
    })
}

fn table(title: &str, caption: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
    Table { title: title.to_owned(), caption: caption.to_owned(), columns, rows }
}

fn number(title: &str) -> Column {
    Column::number(title, "")
}

fn balance_table(summary: &RouteSummary) -> Table {
    let row = |place: &PlaceSummary| {
        let balance = &place.balance;
        let mut cells = vec![Cell::text(&place.name), Cell::number(place.units as f64)];
        cells.extend(
            [&balance.load_cv, &balance.max_violation, &balance.jain, &balance.importance_cv].map(cell),
        );
        cells.push(Cell::text(format!("{} of {}", balance.dead.len(), balance.slots)));
        cells
    };
    let columns = vec![
        Column::text("Place"),
        number("Units"),
        number("Load CV"),
        number("Largest excess"),
        number("Jain"),
        number("Importance CV"),
        Column::text("Slots without load"),
    ];
    table("Balance", "Means with 95% intervals.", columns, summary.places.iter().map(row).collect())
}

fn specialisation_table(summary: &RouteSummary) -> Table {
    let row = |place: &PlaceSummary| {
        let of_key = |key: &super::information::KeySummary| {
            let mut cells = vec![Cell::text(&place.name), Cell::text(&key.key), cell(&key.share_of_choice)];
            cells.extend(key.detail.map_or([Cell::Empty, Cell::Empty, Cell::Empty], |detail| {
                [detail.raw, detail.null_mean, detail.p_value].map(Cell::number)
            }));
            cells
        };
        let mut rows: Vec<Vec<Cell>> = place.specialisation.iter().map(of_key).collect();
        if place.path.value().is_some() {
            rows.push(vec![
                Cell::text(&place.name),
                Cell::text("choice in the layer before"),
                cell(&place.path),
            ]);
        }
        rows
    };
    let columns = vec![
        Column::text("Place"),
        Column::text("Key"),
        number("Share of the choice explained"),
        Column::number("I(S;Y)", "nats"),
        Column::number("Null", "nats"),
        number("p"),
    ];
    let caption =
        "I(S;Y)/H(S) of the first choice, minus the mean of a permutation null, with 95% intervals.";
    table("Specialisation", caption, columns, summary.places.iter().flat_map(row).collect())
}

fn stability_table(summary: &RouteSummary) -> Option<Table> {
    let row = |place: &PlaceSummary| {
        let of_pair = |pair: &StepPair| {
            let mut cells =
                vec![Cell::text(&place.name), Cell::text(format!("{} to {}", pair.from, pair.to))];
            cells.extend([&pair.agreement, &pair.jaccard].map(cell));
            cells
        };
        place.stability.iter().map(of_pair).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Cell>> = summary.places.iter().flat_map(row).collect();
    let columns =
        vec![Column::text("Place"), Column::text("Steps"), number("Top-1 agreement"), number("Jaccard")];
    (!rows.is_empty())
        .then(|| table("Stability", "Each step against the next, with 95% intervals.", columns, rows))
}

fn drops_table(summary: &RouteSummary) -> Table {
    let row = |place: &PlaceSummary| {
        let drops = &place.drops;
        let mut cells = vec![Cell::text(&place.name)];
        cells.extend([&drops.rate, &drops.units_without].map(cell));
        cells.extend(drops.by_quarter.iter().map(cell));
        cells.extend([&drops.chosen_k, &drops.effective_k].map(cell));
        cells
    };
    let columns = vec![
        Column::text("Place"),
        number("Drop rate"),
        number("Units without"),
        number("First quarter"),
        number("Second quarter"),
        number("Third quarter"),
        number("Last quarter"),
        number("Chosen k"),
        number("Effective k"),
    ];
    table(
        "Drops",
        "Rates by quarter of the positions. An empty cell is not known; it is not 0.",
        columns,
        summary.places.iter().map(row).collect(),
    )
}

fn of_loads(summary: &LoadSummary) -> Vec<Plate> {
    let values: Vec<Vec<Option<f64>>> = summary.layers.iter().map(|layer| shares(&layer.shares)).collect();
    let matrix = Matrix {
        title: "How much of each layer's load every expert carries".to_owned(),
        caption: format!(
            "Each cell is a share, averaged over the contexts ({}). Even rows are balanced.",
            summary.context_title
        ),
        rows: summary.layers.iter().map(|layer| format!("layer {}", layer.layer)).collect(),
        columns: (0..summary.experts).map(|expert| expert.to_string()).collect(),
        row_title: "layer".to_owned(),
        column_title: "expert".to_owned(),
        unit: String::new(),
        scale: shade(&values),
        values,
    };
    let row = |layer: &super::LayerLoad| {
        let mut cells = vec![Cell::text(format!("layer {}", layer.layer))];
        cells.extend(
            [&layer.load_cv, &layer.max_violation, &layer.jain, &layer.context_cv, &layer.share_of_choice]
                .map(cell),
        );
        cells.push(Cell::text(format!("{} of {}", layer.dead.len(), summary.experts)));
        cells
    };
    let columns = vec![
        Column::text("Layer"),
        number("Load CV"),
        number("Largest excess"),
        number("Jain"),
        number("CV in one context"),
        number("Share of the choice explained"),
        Column::text("Experts without load"),
    ];
    let caption = format!(
        "Means with 95% intervals over the contexts ({}). The last share has no null.",
        summary.context_title
    );
    vec![
        Plate::Matrix(matrix),
        Plate::Table(table(
            "Balance and specialisation",
            &caption,
            columns,
            summary.layers.iter().map(row).collect(),
        )),
    ]
}
