//! The course of a run: requests and events in one order, each event with the request that caused it.

use super::journey::{Journey, journeys};
use driftlab_model::{Cast, Event, History, Passing, Point, ProcessId, SinkId, Time};
use std::collections::BTreeMap;

/// A run in one order.
pub(super) struct Course<'a> {
    pub(super) journeys: Vec<Journey>,
    /// The events that each journey caused.
    pub(super) effects: Vec<Vec<&'a Event>>,
    pub(super) moments: Vec<(Time, Moment<'a>)>,
}

/// Something at a point of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment<'a> {
    /// A request came to a point of its way.
    Point(usize, &'a Point),
    /// An event that no request of the passings caused.
    Alone(&'a Event),
}

impl<'a> Course<'a> {
    pub(super) fn of(history: &'a History, passings: &'a [Passing]) -> Self {
        let (journeys, places) = journeys(passings);
        let mut course = Self {
            effects: vec![Vec::new(); journeys.len()],
            journeys,
            moments: Vec::with_capacity(passings.len()),
        };
        let mut by_time: BTreeMap<Time, (Vec<&Event>, Vec<usize>)> = BTreeMap::new();
        for (at, event) in &history.events {
            by_time.entry(*at).or_default().0.push(event);
        }
        for (place, passing) in passings.iter().enumerate() {
            by_time.entry(passing.at).or_default().1.push(place);
        }
        for (at, (mut events, points)) in by_time {
            // What begins to be wrong or right again does so before anybody acts.
            let is_outer = |event: &&Event| matches!(event, Event::Lifecycle { .. } | Event::Fault { .. });
            course.moments.extend(events.iter().copied().filter(is_outer).map(|e| (at, Moment::Alone(e))));
            events.retain(|event| !is_outer(event));
            for place in points {
                let (passing, journey) = (&passings[place], places[place]);
                if let Point::Served(_) = passing.point {
                    let (caused, others): (Vec<_>, Vec<_>) =
                        events.into_iter().partition(|event| causes(&history.cast, passing, event));
                    course.effects[journey].extend(caused);
                    events = others;
                }
                course.moments.push((at, Moment::Point(journey, &passing.point)));
            }
            course.moments.extend(events.into_iter().map(|event| (at, Moment::Alone(event))));
        }
        course
    }
}

/// Whether a request that is served now caused an event of this moment.
fn causes(cast: &Cast, passing: &Passing, event: &Event) -> bool {
    let to = name(cast, passing.to);
    match event {
        Event::Committed { by, .. } | Event::Aborted { by, .. } => *by == passing.from && to == SOURCE,
        Event::Shown { by, sink, .. } | Event::Applied { by, sink, .. } => {
            *by == passing.from && to == sink_name(cast, *sink)
        }
        _ => false,
    }
}

/// What the source is called in casts.
pub(super) const SOURCE: &str = "source";

/// A process's name.
pub(super) fn name(cast: &Cast, process: ProcessId) -> &str {
    cast.processes.get(usize::from(process.0)).map_or("somebody unknown", String::as_str)
}

/// A sink's name.
pub(super) fn sink_name(cast: &Cast, sink: SinkId) -> &str {
    cast.sinks.get(usize::from(sink.0)).map_or("a sink unknown", |sink| sink.name.as_str())
}
