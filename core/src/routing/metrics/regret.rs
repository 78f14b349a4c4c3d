//! Regret: how much worse the chosen routes are than the best ones, when the loss of every route is known.
//!
//! The oracle is chosen with the loss it is judged by, so its advantage holds luck too (best of n). Beside a regret
//! belongs the same number with the oracle chosen on one half of the data and judged on the other; call this with
//! both sets of losses.

use super::undefined;
use crate::Result;

/// The loss of every route for every unit.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteLosses {
    losses: Vec<f64>,
    routes: usize,
}

impl RouteLosses {
    /// Losses as `[units, routes]`, the route running fastest.
    ///
    /// # Errors
    /// If there are no routes, the length is not a multiple of them, or a loss is not finite.
    pub fn new(losses: Vec<f64>, routes: usize) -> Result<Self> {
        if routes == 0 || !losses.len().is_multiple_of(routes) {
            let problem = format!("{} losses are not rows of {routes} routes", losses.len());
            return Err(undefined("the regret", problem));
        }
        if let Some(at) = losses.iter().position(|loss| !loss.is_finite()) {
            let problem =
                format!("the loss of unit {}, route {} is {}", at / routes, at % routes, losses[at]);
            return Err(undefined("the regret", problem));
        }
        Ok(Self { losses, routes })
    }

    /// How many routes there are.
    pub fn routes(&self) -> usize {
        self.routes
    }

    /// The loss of each route for one unit.
    ///
    /// # Panics
    /// If there is no such unit.
    pub fn row(&self, unit: usize) -> &[f64] {
        &self.losses[unit * self.routes..(unit + 1) * self.routes]
    }

    /// Mean of `loss(chosen) - loss(best)` over the units that have a choice. `None` stands for padding.
    ///
    /// # Errors
    /// If the choices do not fit the losses, or no unit has one.
    pub fn oracle_regret(&self, chosen: &[Option<usize>]) -> Result<f64> {
        self.mean("the oracle regret", chosen, |row, route| row[route] - smallest(row))
    }

    /// The regret over that of a route drawn uniformly: 0 is the oracle, 1 is chance, above 1 is worse than chance.
    ///
    /// # Errors
    /// If the choices do not fit, no unit has one, or all routes of every unit are equally good.
    pub fn regret_ratio(&self, chosen: &[Option<usize>]) -> Result<f64> {
        const NAME: &str = "the regret ratio";
        let random =
            self.mean(NAME, chosen, |row, _| row.iter().sum::<f64>() / row.len() as f64 - smallest(row))?;
        if random <= 0.0 {
            return Err(undefined(NAME, "all routes of every unit have the same loss"));
        }
        Ok(self.mean(NAME, chosen, |row, route| row[route] - smallest(row))? / random)
    }

    /// The share of units whose chosen route has the smallest loss; any of several equally good routes counts.
    ///
    /// # Errors
    /// If the choices do not fit the losses, or no unit has one.
    pub fn selection_accuracy(&self, chosen: &[Option<usize>]) -> Result<f64> {
        self.mean(
            "the selection accuracy",
            chosen,
            |row, route| if row[route] == smallest(row) { 1.0 } else { 0.0 },
        )
    }

    /// The best route of each unit, the first of equals: the oracle's choice.
    pub fn best_routes(&self) -> Vec<Option<usize>> {
        self.losses
            .chunks(self.routes)
            .map(|row| row.iter().position(|&loss| loss == smallest(row)))
            .collect()
    }

    fn mean(
        &self,
        statistic: &'static str,
        chosen: &[Option<usize>],
        value: impl Fn(&[f64], usize) -> f64,
    ) -> Result<f64> {
        let units = self.losses.len() / self.routes;
        if chosen.len() != units {
            return Err(undefined(
                statistic,
                format!("{} choices meet the losses of {units} units", chosen.len()),
            ));
        }
        let (mut sum, mut count) = (0.0, 0usize);
        for (unit, (row, &route)) in self.losses.chunks(self.routes).zip(chosen).enumerate() {
            let Some(route) = route else { continue };
            if route >= self.routes {
                let problem = format!("unit {unit} chose route {route} of {}", self.routes);
                return Err(undefined(statistic, problem));
            }
            sum += value(row, route);
            count += 1;
        }
        if count == 0 {
            return Err(undefined(statistic, "no unit has a choice"));
        }
        Ok(sum / count as f64)
    }
}

fn smallest(row: &[f64]) -> f64 {
    row.iter().copied().fold(f64::INFINITY, f64::min)
}
