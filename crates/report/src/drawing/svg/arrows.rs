//! Requests and replies: arrows from lane to lane.

use super::paint::{COLOURS, Painter};
use super::plan::{Box, Item, Row};
use crate::drawing::scene::{Happening, LaneNo};

impl Painter<'_> {
    pub(super) fn replies(&mut self) {
        for (number, step) in self.scene.steps.iter().enumerate() {
            let (Happening::Replied(arrow) | Happening::NothingNew(arrow) | Happening::ReplyLost(arrow)) =
                step.what
            else {
                continue;
            };
            let Some(served) = self.end_of(arrow) else { continue };
            let sent = self.scene.steps.iter().position(|step| step.what == Happening::Sent(arrow));
            let arrow = &self.scene.arrows[arrow];
            let side = if arrow.to > arrow.from { 1.0 } else { -1.0 };
            let from = (self.plan.xs[arrow.to] - side * (self.reach(served, arrow.to) + 2.0), self.y(served));
            let end = self.reach(number, arrow.from) + 3.0;
            let to = (self.plan.xs[arrow.from] + side * end, self.y(number));
            let is_flat = sent.is_some_and(|sent| (self.y(sent) - to.1).abs() < 0.5);
            if matches!(step.what, Happening::ReplyLost(_)) {
                let part = self.place_of_loss(number).unwrap_or(to);
                self.ink.line("st-back", from, part);
            } else if !is_flat {
                self.ink.line("st-back", from, to);
                self.ink.path(
                    "st-back",
                    &[(to.0 + side * 6.0, to.1 - 3.2), to, (to.0 + side * 6.0, to.1 + 3.2)],
                    "",
                );
            }
        }
    }

    pub(super) fn arrows(&mut self) {
        for (number, step) in self.scene.steps.iter().enumerate() {
            let Happening::Sent(place) = step.what else { continue };
            let arrow = &self.scene.arrows[place];
            let side = if arrow.to > arrow.from { 1.0 } else { -1.0 };
            let colour = arrow.colour.map_or(String::new(), |colour| format!(" st-c{}", colour % COLOURS));
            let from = (self.plan.xs[arrow.from] + side * (self.half(arrow.from) + 2.0), self.y(number));
            match self.end_of(place) {
                Some(end) => {
                    let reach = self.reach(end, arrow.to);
                    let to = (self.plan.xs[arrow.to] - side * (reach + 2.0), self.y(end));
                    self.arrow(&colour, from, to);
                }
                None => {
                    let lost =
                        self.scene.steps.iter().position(|step| step.what == Happening::RequestLost(place));
                    let nowhere = (from.0 + side * 40.0, from.1 + 14.0);
                    let to = lost.and_then(|lost| self.place_of_loss(lost)).unwrap_or(nowhere);
                    self.ink.line(&format!("st-arrow{colour}"), from, to);
                }
            }
        }
    }

    fn arrow(&mut self, colour: &str, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let neck = (to.0 - ux * 8.5, to.1 - uy * 8.5);
        self.ink.line(&format!("st-arrow{colour}"), from, neck);
        let wing = |side: f64| (to.0 - ux * 9.5 - uy * 4.6 * side, to.1 - uy * 9.5 + ux * 4.6 * side);
        self.ink.path(&format!("st-tip{colour}"), &[to, wing(1.0), wing(-1.0)], "Z");
    }

    /// The step at which a request came to its end.
    fn end_of(&self, arrow: usize) -> Option<usize> {
        self.scene.steps.iter().position(|step| {
            step.arrow() == Some(arrow)
                && !matches!(
                    step.what,
                    Happening::Sent(_)
                        | Happening::Replied(_)
                        | Happening::NothingNew(_)
                        | Happening::ReplyLost(_)
                        | Happening::GaveUp(_)
                        | Happening::RequestLost(_)
                )
        })
    }

    /// Half the width of what stands on a lane at a step.
    fn reach(&self, step: usize, lane: LaneNo) -> f64 {
        self.marks_of(&self.plan.rows[self.plan.row_of[step]])
            .filter(|one| one.mark.lane == lane)
            .map(|one| one.width / 2.0)
            .fold(self.half(lane), f64::max)
    }

    fn marks_of<'r>(&self, row: &'r Row) -> impl Iterator<Item = &'r Box> {
        row.items.iter().filter_map(|item| match item {
            Item::Mark(one) => Some(one),
            _ => None,
        })
    }

    /// Where a request or a reply ends that is lost at a step.
    fn place_of_loss(&self, step: usize) -> Option<(f64, f64)> {
        let row = &self.plan.rows[self.plan.row_of[step]];
        row.items.iter().find_map(|item| match item {
            Item::Lost { x, .. } => Some((*x, row.y)),
            _ => None,
        })
    }
}
