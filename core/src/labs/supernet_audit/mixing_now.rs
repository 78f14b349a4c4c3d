//! How a supernet mixes its weights while it learns: which architecture takes how much from which expert. It reads the router
//! as it is and trains nothing.

use super::pictures::{by_part, mixing_of, sharing_of};
use super::results::mean;
use super::{Audit, Method};
use crate::Result;
use crate::experiment::{Place, View};
use crate::plate::{Axis, BarSeries, Bars, Plate};
use crate::supernet::provider::BlockMixing;
use crate::supernet::sharing::{MixingTable, relative_sharing};

/// Three pictures of the mixing of every audited architecture, from the smallest to the largest, as `mixings` has it: each
/// expert's share, which stands beneath the yard where something is mixed, the same part by part, and who shares with whom.
///
/// # Errors
/// When the device does not answer.
pub async fn views(audit: &Audit, method: Method, mixings: &[Vec<BlockMixing>]) -> Result<Vec<View>> {
    let experts = audit.experts_of(method);
    let mut tables = Vec::with_capacity(mixings.len());
    for mixing in mixings {
        tables.push(MixingTable::read(mixing, experts).await?);
    }
    let means: Vec<Vec<Vec<f64>>> = tables.iter().map(MixingTable::block_means).collect();
    let shares: Vec<Vec<f64>> = means.iter().map(|parts| over_parts(parts, experts)).collect();
    let place = if experts > 1 { Place::Load } else { Place::More };
    let parts = mixing_of(audit, method, &by_part(audit, means.into_iter().flatten()));
    let ratios: Vec<f64> =
        tables.iter().flat_map(|a| tables.iter().map(|b| relative_sharing(a, b))).collect();
    let names: Vec<String> = audit.audited.iter().map(|audited| audited.name.clone()).collect();
    Ok(vec![
        View::new("mixing", place, bars(audit, method, &shares)),
        View::new("mixing-parts", Place::More, parts),
        View::new("sharing", Place::More, sharing_of(method, &names, &ratios)),
    ])
}

/// What an answer says of where each part's weights come from, `[part][expert]`; nothing where nothing is mixed.
pub fn facts(shares: &[Vec<f64>]) -> Vec<(String, String)> {
    let mixed = shares.iter().enumerate().filter(|(_, shares)| shares.len() > 1);
    let fact = |(part, shares): (usize, &Vec<f64>)| {
        let shares: Vec<String> = shares.iter().map(|share| format!("{:.1}%", 100.0 * share)).collect();
        (format!("part {part} from its experts"), shares.join(", "))
    };
    mixed.map(fact).collect()
}

/// The mean of an architecture's parts, expert by expert.
fn over_parts(parts: &[Vec<f64>], experts: usize) -> Vec<f64> {
    (0..experts).map(|expert| mean(&parts.iter().map(|part| part[expert]).collect::<Vec<_>>())).collect()
}

fn bars(audit: &Audit, method: Method, shares: &[Vec<f64>]) -> Plate {
    let experts = shares.first().map_or(1, Vec::len);
    let title = match shares {
        [first, .., last] if experts > 1 => format!(
            "In {} the smallest sub-network takes {:.1}% of its mixed weights from expert 0, the largest {:.1}%",
            method.name(),
            100.0 * first[0],
            100.0 * last[0]
        ),
        _ => format!("In {} every sub-network takes its weights from the one set there is", method.name()),
    };
    let names: Vec<&str> = audit.audited.iter().map(|audited| audited.name.as_str()).collect();
    let series = (0..experts).map(|expert| BarSeries {
        name: format!("expert {expert}"),
        slot: expert,
        values: shares.iter().map(|shares| shares[expert]).collect(),
        dropped: Vec::new(),
    });
    Plate::Bars(Bars {
        title,
        caption: format!(
            "The mean mixing weight of each expert in the mixed parts of the audited sub-networks, from the smallest to the \
             largest: {}. The router reads the architecture and nothing else: equal bars say that it does not tell \
             them apart.",
            names.join(", ")
        ),
        y: Axis::new("mean mixing weight", ""),
        groups: (0..shares.len()).map(|place| group(place, shares.len())).collect(),
        series: series.collect(),
        stacked: true,
        ..Bars::default()
    })
}

/// What an audited architecture is called where there is no room for its name.
fn group(place: usize, count: usize) -> String {
    match place {
        0 => "smallest".to_owned(),
        place if place + 1 == count => "largest".to_owned(),
        place => format!("no. {}", place + 1),
    }
}
