//! Paints a plan.

use super::ink::{Anchor, Ink};
use super::plan::{Box, DISC, Item, KEYS_BETWEEN, LINE, PAD, Plan, Row, TIMES, Text, disc};
use crate::drawing::mark::{Line, Tone};
use crate::drawing::scene::{Happening, LaneKind, LaneNo, Scene};
use driftlab_model::Stage;

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

    /// The times, where they change.
    fn ticks(&mut self) {
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
    fn faults(&mut self) {
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
    fn lives(&mut self) {
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
                    Stage::Crashed => "st-life st-down",
                    Stage::Paused => "st-life st-still",
                    Stage::Started | Stage::Resumed => "st-life",
                };
            }
            self.ink.line(class, (x, from), (x, self.plan.bottom));
        }
    }

    /// Stretches without any step, and steps that are left out.
    fn interruptions(&mut self) {
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

    /// What an interruption is, in words; above all arrows, as these may pass through it.
    fn words_of(&mut self, item: &Item, y: f64) {
        let text = match item {
            Item::Idle(span) => format!("{span} later"),
            Item::LeftOut(1) => "1 step left out".to_owned(),
            Item::LeftOut(steps) => format!("{steps} steps left out"),
            _ => return,
        };
        self.ink.text("st-sub st-label", Anchor::Start, (TIMES + 10.0, y + 3.7), &text);
    }

    /// The moment it went wrong: a line through all lanes, and between the two that differ a sign that they do.
    fn moment(&mut self) {
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

    fn replies(&mut self) {
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

    fn arrows(&mut self) {
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

    /// Where a request or a reply ends that is lost at a step.
    fn place_of_loss(&self, step: usize) -> Option<(f64, f64)> {
        let row = &self.plan.rows[self.plan.row_of[step]];
        row.items.iter().find_map(|item| match item {
            Item::Lost { x, .. } => Some((*x, row.y)),
            _ => None,
        })
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

    fn marks(&mut self) {
        let plan = self.plan;
        let wrong = self.wrong_show();
        for (place, row) in plan.rows.iter().enumerate() {
            for item in &row.items {
                match item {
                    Item::Label(arrow, text) => {
                        let arrow = &self.scene.arrows[*arrow];
                        let is_right = arrow.to > arrow.from;
                        let x = plan.xs[arrow.from];
                        let (x, anchor) =
                            if is_right { (x + 11.0, Anchor::Start) } else { (x - 11.0, Anchor::End) };
                        self.lines("st-label", anchor, (x, row.y - 6.0 - text.height() + LINE), text);
                    }
                    Item::Mark(one) => {
                        let is_wrong = wrong == Some(place) && Some(one.mark.lane) == self.scene.wrong.lane;
                        self.mark(one, row.y, is_wrong);
                    }
                    Item::Lost { text, x, to_right, .. } => {
                        self.ink.cross((*x, row.y));
                        let (side, anchor) =
                            if *to_right { (1.0, Anchor::Start) } else { (-1.0, Anchor::End) };
                        self.lines("st-bad st-label", anchor, (x + side * 11.0, row.y + 4.2), text);
                    }
                    Item::Ended(boxes) => {
                        self.ink.text("st-time", Anchor::End, (TIMES, row.y + 3.5), "the end");
                        for one in boxes {
                            self.mark(one, row.y, Some(one.mark.lane) == self.scene.wrong.lane);
                        }
                        self.unequal(row.y, boxes);
                    }
                    Item::Wrong { headline, witness, width } => {
                        self.wrong_box(row, headline, witness, *width);
                    }
                    Item::LeftOut(_) | Item::Idle(_) => self.words_of(item, row.y),
                }
            }
        }
    }

    /// The row whose show is the moment it went wrong.
    fn wrong_show(&self) -> Option<usize> {
        let wrong = self.scene.steps.iter().position(|step| step.what == Happening::Wrong)?;
        let at = self.scene.steps[wrong].at;
        let show = (0..wrong).rev().take_while(|place| self.scene.steps[*place].at == at).find(|place| {
            let step = &self.scene.steps[*place];
            let shows = matches!(step.what, Happening::Shown { .. } | Happening::Applied { .. });
            shows && self.scene.lane_of(step) == self.scene.wrong.lane
        })?;
        Some(self.plan.row_of[show])
    }

    fn lines(&mut self, class: &str, anchor: Anchor, (x, mut y): (f64, f64), text: &Text) {
        for line in &text.lines {
            self.ink.text(class, anchor, (x, y), line);
            y += LINE;
        }
    }

    fn mark(&mut self, one: &Box, y: f64, is_wrong: bool) {
        let x = self.plan.xs[one.mark.lane];
        let (left, top) = (x - one.width / 2.0, y - one.height / 2.0);
        let colour = one.mark.lines.first().and_then(|line| line.colour);
        let colour = colour.map_or(String::new(), |colour| format!(" st-c{}", colour % COLOURS));
        let class = match one.mark.tone {
            _ if is_wrong => "st-pill st-wrongpill".to_owned(),
            Tone::Value => format!("st-pill{colour}"),
            Tone::Note => "st-note".to_owned(),
            Tone::Bad => "st-badpill".to_owned(),
            Tone::Good => "st-goodpill".to_owned(),
        };
        self.ink.rect(&class, (left, top), (one.width, one.height), 11.0);
        let mut line_top = top + 3.5;
        for (line, text) in one.mark.lines.iter().zip(&one.texts) {
            let middle = line_top + LINE / 2.0;
            self.disc(line, (left + PAD - 2.0, middle));
            self.lines("st-text", Anchor::Start, (left + PAD + one.indent, middle + 4.3), text);
            line_top += text.height();
        }
    }

    fn disc(&mut self, line: &Line, (left, middle): (f64, f64)) {
        let Some(place) = line.place else { return };
        let colour = line.colour.map_or(String::new(), |colour| format!(" st-c{}", colour % COLOURS));
        let digits = place.digits();
        let width = disc(&digits);
        self.ink.rect(&format!("st-disc{colour}"), (left, middle - DISC / 2.0), (width, DISC), DISC / 2.0);
        self.ink.text("st-place", Anchor::Middle, (left + width / 2.0, middle + 3.9), &digits);
    }

    /// A sign between two boxes that do not say the same.
    fn unequal(&mut self, y: f64, boxes: &[Box]) {
        if let [a, b] = boxes {
            let x = |one: &Box, side: f64| self.plan.xs[one.mark.lane] + side * one.width / 2.0;
            let side = if self.plan.xs[b.mark.lane] > self.plan.xs[a.mark.lane] { 1.0 } else { -1.0 };
            self.sign_unequal(((x(a, side) + x(b, -side)) / 2.0, y));
        }
    }

    fn sign_unequal(&mut self, middle: (f64, f64)) {
        self.ink.circle("st-wrongdisc", middle, 9.5);
        self.ink.text("st-unequal", Anchor::Middle, (middle.0, middle.1 + 5.2), "≠");
    }

    fn wrong_box(&mut self, row: &Row, headline: &Text, witness: &[Text], width: f64) {
        let against = self.plan.xs[self.scene.wrong.against];
        let lane = self.scene.wrong.lane.map_or(against, |lane| self.plan.xs[lane]);
        let middle = (against + lane) / 2.0;
        let height = headline.height() + witness.iter().map(Text::height).sum::<f64>() + 9.0;
        let left = (middle - width / 2.0).clamp(8.0, (self.plan.size.0 - 8.0 - width).max(8.0));
        let top = row.y + 16.0;
        self.ink.rect("st-box", (left, top), (width, height), 7.0);
        if self.scene.wrong.lane.is_some() {
            self.sign_unequal((middle, row.y));
        }
        let mut y = top + LINE + 1.0;
        let center = left + width / 2.0;
        self.lines("st-bad", Anchor::Middle, (center, y), headline);
        y += headline.height();
        for text in witness {
            self.lines("st-text", Anchor::Middle, (center, y), text);
            y += text.height();
        }
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
