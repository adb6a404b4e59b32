//! What lies behind everything: times, faults, lives, interruptions, and the moment it went wrong.

use super::ink::Anchor;
use super::paint::Painter;
use super::plan::{Item, TIMES};
use crate::drawing::scene::Happening;
use driftlab_model::Stage;

impl Painter<'_> {
    /// The times, where they change.
    pub(super) fn ticks(&mut self) {
        let mut last = String::new();
        for row in self.plan.rows.iter().filter(|row| !row.is_thin()) {
            let time = row.at.to_string();
            let is_plain = row
                .items
                .iter()
                .all(|item| matches!(item, Item::Label(..) | Item::Mark(_) | Item::Lost { .. }));
            if is_plain && time != last {
                self.ink.text("st-time", Anchor::End, (TIMES, row.y + 3.5), &time);
                self.ink.line("st-tick", (TIMES + 5.0, row.y), (self.plan.size.0 - 8.0, row.y));
                last = time;
            }
        }
    }

    /// Faults of stores, as bands behind their lanes.
    pub(super) fn faults(&mut self) {
        for (lane, x) in self.plan.xs.iter().enumerate() {
            let mut open: Option<f64> = None;
            for (number, step) in self.scene.steps.iter().enumerate() {
                match &step.what {
                    Happening::Fault { lane: struck, begins, .. } if *struck == lane => {
                        let y = self.y(number);
                        match (begins, open) {
                            (true, None) => open = Some(y),
                            (false, Some(from)) => {
                                self.ink.rect("st-fault", (x - 17.0, from), (34.0, y - from), 3.0);
                                open = None;
                            }
                            _ => {}
                        }
                    }
                    _ => {}
                }
            }
            if let Some(from) = open {
                self.ink.rect("st-fault", (x - 17.0, from), (34.0, self.plan.bottom - from), 3.0);
            }
        }
    }

    /// The lines of those who hold nothing: dotted while they are down, dashed while they stand still.
    pub(super) fn lives(&mut self) {
        for (lane, &x) in self.plan.xs.iter().enumerate() {
            if !self.scene.lanes[lane].opening.is_empty() {
                continue;
            }
            let (mut from, mut class) = (self.plan.top, "st-life");
            for (number, step) in self.scene.steps.iter().enumerate() {
                let Happening::Lived { lane: who, stage } = &step.what else { continue };
                if *who != lane {
                    continue;
                }
                let y = self.y(number);
                self.ink.line(class, (x, from), (x, y));
                from = y;
                class = match stage {
                    Stage::Crashed | Stage::Lost => "st-life st-down",
                    Stage::Paused | Stage::Halted(_) => "st-life st-still",
                    Stage::Started | Stage::Resumed | Stage::Restored => "st-life",
                };
            }
            self.ink.line(class, (x, from), (x, self.plan.bottom));
        }
    }

    /// Stretches without any step, and steps that are left out.
    pub(super) fn interruptions(&mut self) {
        for row in &self.plan.rows {
            if !matches!(row.items.first(), Some(Item::Idle(_) | Item::LeftOut(_))) {
                continue;
            }
            let (left, right) = (TIMES + 5.0, self.plan.size.0 - 8.0);
            self.ink.rect("st-gap", (left, row.y - 6.0), (right - left, 12.0), 0.0);
            self.ink.line("st-dots", (left, row.y - 6.0), (right, row.y - 6.0));
            self.ink.line("st-dots", (left, row.y + 6.0), (right, row.y + 6.0));
        }
    }

    /// The moment it went wrong: a line through all lanes, and between the two that differ a sign that they do.
    pub(super) fn moment(&mut self) {
        for row in &self.plan.rows {
            let is_end = match row.items.first() {
                Some(Item::Wrong { .. }) => {
                    self.ink.line("st-moment", (TIMES + 5.0, row.y), (self.plan.size.0 - 8.0, row.y));
                    false
                }
                Some(Item::Ended(_)) => true,
                _ => continue,
            };
            if let Some(lane) = self.scene.wrong.lane {
                let (a, b) = (self.plan.xs[self.scene.wrong.against], self.plan.xs[lane]);
                self.ink.line("st-link", (a, row.y), (b, row.y));
                if !is_end {
                    for x in [a, b] {
                        self.ink.circle("st-wrongdisc", (x, row.y), 4.0);
                    }
                }
            }
        }
    }
}
