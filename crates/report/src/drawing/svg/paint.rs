//! Paints a plan, from what lies behind to what lies in front.

use super::ink::{Anchor, Ink};
use super::plan::{KEYS_BETWEEN, LINE, Plan, Text};
use crate::drawing::scene::{LaneKind, Scene};

/// How many colours the style has.
pub(super) const COLOURS: usize = 6;

pub(super) struct Painter<'a> {
    pub(super) scene: &'a Scene,
    pub(super) plan: &'a Plan,
    pub(super) ink: Ink,
}

impl Painter<'_> {
    pub(super) fn paint(scene: &Scene, plan: &Plan) -> String {
        let mut painter = Painter { scene, plan, ink: Ink::default() };
        painter.ink.rect("st-card", (0.0, 0.0), plan.size, 8.0);
        painter.ticks();
        painter.faults();
        painter.lives();
        painter.bars();
        painter.interruptions();
        painter.moment();
        painter.replies();
        painter.arrows();
        painter.marks();
        painter.heads();
        painter.legend();
        painter.ink.0
    }

    pub(super) fn y(&self, step: usize) -> f64 {
        self.plan.rows[self.plan.row_of[step]].y
    }

    fn heads(&mut self) {
        let tallest = self.plan.names.iter().map(Text::height).fold(0.0, f64::max);
        for (lane, name) in self.plan.names.iter().enumerate() {
            let x = self.plan.xs[lane];
            let (width, height) = (name.width + 18.0, tallest + 9.0);
            let round = if self.scene.lanes[lane].kind == LaneKind::Client { height / 2.0 } else { 5.0 };
            self.ink.rect("st-head", (x - width / 2.0, 8.0), (width, height), round);
            let y = 8.0 + (height - name.height()) / 2.0 + LINE - 3.6;
            self.lines("st-name", Anchor::Middle, (x, y), name);
            if self.scene.keys.len() > 1 && !self.scene.lanes[lane].opening.is_empty() {
                let text = self.scene.keys.join(KEYS_BETWEEN);
                self.ink.text("st-sub", Anchor::Middle, (x, 8.0 + height + 12.0), &text);
            }
        }
    }

    fn legend(&mut self) {
        let mut y = self.plan.bottom + 20.0;
        for line in &self.plan.legend {
            self.ink.text("st-sub", Anchor::Start, (12.0, y), line);
            y += 14.0;
        }
    }
}
