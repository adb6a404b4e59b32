//! Labels that an arrow would cross.

use super::plan::{BAR, Item, Row};
use crate::drawing::scene::{Happening, Scene};

/// The steps whose labels are crossed by an arrow of somebody else that ends in the same row.
pub(super) fn crossed(scene: &Scene, rows: &[Row], row_of: &[usize], xs: &[f64]) -> Vec<usize> {
    let mut crossed = Vec::new();
    for (number, step) in scene.steps.iter().enumerate() {
        let Happening::Sent(own) = step.what else { continue };
        let row = &rows[row_of[number]];
        let label = row.items.iter().find_map(|item| match item {
            Item::Label(arrow, text) if *arrow == own => Some(text),
            _ => None,
        });
        let Some(text) = label else { continue };
        let x = xs[scene.arrows[own].from];
        let side = if scene.arrows[own].to > scene.arrows[own].from { 1.0 } else { -1.0 };
        let (a, b) = (x + side * 11.0, x + side * (11.0 + text.width));
        let (left, right) = (a.min(b), a.max(b));
        let (high, low) = (row.y - 3.0 - text.height(), row.y - 3.0);
        for (place, other) in scene.arrows.iter().enumerate().filter(|(place, _)| *place != own) {
            let mut steps = scene
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| step.arrow() == Some(place))
                .map(|(at, _)| at);
            let (Some(sent), Some(end)) = (steps.next(), steps.next()) else { continue };
            if row_of[end] != row_of[number] {
                continue;
            }
            let half = row.items.iter().find_map(|item| match item {
                Item::Mark(one) if one.mark.lane == other.to => Some(one.width / 2.0),
                _ => None,
            });
            let inward = if other.to > other.from { -1.0 } else { 1.0 };
            let tip = xs[other.to] + inward * half.unwrap_or(BAR);
            let (from, to) = ((xs[other.from], rows[row_of[sent]].y), (tip, row.y));
            let at = |y: f64| from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1).max(1.0);
            let (c, d) = (at(high), at(low));
            if from.1 < high && c.min(d) < right && c.max(d) > left {
                crossed.push(number);
            }
        }
    }
    crossed
}
