//! Where the lanes stand: as far apart as what is written between them needs, and no further, so that a small scene fits a phone.

use super::measure::width;
use super::plan::{BAR, Item, KEYS_BETWEEN, TIMES, Text};
use crate::drawing::mark::Tone;
use crate::drawing::scene::{LaneNo, Scene};

const GAP_LEAST: f64 = 104.0;

/// A gap that grows so that a label and a mark fit beside each other grows no further than this.
const GAP_ROOMY: f64 = 172.0;

/// The middle of each lane, and the width of all.
pub(super) fn across(scene: &Scene, items: &[Option<Item>], names: &[Text]) -> (Vec<f64>, f64) {
    let lanes = scene.lanes.len();
    let mut gaps = vec![GAP_LEAST; lanes.saturating_sub(1)];
    let (mut left, mut right) = (34.0_f64, 34.0_f64);
    let mut need = |lane: LaneNo, to_right: bool, room: f64| {
        if to_right {
            match gaps.get_mut(lane) {
                Some(gap) => *gap = gap.max(room),
                None => right = right.max(room),
            }
        } else if lane == 0 {
            left = left.max(room);
        } else {
            gaps[lane - 1] = gaps[lane - 1].max(room);
        }
    };
    let mut halves = vec![BAR; lanes];
    for item in items.iter().flatten() {
        if let Item::Mark(one) = item
            && matches!(one.mark.tone, Tone::Value)
        {
            halves[one.mark.lane] = halves[one.mark.lane].max(one.width / 2.0);
        }
    }
    for item in items.iter().flatten() {
        match item {
            Item::Label(arrow, text) => {
                let arrow = &scene.arrows[*arrow];
                let to_right = arrow.to > arrow.from;
                let next = if to_right { arrow.from + 1 } else { arrow.from.saturating_sub(1) };
                let least = text.width + 10.0 + BAR + 10.0;
                // A mark may stand beside it in the same row.
                need(arrow.from, to_right, (text.width + 24.0 + halves[next]).min(GAP_ROOMY).max(least));
            }
            Item::Mark(one) => {
                for to_right in [false, true] {
                    need(one.mark.lane, to_right, one.width / 2.0 + 16.0);
                }
            }
            Item::Ended(boxes) => {
                for one in boxes {
                    for to_right in [false, true] {
                        need(one.mark.lane, to_right, one.width / 2.0 + 16.0);
                    }
                }
                if let [a, b] = &boxes[..]
                    && a.mark.lane.abs_diff(b.mark.lane) == 1
                {
                    need(a.mark.lane.min(b.mark.lane), true, (a.width + b.width) / 2.0 + 28.0);
                }
            }
            Item::Lost { arrow, text, to_right, .. } => {
                let is_request = (scene.arrows[*arrow].to > scene.arrows[*arrow].from) == *to_right;
                let arrow = &scene.arrows[*arrow];
                need(if is_request { arrow.from } else { arrow.to }, *to_right, 2.0 * text.width + 36.0);
            }
            Item::Wrong { .. } | Item::LeftOut(_) | Item::Idle(_) => {}
        }
    }
    let keys = if scene.keys.len() > 1 { width(&scene.keys.join(KEYS_BETWEEN), 10.5) } else { 0.0 };
    let head = |lane: usize| {
        let below = if scene.lanes[lane].opening.is_empty() { 0.0 } else { keys };
        (names[lane].width + 18.0).max(below) / 2.0 + 5.0
    };
    for lane in 0..lanes {
        let half = head(lane);
        let next = if lane + 1 < lanes { head(lane + 1) } else { 0.0 };
        need(lane, true, half + next);
        if lane == 0 {
            need(lane, false, half);
        }
    }
    let mut x = TIMES + left;
    let mut xs = Vec::with_capacity(lanes);
    for lane in 0..lanes {
        xs.push(x);
        x += gaps.get(lane).copied().unwrap_or(right);
    }
    let widest = items.iter().flatten().map(|item| match item {
        Item::Wrong { width, .. } => *width + 24.0,
        _ => 0.0,
    });
    let width = widest.fold(x, f64::max).max(300.0);
    (xs, width)
}
