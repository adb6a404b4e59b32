//! Where everything goes: lanes from left to right, rows from top to bottom.
//!
//! Time is ordinal: what happens at another moment stands in another row, and rows are as high as what they say. What stands in one row shares
//! neither a lane nor a place, and rows do not overlap, so no text lies on another.

use super::columns::across;
use super::crossing::crossed;
use super::measure::{width, wrap};
use crate::drawing::mark::{Mark, Tone};
use crate::drawing::scene::{Arrow, ArrowNo, Happening, Scene, Step};
use driftlab_model::{Span, Time};
use std::collections::BTreeSet;

pub(super) const FONT: f64 = 12.5;
pub(super) const LINE: f64 = 15.0;
/// The height of a disc; one with several digits is longer.
pub(super) const DISC: f64 = 15.2;
pub(super) const PAD: f64 = 8.0;
/// Half the width of a lane's bar.
pub(super) const BAR: f64 = 6.5;
/// The width of the column of times.
pub(super) const TIMES: f64 = 54.0;

/// What stands between the names of two keys above their bars.
pub(super) const KEYS_BETWEEN: &str = " · ";

const LABEL_WIDEST: f64 = 136.0;
const MARK_WIDEST: f64 = 150.0;
const WRONG_WIDEST: f64 = 250.0;
const ROW_LEAST: f64 = 30.0;
const THIN_LEAST: f64 = 17.0;
/// A stretch in which nothing happens is marked where it is so many times longer than they are in the middle.
const IDLE_TIMES: u64 = 6;
/// How often labels are moved out of the way of arrows; each round may bring a new crossing, and most drawings need one.
const ROUNDS: usize = 4;

/// A text in lines, with the room that it takes.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) lines: Vec<String>,
    pub(super) width: f64,
}

impl Text {
    pub(super) fn of(text: &str, size: f64, widest: f64) -> Self {
        let lines = wrap(text, size, widest);
        let width = lines.iter().map(|line| width(line, size)).fold(0.0, f64::max);
        Self { lines, width }
    }

    pub(super) fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE
    }
}

/// A mark with its room: each line of it may be broken into several.
#[derive(Clone, Debug)]
pub(super) struct Box {
    pub(super) mark: Mark,
    pub(super) texts: Vec<Text>,
    /// The room that discs take before the texts.
    pub(super) indent: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The width of a disc with these digits.
pub(super) fn disc(digits: &str) -> f64 {
    (width(digits, 11.0) + 7.0).max(DISC)
}

impl Box {
    pub(super) fn of(mark: Mark) -> Self {
        let texts: Vec<Text> =
            mark.lines.iter().map(|line| Text::of(&line.text, FONT, MARK_WIDEST)).collect();
        let discs = mark.lines.iter().filter_map(|line| line.place).map(|place| disc(&place.digits()) + 5.5);
        let indent = discs.fold(0.0, f64::max);
        let widest = texts.iter().map(|text| text.width).fold(0.0, f64::max);
        let height = texts.iter().map(Text::height).sum::<f64>() + 7.0;
        Self { mark, texts, indent, width: widest + indent + 2.0 * PAD, height }
    }
}

/// What stands in a row.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// An arrow's words, beside the lane that it leaves.
    Label(ArrowNo, Text),
    Mark(Box),
    /// Where a request or a reply was lost: between two lanes, with words beyond the cross.
    Lost {
        arrow: ArrowNo,
        text: Text,
        x: f64,
        to_right: bool,
    },
    /// The moment it went wrong: its headline and its witness.
    Wrong {
        headline: Text,
        witness: Vec<Text>,
        width: f64,
    },
    /// The end: what the lanes of the finding hold.
    Ended(Vec<Box>),
    LeftOut(usize),
    Idle(Span),
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) at: Time,
    pub(super) y: f64,
    pub(super) items: Vec<Item>,
    up: f64,
    down: f64,
    taken: Vec<(f64, f64)>,
    is_alone: bool,
}

/// Where everything goes.
pub(super) struct Plan {
    pub(super) size: (f64, f64),
    /// The middle of each lane.
    pub(super) xs: Vec<f64>,
    pub(super) names: Vec<Text>,
    /// Where the lanes begin and end.
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) rows: Vec<Row>,
    /// The row of each step.
    pub(super) row_of: Vec<usize>,
    pub(super) legend: Vec<String>,
}

impl Plan {
    pub(super) fn of(scene: &Scene, legend: &str) -> Self {
        let items: Vec<Option<Item>> =
            scene.steps.iter().enumerate().map(|(at, s)| item(scene, at, s)).collect();
        let names: Vec<Text> =
            scene.lanes.iter().map(|lane| Text::of(&spaced(&lane.name), 13.0, 96.0)).collect();
        let (xs, width) = across(scene, &items, &names);
        let subtitle = if scene.keys.len() > 1 { 14.0 } else { 0.0 };
        let head = names.iter().map(Text::height).fold(0.0, f64::max) + 12.0;
        let top = 10.0 + head + subtitle;
        // A label that an arrow crosses on its last stretch goes into a row of its own, below the arrow's end.
        let mut anew = BTreeSet::new();
        let (mut rows, mut row_of, mut bottom) = down(scene, &items, &xs, top, &anew);
        for _ in 0..ROUNDS {
            let crossed = crossed(scene, &rows, &row_of, &xs);
            let before = anew.len();
            anew.extend(crossed);
            if anew.len() == before {
                break;
            }
            (rows, row_of, bottom) = down(scene, &items, &xs, top, &anew);
        }
        let legend = wrap(legend, 10.5, width - 24.0);
        let height = bottom + 14.0 + legend.len() as f64 * 14.0 + 8.0;
        Self { size: (width, height), xs, names, top, bottom, rows, row_of, legend }
    }
}

impl Row {
    fn new(at: Time) -> Self {
        Self { at, y: 0.0, items: Vec::new(), up: 0.0, down: 0.0, taken: Vec::new(), is_alone: false }
    }

    fn alone(at: Time, item: Item, up: f64, down: f64) -> Self {
        Self { items: vec![item], up, down, is_alone: true, ..Self::new(at) }
    }

    fn is_free(&self, (left, right): (f64, f64)) -> bool {
        self.taken.iter().all(|(from, until)| right < *from || *until < left)
    }

    /// Whether it says anything.
    pub(super) fn is_thin(&self) -> bool {
        self.items.is_empty()
    }
}

/// A long name may be broken where its parts meet.
fn spaced(name: &str) -> String {
    if name.chars().count() > 12 { name.replace('.', ". ") } else { name.to_owned() }
}

fn item(scene: &Scene, place: usize, step: &Step) -> Option<Item> {
    match &step.what {
        Happening::Sent(arrow) => {
            Some(Item::Label(*arrow, Text::of(&scene.arrows[*arrow].what, FONT, LABEL_WIDEST)))
        }
        Happening::Wrong => {
            let headline = Text::of(&format!("✗ {}", scene.wrong.headline), FONT, WRONG_WIDEST);
            let words = scene.wrong_words();
            // What stands in brackets stays together.
            let words = words.iter().map(|line| line.replace("(commit ", "(commit\u{a0}"));
            let witness: Vec<Text> = words.map(|line| Text::of(&line, FONT, WRONG_WIDEST)).collect();
            let widest = witness.iter().map(|text| text.width).fold(headline.width, f64::max);
            Some(Item::Wrong { headline, witness, width: widest + 2.0 * PAD + 4.0 })
        }
        Happening::Ended => {
            let holdings = scene.holdings_before(place);
            let lanes = [Some(scene.wrong.against), scene.wrong.lane];
            let boxes = lanes.into_iter().flatten().filter(|lane| !holdings[*lane].is_empty()).map(|lane| {
                let lines = holdings[lane].iter().enumerate().map(|(key, held)| scene.line(key, *held));
                let is_wrong = Some(lane) == scene.wrong.lane;
                let tone = if is_wrong { Tone::Bad } else { Tone::Value };
                Box::of(Mark { lane, lines: lines.collect(), tone })
            });
            let boxes: Vec<Box> = boxes.collect();
            (boxes.len() == 2 || scene.wrong.lane.is_none()).then_some(Item::Ended(boxes))
        }
        Happening::LeftOut { steps, .. } => Some(Item::LeftOut(*steps)),
        Happening::RequestLost(arrow) | Happening::ReplyLost(arrow) => {
            let words = scene.mark(step).map_or_else(String::new, |mark| mark.text().replace("✗ ", ""));
            let is_request = matches!(step.what, Happening::RequestLost(_));
            let to_right = (scene.arrows[*arrow].to > scene.arrows[*arrow].from) == is_request;
            Some(Item::Lost { arrow: *arrow, text: Text::of(&words, FONT, LABEL_WIDEST), x: 0.0, to_right })
        }
        _ => scene.mark(step).map(|mark| Item::Mark(Box::of(mark))),
    }
}

/// The rows, the row of each step, and where they end; these steps begin rows of their own.
fn down(
    scene: &Scene,
    items: &[Option<Item>],
    xs: &[f64],
    top: f64,
    anew: &BTreeSet<usize>,
) -> (Vec<Row>, Vec<usize>, f64) {
    let mut rows: Vec<Row> = Vec::new();
    let mut row_of = Vec::with_capacity(items.len());
    let idle = idle(&scene.steps);
    for (number, (step, item)) in scene.steps.iter().zip(items).enumerate() {
        if let Some(last) = rows.last()
            && idle.is_some_and(|least| step.at - last.at > least)
            && !matches!(step.what, Happening::LeftOut { .. } | Happening::Ended)
            && !matches!(last.items.first(), Some(Item::LeftOut(_)))
        {
            let span = step.at - last.at;
            rows.push(Row::alone(step.at, Item::Idle(span), 10.0, 10.0));
        }
        row_of.push(place(&mut rows, xs, scene, step.at, item.clone(), anew.contains(&number)));
    }
    let bottom = stack(&mut rows, top);
    (rows, row_of, bottom)
}

/// Puts what a step says into the last row, or into a new one.
fn place(
    rows: &mut Vec<Row>,
    xs: &[f64],
    scene: &Scene,
    at: Time,
    item: Option<Item>,
    starts_anew: bool,
) -> usize {
    let last = rows.len().checked_sub(1).filter(|last| rows[*last].at == at && !rows[*last].is_alone);
    let Some(item) = item else {
        return last.unwrap_or_else(|| push(rows, Row::new(at)));
    };
    let mut place_of_loss = 0.0;
    let (interval, up, down) = match &item {
        Item::Label(arrow, text) => {
            let arrow = &scene.arrows[*arrow];
            let x = xs[arrow.from];
            let interval = if arrow.to > arrow.from {
                (x - BAR, x + 14.0 + text.width)
            } else {
                (x - 14.0 - text.width, x + BAR)
            };
            (interval, text.height() + 4.0, 5.0)
        }
        Item::Mark(one) => {
            let x = xs[one.mark.lane];
            ((x - one.width / 2.0 - 4.0, x + one.width / 2.0 + 4.0), one.height / 2.0, one.height / 2.0)
        }
        Item::Lost { arrow, text, to_right, .. } => {
            place_of_loss = crossing(&scene.arrows[*arrow], xs, &scene.steps, *arrow);
            let (before, beyond) =
                if *to_right { (8.0, text.width + 14.0) } else { (text.width + 14.0, 8.0) };
            ((place_of_loss - before, place_of_loss + beyond), 8.0, 8.0)
        }
        Item::Wrong { headline, witness, .. } => {
            let words = headline.height() + witness.iter().map(Text::height).sum::<f64>();
            return push(rows, Row::alone(at, item, 12.0, words + 34.0));
        }
        Item::Ended(boxes) => {
            let half = boxes.iter().map(|one| one.height / 2.0).fold(0.0, f64::max);
            return push(rows, Row::alone(at, item, half + 4.0, half + 4.0));
        }
        Item::LeftOut(_) | Item::Idle(_) => return push(rows, Row::alone(at, item, 12.0, 12.0)),
    };
    let is_lost = matches!(item, Item::Lost { .. });
    let last = last.filter(|last| !is_lost && !starts_anew && rows[*last].is_free(interval));
    let place = last.unwrap_or_else(|| push(rows, Row::new(at)));
    let item = match item {
        Item::Lost { arrow, text, to_right, .. } => Item::Lost { arrow, text, x: place_of_loss, to_right },
        item => item,
    };
    let row = &mut rows[place];
    row.up = row.up.max(up);
    row.down = row.down.max(down);
    row.taken.push(interval);
    row.items.push(item);
    place
}

/// Where something is lost: half-way between the lane that it left and the next.
fn crossing(arrow: &Arrow, xs: &[f64], steps: &[Step], number: ArrowNo) -> f64 {
    let is_reply = steps.iter().any(|step| step.what == Happening::ReplyLost(number));
    let (from, to) = if is_reply { (arrow.to, arrow.from) } else { (arrow.from, arrow.to) };
    let next = if to > from { from + 1 } else { from.saturating_sub(1) };
    (xs[from] + xs[next]) / 2.0
}

fn push(rows: &mut Vec<Row>, row: Row) -> usize {
    rows.push(row);
    rows.len() - 1
}

/// Puts the rows below each other, and gives where they end.
fn stack(rows: &mut [Row], top: f64) -> f64 {
    let (mut floor, mut before) = (top + 4.0, top - 8.0);
    for row in rows.iter_mut() {
        let least = if row.is_thin() { THIN_LEAST } else { ROW_LEAST };
        row.y = (floor + 5.0 + row.up).max(before + least);
        (floor, before) = (row.y + row.down, row.y);
    }
    floor + 14.0
}

/// How long a stretch without any step is that is worth marking; `None` where there are too few to tell.
fn idle(steps: &[Step]) -> Option<Span> {
    let mut spans: Vec<Span> =
        steps.windows(2).map(|pair| pair[1].at - pair[0].at).filter(|span| !span.is_zero()).collect();
    spans.sort_unstable();
    let middle = spans.get(spans.len() / 2)?;
    (spans.len() > 2).then(|| Span::from_nanos(middle.nanos().saturating_mul(IDLE_TIMES)))
}
