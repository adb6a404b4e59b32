//! What goes into one chart: the axis that is drawn from left to right, and the combinations that lie on it.

use crate::sweep::{CellSummary, Sweep};

/// Places side by side that a chart can still tell apart.
const MOST_PLACES: usize = 60;

/// The combinations of one chart: all that agree in every axis but the one that is drawn from left to right.
pub(super) struct Panel<'a> {
    /// The values of the other axes, as a person reads them; empty where there is one axis.
    pub(super) told: String,
    /// The combinations from left to right, each with its place.
    pub(super) cells: Vec<(usize, &'a CellSummary)>,
}

/// The axis with the most values, by its place; of several the first: a curve says more than many charts.
pub(super) fn across(sweep: &Sweep) -> usize {
    let longest = sweep.axes.iter().map(|axis| axis.values.len()).max();
    sweep.axes.iter().position(|axis| Some(axis.values.len()) == longest).unwrap_or(0)
}

/// Whether what is drawn from left to right are quantities, so that a line from one to the next says something: all values begin with a digit.
pub(super) fn is_quantity(values: &[String]) -> bool {
    values.iter().all(|value| value.starts_with(|c: char| c.is_ascii_digit()))
}

/// Every how many of the values are drawn.
pub(super) fn every(values: &[String]) -> usize {
    values.len().div_ceil(MOST_PLACES).max(1)
}

/// All charts of a measure, in the order of the combinations.
pub(super) fn panels(sweep: &Sweep) -> Vec<Panel<'_>> {
    let across = across(sweep);
    let Some(axis) = sweep.axes.get(across) else { return Vec::new() };
    let every = every(&axis.values);
    let mut panels: Vec<(Vec<&str>, Panel<'_>)> = Vec::new();
    for cell in &sweep.cells {
        let value = cell.values.get(across);
        let Some(place) = axis.values.iter().position(|one| Some(one) == value) else { continue };
        if place % every != 0 {
            continue;
        }
        let others: Vec<&str> = cell
            .values
            .iter()
            .enumerate()
            .filter(|(axis, _)| *axis != across)
            .map(|(_, v)| v.as_str())
            .collect();
        match panels.iter_mut().find(|(values, _)| *values == others) {
            Some((_, panel)) => panel.cells.push((place / every, cell)),
            None => {
                let names = sweep
                    .axes
                    .iter()
                    .enumerate()
                    .filter(|(axis, _)| *axis != across)
                    .map(|(_, axis)| &axis.option);
                let told: Vec<String> =
                    names.zip(&others).map(|(name, value)| format!("{name} = {value}")).collect();
                panels.push((others, Panel { told: told.join(", "), cells: vec![(place / every, cell)] }));
            }
        }
    }
    panels.into_iter().map(|(_, panel)| panel).collect()
}
