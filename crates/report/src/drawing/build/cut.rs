//! Cuts a long scene around its finding.

use crate::drawing::scene::{Happening, Holding, Scene, Step};
use std::collections::BTreeSet;

/// Of the steps that are kept, this share (in hundredths) comes before the moment it went wrong: causes are more telling than consequences.
const BEFORE_PERCENT: usize = 70;

/// Leaves out what is furthest from the moment it went wrong, until about so many steps are left.
pub(super) fn cut(scene: &mut Scene, most: usize) {
    let wrong = scene.steps.iter().position(|step| step.what == Happening::Wrong).unwrap_or(0);
    let mut kept: BTreeSet<usize> = [wrong].into();
    let involved: BTreeSet<usize> = colours_of_the_wrong(scene, wrong);
    let budget = most.saturating_sub(8);
    let before = budget * BEFORE_PERCENT / 100;
    let unit = |place: usize| unit(scene, place);
    // What the wrong values come from, however long ago.
    for place in (0..wrong).rev().filter(|place| is_of(scene, *place, &involved)) {
        if kept.len() < most / 2 {
            kept.extend(unit(place));
        }
    }
    let start = kept.len();
    for place in (0..wrong).rev() {
        if kept.len() < start + before.saturating_sub(start / 2) {
            kept.extend(unit(place));
        }
    }
    for place in wrong + 1..scene.steps.len() {
        let is_end = matches!(scene.steps[place].what, Happening::Healed | Happening::Ended);
        if is_end || kept.len() < budget {
            kept.extend(unit(place));
        }
    }
    let mut steps: Vec<Step> = Vec::with_capacity(kept.len());
    let mut dropped = 0;
    for place in 0..scene.steps.len() {
        if !kept.contains(&place) {
            dropped += usize::from(!matches!(
                scene.steps[place].what,
                Happening::Arrived(_) | Happening::Replied(_)
            ));
            continue;
        }
        if dropped > 0 {
            let holdings = scene.holdings_before(place);
            steps.push(Step {
                at: scene.steps[place].at,
                what: Happening::LeftOut { steps: dropped, holdings },
            });
            dropped = 0;
        }
        steps.push(scene.steps[place].clone());
    }
    scene.steps = steps;
}

/// A step with all others of its request: an arrow is drawn whole or not at all.
fn unit(scene: &Scene, place: usize) -> Vec<usize> {
    match scene.steps[place].arrow() {
        Some(arrow) => {
            (0..scene.steps.len()).filter(|other| scene.steps[*other].arrow() == Some(arrow)).collect()
        }
        None => vec![place],
    }
}

/// The transactions of what source and sink hold when it goes wrong.
fn colours_of_the_wrong(scene: &Scene, wrong: usize) -> BTreeSet<usize> {
    let holdings = scene.holdings_before(wrong);
    let lanes = [Some(scene.wrong.against), scene.wrong.lane];
    let held = lanes.into_iter().flatten().flat_map(|lane| holdings[lane].iter());
    held.filter_map(|holding| match holding {
        Holding::Version(version, _) => scene.versions[*version].colour,
        Holding::Missing | Holding::NotHeld => None,
    })
    .collect()
}

fn is_of(scene: &Scene, place: usize, colours: &BTreeSet<usize>) -> bool {
    let arrow = scene.steps[place].arrow().and_then(|arrow| scene.arrows[arrow].colour);
    arrow.is_some_and(|colour| colours.contains(&colour))
}
