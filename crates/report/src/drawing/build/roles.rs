//! What each process is, and in which order the lanes stand.

use super::course::{SOURCE, name};
use super::journey::Journey;
use crate::drawing::scene::{Lane, LaneKind};
use driftlab_model::{Cast, Event, History, ProcessId};
use std::collections::BTreeSet;

/// What is known of the processes of a history.
pub(super) struct Roles<'a> {
    cast: &'a Cast,
    clients: BTreeSet<ProcessId>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let clients = history.events.iter().filter_map(|(_, event)| match event {
            Event::Began { by, .. } | Event::Committed { by, .. } | Event::Aborted { by, .. } => Some(*by),
            Event::Read(read) => Some(read.by),
            Event::Finished(operation) => Some(operation.by),
            _ => None,
        });
        Self { cast: &history.cast, clients: clients.collect() }
    }

    pub(super) fn kind(&self, process: &str) -> LaneKind {
        match process {
            SOURCE => LaneKind::Source,
            "log" => LaneKind::Log,
            "checkpoint" => LaneKind::Checkpoint,
            _ if self.cast.sinks.iter().any(|sink| sink.name == process) => LaneKind::Sink,
            _ if self.clients.iter().any(|client| name(self.cast, *client) == process) => LaneKind::Client,
            _ => LaneKind::Process,
        }
    }
}

/// The order in which lanes read best, as places in the lanes given.
///
/// Where clients write the copies themselves they stand on both sides of the stores, so that their requests meet there and cross. Where
/// processes carry the changes, everything stands in the order in which a change passes through it.
pub(super) fn order(lanes: &[Lane], journeys: &[(&Journey, usize, usize)]) -> Vec<usize> {
    let of = |kind: LaneKind| (0..lanes.len()).filter(move |lane| lanes[*lane].kind == kind);
    let talks = |lane: usize, kind: LaneKind| {
        journeys.iter().any(|(_, from, to)| *from == lane && lanes[*to].kind == kind)
    };
    let mut clients: Vec<usize> = of(LaneKind::Client).collect();
    let mut order = Vec::with_capacity(lanes.len());
    let is_direct = of(LaneKind::Process).next().is_none();
    let right = if is_direct { clients.split_off(clients.len().div_ceil(2)) } else { Vec::new() };
    order.extend(clients);
    order.extend(of(LaneKind::Source));
    let reads_source = |lane: &usize| talks(*lane, LaneKind::Source) || !talks(*lane, LaneKind::Log);
    order.extend(of(LaneKind::Process).filter(reads_source));
    order.extend(of(LaneKind::Log));
    order.extend(of(LaneKind::Process).filter(|lane| !reads_source(lane)));
    order.extend(of(LaneKind::Sink));
    order.extend(right);
    order
}
