//! The story: what a scene shows, in plain sentences.

use super::scene::{Arrow, ArrowNo, Committed, Happening, Holding, LaneKind, LaneNo, Others, Scene, Step};
use super::words::{sentence, third_person};
use driftlab_check::Until;
use driftlab_model::Stage;

/// What happened, one sentence for each step that matters, in order. Whoever prints them gives them their numbers.
#[must_use]
pub fn story(scene: &Scene) -> Vec<String> {
    let mut holdings = scene.holdings_before(0);
    let mut told = Vec::new();
    for (place, step) in scene.steps.iter().enumerate() {
        scene.apply(step, &mut holdings);
        let teller = Teller { scene, holdings: &holdings };
        if let Some(text) = teller.tell(place, step) {
            told.push(sentence(&text));
        }
    }
    told
}

struct Teller<'a> {
    scene: &'a Scene,
    /// What every lane holds after the step.
    holdings: &'a [Vec<Holding>],
}

impl Teller<'_> {
    fn name(&self, lane: LaneNo) -> &str {
        &self.scene.lanes[lane].name
    }

    fn sender(&self, arrow: ArrowNo) -> &str {
        self.name(self.scene.arrows[arrow].from)
    }

    fn target(&self, arrow: ArrowNo) -> &str {
        self.name(self.scene.arrows[arrow].to)
    }

    fn tell(&self, place: usize, step: &Step) -> Option<String> {
        let scene = self.scene;
        let text = match &step.what {
            Happening::Sent(arrow) => {
                self.death_on_the_way(*arrow)?;
                let (from, what) = (self.sender(*arrow), &scene.arrows[*arrow].what);
                format!("{from} asks {} to {what}", self.target(*arrow))
            }
            Happening::Replied(_) => return None,
            Happening::Arrived(arrow) => return self.arrival(place, *arrow),
            Happening::NothingNew(arrow) => {
                let what = third_person(&scene.arrows[*arrow].what);
                format!("{} {what} once more and finds nothing new", self.sender(*arrow))
            }
            Happening::Refused(arrow, why) => {
                let (from, what) = (self.sender(*arrow), &scene.arrows[*arrow].what);
                format!("{} refuses {from}'s request to {what}: {why}", self.target(*arrow))
            }
            Happening::RequestLost(arrow) => {
                let (from, what) = (self.sender(*arrow), &scene.arrows[*arrow].what);
                format!("{from}'s request to {what} is lost on its way to {}", self.target(*arrow))
            }
            Happening::ReplyLost(arrow) => {
                let (from, to) = (self.sender(*arrow), self.target(*arrow));
                format!("{to}'s reply to {from} is lost: {from} cannot know that it is done")
            }
            Happening::GaveUp(arrow) => {
                format!(
                    "{} hears nothing from {} and waits no longer",
                    self.sender(*arrow),
                    self.target(*arrow)
                )
            }
            Happening::Committed { arrow, position, .. } => {
                let who = arrow.map(|arrow| {
                    (self.sender(arrow), third_person(&scene.arrows[arrow].what), self.target(arrow))
                });
                match who {
                    Some((who, _, source)) if arrow.is_some_and(|a| self.death_on_the_way(a).is_some()) => {
                        format!(
                            "{source} commits what {who} had asked for as number {position}, and nobody waits for the reply"
                        )
                    }
                    Some((who, what, source)) => {
                        format!("{who} {what}, and {source} commits it as number {position}")
                    }
                    None => format!("The source commits number {position}"),
                }
            }
            Happening::RolledBack { arrow, why } => match arrow {
                Some(arrow) => {
                    let what = &scene.arrows[*arrow].what;
                    format!("{}'s transaction to {what} is not committed: {why}", self.sender(*arrow))
                }
                None => format!("A transaction is not committed: {why}"),
            },
            Happening::Shown { lane, arrow, holds, others, .. } => self.show(*lane, *arrow, holds, others),
            Happening::Applied { lane, arrow, text, times, .. } => {
                let lane = self.name(*lane);
                let again = match times {
                    0 | 1 => "",
                    2 => " a second time",
                    _ => " once more",
                };
                match arrow {
                    Some(arrow) => {
                        format!("{} brings {text} to {lane}, which applies it{again}", self.sender(*arrow))
                    }
                    None => format!("{lane} applies {text}{again}"),
                }
            }
            Happening::Remembered { lane, text } => format!("{} {text}", self.name(*lane)),
            Happening::Lived { lane, stage } => {
                let who = self.name(*lane);
                match stage {
                    Stage::Crashed => format!("{who} crashes, and what it had in memory is gone"),
                    Stage::Started => format!("{who} starts again"),
                    Stage::Paused => format!("{who} stands still, and does not know it"),
                    Stage::Halted(why) => format!("{who} stands still: {why}"),
                    Stage::Resumed if self.has_halted(place, *lane) => format!("{who} goes on"),
                    Stage::Resumed => format!("{who} goes on as if nothing had been"),
                    Stage::Lost => {
                        format!("{who} has lost its tables of current state, and refuses everybody")
                    }
                    Stage::Restored => format!("{who} has its tables back, as they were"),
                }
            }
            Happening::Fault { lane, name, begins } => {
                let verb = if *begins { "begins" } else { "ends" };
                format!("A fault {verb} at {}: {name}", self.name(*lane))
            }
            Happening::Wrong => self.wrong(),
            Happening::Healed => {
                let lane = self.name(scene.lane_of(step)?);
                let begin = scene.steps.iter().find(|step| step.what == Happening::Wrong)?.at;
                let after = step.at - begin;
                match scene.is_right_in_the_end() {
                    true => format!("{after} later {lane} is right again"),
                    false => format!("{after} later {lane} no longer shows it"),
                }
            }
            Happening::Ended => return self.end(),
            Happening::LeftOut { steps: 1, .. } => "(one step is left out here)".to_owned(),
            Happening::LeftOut { steps, .. } => format!("({steps} steps are left out here)"),
        };
        Some(text)
    }

    /// The step at which the sender of a request dies while it is on its way.
    fn death_on_the_way(&self, arrow: ArrowNo) -> Option<usize> {
        let scene = self.scene;
        let mut on_its_way = false;
        for (place, step) in scene.steps.iter().enumerate() {
            match &step.what {
                Happening::Sent(sent) if *sent == arrow => on_its_way = true,
                Happening::Lived { lane, stage: Stage::Crashed }
                    if on_its_way && *lane == scene.arrows[arrow].from =>
                {
                    return Some(place);
                }
                _ if step.arrow() == Some(arrow) => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether what happened last to who lives on this lane was that it halted by itself.
    fn has_halted(&self, place: usize, lane: LaneNo) -> bool {
        let last = self.scene.steps[..place].iter().rev().find_map(|step| match &step.what {
            Happening::Lived { lane: at, stage } if *at == lane => Some(stage),
            _ => None,
        });
        matches!(last, Some(Stage::Halted(_)))
    }

    /// A request that arrived and of which nothing is to be seen.
    fn arrival(&self, place: usize, arrow: ArrowNo) -> Option<String> {
        let scene = self.scene;
        if scene.steps[place..].iter().any(|step| step.what == Happening::NothingNew(arrow)) {
            return None;
        }
        let Arrow { from, to, what, .. } = &scene.arrows[arrow];
        let (from, to, target) = (self.name(*from), self.name(*to), scene.lanes[*to].kind);
        let changes = ["put ", "delete ", "forget ", "fill ", "apply ", "bulk ", "swap "];
        Some(match target {
            LaneKind::Sink if changes.iter().any(|change| what.starts_with(change)) => {
                format!("{from}'s request to {what} reaches {to}, and changes nothing that it shows")
            }
            LaneKind::Source if scene.arrows[arrow].colour.is_some() => {
                format!("{from} {}, and {to} finds nothing to change", third_person(what))
            }
            LaneKind::Log if what.starts_with("append ") => format!("{from} {} to {to}", third_person(what)),
            LaneKind::Log | LaneKind::Sink | LaneKind::Source => {
                let found = self.found(place, arrow).unwrap_or_default();
                format!("{from} {} at {to}{found}", third_person(what))
            }
            _ => format!("{from} {}", third_person(what)),
        })
    }

    /// What somebody found who looked and then acted upon it: what the store held of the key that it wrote next.
    fn found(&self, place: usize, arrow: ArrowNo) -> Option<String> {
        let scene = self.scene;
        let Arrow { from, to, .. } = scene.arrows[arrow];
        let next = scene.steps[place..].iter().find_map(|step| match step.what {
            Happening::Sent(next) if scene.arrows[next].from == from => Some(&scene.arrows[next]),
            _ => None,
        })?;
        let is_client = scene.lanes[from].kind == LaneKind::Client;
        let (_, holding) = scene.keys.iter().zip(&self.holdings[to]).find(|(key, _)| {
            is_client && next.what.starts_with("fill ") && next.what.contains(key.as_str())
        })?;
        let key = scene.keys.iter().position(|key| next.what.contains(key.as_str()))?;
        Some(format!(", which has {} then", scene.in_words(key, *holding)))
    }

    fn show(
        &self,
        lane: LaneNo,
        arrow: Option<ArrowNo>,
        holds: &[(usize, Holding)],
        others: &Others,
    ) -> String {
        let scene = self.scene;
        let mut shown: Vec<String> =
            holds.iter().map(|(key, holding)| self.with_its_standing(lane, *key, *holding)).collect();
        match others {
            Others::None => {}
            Others::One { text, .. } => shown.push(text.clone()),
            Others::Many(many) => shown.push(format!("{many} other keys")),
        }
        let (sink, shown) = (self.name(lane), shown.join("; and "));
        let shows = if shown.starts_with("holds ") { shown } else { format!("shows {shown}") };
        match arrow {
            Some(arrow) => {
                let what = &scene.arrows[arrow].what;
                format!("{}'s request to {what} reaches {sink}, which now {shows}", self.sender(arrow))
            }
            None => format!("{sink} now {shows}"),
        }
    }

    /// What is shown of a key, and whether it is the newest.
    fn with_its_standing(&self, lane: LaneNo, key: usize, holding: Holding) -> String {
        let scene = self.scene;
        let text = scene.line(key, holding).text;
        let source = scene.source().and_then(|source| self.holdings[source].get(key)).copied();
        match (holding, source) {
            (Holding::NotHeld, _) => format!("holds nothing of {}", scene.keys[key]),
            (_, Some(truth)) if truth == holding => format!("{text}, as the source does"),
            (Holding::Version(version, Committed::NotYet), _) => match scene.versions[version].position {
                Some(_) => format!("{text}, though it is not committed yet"),
                None => format!("{text}, though it is never committed"),
            },
            (Holding::Version(version, _), Some(Holding::Version(newest, _))) => {
                let (old, new) = (scene.versions[version].position, &scene.versions[newest]);
                let was_newer = self.showed_newer(lane, key, old);
                let again = if was_newer { " in place of the newer" } else { "" };
                match (old, new.position) {
                    (Some(old), Some(position)) if old < position => {
                        let truth = if new.value == "deleted" {
                            format!("it is deleted in the source (number {position})")
                        } else {
                            format!("the source has {} (number {position})", new.value)
                        };
                        format!("{text} (number {old}){again}, though {truth}")
                    }
                    _ => text,
                }
            }
            _ => text,
        }
    }

    /// Whether a lane showed a newer version before.
    fn showed_newer(&self, lane: LaneNo, key: usize, than: Option<u64>) -> bool {
        let holds = self.scene.steps.iter().filter_map(|step| match &step.what {
            Happening::Shown { lane: shower, holds, .. } if *shower == lane => Some(holds),
            _ => None,
        });
        let current = self.holdings[lane][key];
        holds.flatten().take_while(|(number, holding)| *number != key || *holding != current).any(
            |(number, holding)| match holding {
                Holding::Version(version, _) => {
                    *number == key && self.scene.versions[*version].position > than
                }
                Holding::Missing | Holding::NotHeld => false,
            },
        )
    }

    fn wrong(&self) -> String {
        let scene = self.scene;
        let Some(lane) = scene.wrong.lane else {
            return format!("Here it goes wrong: {}", scene.sentence);
        };
        let lane = self.name(lane);
        if scene.wrong.witness.is_empty() {
            return format!("Here it goes wrong: {}", scene.sentence);
        }
        let mut parts: Vec<(LaneNo, String)> = Vec::new();
        for (lane, text) in &scene.wrong.witness {
            match parts.last_mut() {
                Some((last, said)) if last == lane => {
                    said.push_str(" and ");
                    said.push_str(text);
                }
                _ => parts.push((*lane, text.clone())),
            }
        }
        let said = parts.iter().map(|(other, text)| {
            let verb = if text.starts_with("never ") { "" } else { "has " };
            let is_it = scene.wrong.lane == Some(*other) && !verb.is_empty();
            let who = if is_it { "it" } else { self.name(*other) };
            format!("{who} {verb}{text}")
        });
        let said: Vec<String> = said.collect();
        let is_told_later = scene.steps.iter().any(|step| step.what == Happening::Ended);
        let stays = match scene.until {
            Until::Permanent if !is_told_later => ". It stays so until the end of the run",
            Until::Unknown => ". The run ended before anybody could know for how long",
            _ => "",
        };
        format!("Here {lane} goes wrong ({}): {}{stays}", scene.wrong.headline, said.join(", and "))
    }

    fn end(&self) -> Option<String> {
        let scene = self.scene;
        let lane = scene.wrong.lane?;
        let said = |lane: LaneNo| {
            let held = self.holdings[lane].iter().enumerate();
            let held: Vec<String> = held.map(|(key, holding)| scene.in_words(key, *holding)).collect();
            (!held.is_empty()).then(|| format!("{} has {}", self.name(lane), held.join(" and ")))
        };
        Some(format!("It never heals: at the end {}, and {}", said(scene.wrong.against)?, said(lane)?))
    }
}
