//! Journeys: each request from the moment it is sent to the last that is heard of it.

use driftlab_model::{Passing, Point, ProcessId, Time};
use std::collections::BTreeMap;

/// One request and all points of its way.
#[derive(Clone, Debug)]
pub(super) struct Journey {
    pub(super) from: ProcessId,
    pub(super) to: ProcessId,
    pub(super) what: String,
    pub(super) sent: Time,
    /// When it took effect or was refused, and what came of it.
    pub(super) served: Option<(Time, String)>,
    pub(super) returned: Option<Time>,
    /// When it was lost, or its reply was.
    pub(super) lost: Option<Time>,
    pub(super) given_up: Option<Time>,
}

impl Journey {
    /// Whether something went wrong with it that somebody could notice.
    pub(super) fn failed(&self) -> bool {
        let done =
            self.served.as_ref().is_none_or(|(_, outcome)| outcome == "done" || outcome == "committed");
        !done || self.lost.is_some() || self.given_up.is_some()
    }

    /// The last that is known of it.
    pub(super) fn latest(&self) -> Time {
        let served = self.served.as_ref().map(|(at, _)| *at);
        served.or(self.lost).or(self.given_up).unwrap_or(self.sent)
    }
}

/// All journeys in the order in which they began, and for each passing which it belongs to.
pub(super) fn journeys(passings: &[Passing]) -> (Vec<Journey>, Vec<usize>) {
    let mut all: Vec<Journey> = Vec::new();
    let mut numbers: BTreeMap<u64, usize> = BTreeMap::new();
    let places = passings.iter().map(|passing| {
        let place = *numbers.entry(passing.request).or_insert_with(|| {
            all.push(Journey {
                from: passing.from,
                to: passing.to,
                what: passing.what.clone(),
                sent: passing.at,
                served: None,
                returned: None,
                lost: None,
                given_up: None,
            });
            all.len() - 1
        });
        let journey = &mut all[place];
        match &passing.point {
            Point::Sent => {}
            Point::Served(outcome) => journey.served = Some((passing.at, outcome.clone())),
            Point::Returned => journey.returned = Some(passing.at),
            Point::Lost => journey.lost = Some(passing.at),
            Point::GivenUp => journey.given_up = Some(passing.at),
        }
        place
    });
    let places = places.collect();
    (all, places)
}
