//! What stands on the lanes: boxes, labels, what was lost, and the box that says what went wrong.

use super::ink::Anchor;
use super::paint::{COLOURS, Painter};
use super::plan::{Box, DISC, Item, LINE, PAD, Row, TIMES, Text, disc};
use crate::drawing::mark::{Line, Tone};
use crate::drawing::scene::Happening;

impl Painter<'_> {
    pub(super) fn marks(&mut self) {
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

    pub(super) fn lines(&mut self, class: &str, anchor: Anchor, (x, mut y): (f64, f64), text: &Text) {
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
}
