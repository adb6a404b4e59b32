//! The last touches to a scene: lanes in order and only those that are needed, colours in the order in which they appear.

use super::scene::{Happening, LaneKind, LaneNo, Others, Scene};
use driftlab_model::Stage;
use std::collections::{BTreeMap, BTreeSet};

impl Scene {
    /// Puts the lanes into an order, given as their places; lanes that are not in it go.
    pub(super) fn arrange(&mut self, order: &[LaneNo]) {
        let to: BTreeMap<LaneNo, LaneNo> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        self.lanes = order.iter().map(|old| self.lanes[*old].clone()).collect();
        let moved = |lane: &mut LaneNo| {
            if let Some(new) = to.get(lane) {
                *lane = *new;
            }
        };
        for arrow in &mut self.arrows {
            moved(&mut arrow.from);
            moved(&mut arrow.to);
        }
        for step in &mut self.steps {
            match &mut step.what {
                Happening::Shown { lane, .. }
                | Happening::Applied { lane, .. }
                | Happening::Remembered { lane, .. }
                | Happening::Lived { lane, .. }
                | Happening::Fault { lane, .. } => moved(lane),
                Happening::LeftOut { holdings, .. } => {
                    *holdings = order.iter().map(|old| holdings[*old].clone()).collect();
                }
                _ => {}
            }
        }
        self.wrong.lane.iter_mut().for_each(moved);
        moved(&mut self.wrong.against);
        self.wrong.witness.iter_mut().for_each(|(lane, _)| moved(lane));
    }

    /// Removes what nobody needs: lanes without a request, the lives of those who have none, an end that comes right after the finding.
    pub(super) fn tidy(&mut self) {
        let told: BTreeSet<usize> = self.steps.iter().filter_map(super::scene::Step::arrow).collect();
        let mut used: BTreeSet<LaneNo> =
            told.iter().flat_map(|arrow| [self.arrows[*arrow].from, self.arrows[*arrow].to]).collect();
        used.extend(self.wrong.lane);
        used.insert(self.wrong.against);
        let of_itself = |kind: LaneKind| matches!(kind, LaneKind::Source | LaneKind::Sink);
        used.extend((0..self.lanes.len()).filter(|lane| of_itself(self.lanes[*lane].kind)));
        self.steps.retain(|step| match &step.what {
            Happening::Lived { lane, .. }
            | Happening::Fault { lane, .. }
            | Happening::Remembered { lane, .. } => used.contains(lane),
            _ => true,
        });
        let order: Vec<LaneNo> = (0..self.lanes.len()).filter(|lane| used.contains(lane)).collect();
        self.arrange(&order);
        self.drop_lives_without_a_step();
        self.drop_an_empty_end();
        self.recolour();
    }

    /// Who starts again and dies before it has done anything might as well have stayed dead.
    fn drop_lives_without_a_step(&mut self) {
        let mut dropped: BTreeSet<usize> = BTreeSet::new();
        for lane in 0..self.lanes.len() {
            let mut born: Option<usize> = None;
            // The death of somebody who had not done anything yet.
            let (mut is_fresh, mut died): (bool, Option<usize>) = (true, None);
            for (place, step) in self.steps.iter().enumerate() {
                match &step.what {
                    Happening::Lived { lane: who, stage: Stage::Started } if *who == lane => {
                        match died.take() {
                            Some(died) => dropped.extend([died, place]),
                            None => born = Some(place),
                        }
                    }
                    Happening::Lived { lane: who, stage: Stage::Crashed } if *who == lane => {
                        match born.take() {
                            Some(born) => dropped.extend([born, place]),
                            None => died = is_fresh.then_some(place),
                        }
                    }
                    Happening::Sent(arrow) if self.arrows[*arrow].from == lane => {
                        (born, is_fresh) = (None, false);
                    }
                    Happening::Remembered { lane: who, .. } if *who == lane => {
                        (born, is_fresh) = (None, false);
                    }
                    _ => {}
                }
            }
        }
        let mut place = 0;
        self.steps.retain(|_| {
            place += 1;
            !dropped.contains(&(place - 1))
        });
    }

    /// The end repeats what is wrong; right after the moment it went wrong that is said already.
    fn drop_an_empty_end(&mut self) {
        let wrong = self.steps.iter().position(|step| step.what == Happening::Wrong);
        let after = &self.steps[wrong.map_or(0, |wrong| wrong + 1)..];
        let silent = |what: &Happening| {
            matches!(what, Happening::Ended | Happening::Replied(_) | Happening::Arrived(_))
        };
        if after.iter().all(|step| silent(&step.what)) {
            self.steps.retain(|step| step.what != Happening::Ended);
        }
    }

    /// Gives the transactions colours in the order in which they appear.
    fn recolour(&mut self) {
        let mut colours: BTreeMap<usize, usize> = BTreeMap::new();
        let mut renew = |colour: &mut Option<usize>| {
            if let Some(old) = colour {
                let next = colours.len();
                *old = *colours.entry(*old).or_insert(next);
            }
        };
        for step in &mut self.steps {
            match &mut step.what {
                Happening::Sent(arrow) => renew(&mut self.arrows[*arrow].colour),
                Happening::Committed { colour, others, .. } | Happening::Shown { colour, others, .. } => {
                    renew(colour);
                    if let Others::One { colour, .. } = others {
                        renew(colour);
                    }
                }
                Happening::Applied { colour, .. } => renew(colour),
                _ => {}
            }
        }
        for version in &mut self.versions {
            renew(&mut version.colour);
        }
    }
}
