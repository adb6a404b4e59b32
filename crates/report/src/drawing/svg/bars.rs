//! What each store holds, as bars.

use super::paint::{COLOURS, Painter};
use super::plan::BAR;
use crate::drawing::scene::{Happening, Holding, LaneNo};

impl Painter<'_> {
    /// What each store holds, as bars in the colours of the transactions; framed while it is wrong.
    pub(super) fn bars(&mut self) {
        let scene = self.scene;
        let mut holdings = scene.holdings_before(0);
        let mut since: Vec<Vec<f64>> = holdings.iter().map(|held| vec![self.plan.top; held.len()]).collect();
        let mut wrong: Option<f64> = None;
        let mut frames: Vec<(f64, f64)> = Vec::new();
        for (number, step) in scene.steps.iter().enumerate() {
            let y = self.y(number);
            let before = holdings.clone();
            scene.apply(step, &mut holdings);
            for lane in 0..holdings.len() {
                for key in 0..holdings[lane].len() {
                    if holdings[lane][key] != before[lane][key] {
                        self.bar(lane, key, before[lane][key], (since[lane][key], y));
                        since[lane][key] = y;
                    }
                }
            }
            match step.what {
                Happening::Wrong => wrong = Some(y),
                Happening::Healed => frames.extend(wrong.take().map(|from| (from, y))),
                _ => {}
            }
        }
        for lane in 0..holdings.len() {
            for key in 0..holdings[lane].len() {
                self.bar(lane, key, holdings[lane][key], (since[lane][key], self.plan.bottom));
            }
        }
        frames.extend(wrong.map(|from| (from, self.plan.bottom)));
        let Some(lane) = scene.wrong.lane.or_else(|| scene.source()) else { return };
        if !holdings[lane].is_empty() {
            let half = self.half(lane) + 2.5;
            for (from, until) in frames {
                let x = self.plan.xs[lane];
                self.ink.rect("st-frame", (x - half, from), (2.0 * half, until - from), 4.0);
            }
        }
    }

    fn bar(&mut self, lane: LaneNo, key: usize, holding: Holding, (from, until): (f64, f64)) {
        if until - from < 0.5 {
            return;
        }
        let (left, width) = self.bar_place(lane, key);
        let class = match holding {
            Holding::Version(version, _) => match self.scene.versions[version].colour {
                Some(colour) => format!("st-bar st-c{}", colour % COLOURS),
                None => "st-bar".to_owned(),
            },
            Holding::Missing | Holding::NotHeld => "st-bar st-none".to_owned(),
        };
        self.ink.rect(&class, (left, from), (width, until - from), 2.0);
    }

    /// The left side and the width of a key's bar.
    fn bar_place(&self, lane: LaneNo, key: usize) -> (f64, f64) {
        let x = self.plan.xs[lane];
        match self.scene.keys.len() {
            0 | 1 => (x - BAR, 2.0 * BAR),
            _ => (x + if key == 0 { -13.0 } else { 2.0 }, 11.0),
        }
    }

    /// Half the width of what stands for a lane.
    pub(super) fn half(&self, lane: LaneNo) -> f64 {
        match (self.scene.lanes[lane].opening.len(), self.scene.keys.len()) {
            (0, _) => 1.0,
            (_, 0 | 1) => BAR,
            _ => 13.0,
        }
    }
}
