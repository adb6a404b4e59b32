//! Applying groups of events to a sink, until it has them.

use crate::parts::delivery::{put, settled};
use crate::parts::grouping::{Group, Grouping};
use crate::parts::position::{Position, held};
use crate::parts::retry::{Backoff, persist};
use driftlab_model::port::{Condition, Delivery, Request, Runtime, Sink};
use driftlab_model::{Bookmark, ChangeEvent};

/// How a pipeline applies events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applier {
    /// What becomes visible in one step.
    pub(crate) grouping: Grouping,
    /// Where the position is kept.
    pub(crate) position: Position,
    /// When the sink is to refuse an event.
    pub(crate) guard: Condition,
}

impl Applier {
    /// How far a sink is, by what it says itself; the beginning where positions are not kept with the data.
    pub(crate) async fn reached(&self, runtime: &dyn Runtime, sink: &Sink) -> Bookmark {
        match self.position {
            Position::WithData => held(runtime, sink).await,
            Position::Checkpoint => Bookmark::default(),
        }
    }

    /// Applies groups in order, leaving out those that the sink has `reached`. Comes back when the sink has them all.
    pub(crate) async fn apply(
        &self,
        runtime: &dyn Runtime,
        sink: &Sink,
        groups: &[Group],
        reached: &mut Bookmark,
    ) {
        let groups = &groups[groups.partition_point(|group| group.end <= *reached)..];
        let Some(last) = groups.last() else { return };
        match (self.grouping, self.position) {
            (Grouping::Rows, Position::Checkpoint) => {
                for event in events(groups) {
                    runtime.about(event.transaction.0);
                    persist(runtime, async || put(sink, Delivery::of(&event.change, self.guard)).await).await;
                }
            }
            (Grouping::Rows, Position::WithData) => {
                for group in groups {
                    self.apply_atomically(runtime, sink, std::slice::from_ref(group), group.end).await;
                }
            }
            (Grouping::Transactions, _) => self.apply_atomically(runtime, sink, groups, last.end).await,
        }
        if self.position == Position::WithData {
            *reached = last.end;
        }
    }

    /// One atomic step, together with its position.
    ///
    /// After an unknown outcome the sink is asked how far it is, because a store that adds up must not be sent the same step twice.
    async fn apply_atomically(&self, runtime: &dyn Runtime, sink: &Sink, groups: &[Group], end: Bookmark) {
        let deliveries: Vec<Delivery> =
            events(groups).map(|event| Delivery::of(&event.change, self.guard)).collect();
        if let Some(event) = events(groups).last() {
            runtime.about(event.transaction.0);
        }
        let mut backoff = Backoff::new(runtime);
        loop {
            let request = Request::Apply { deliveries: deliveries.clone(), bookmark: end };
            match settled(sink.store.call(request).await.map(drop)) {
                Ok(()) => return,
                Err(failure) => {
                    backoff.pause().await;
                    if !failure.is_definite() && held(runtime, sink).await >= end {
                        return;
                    }
                }
            }
        }
    }
}

fn events(groups: &[Group]) -> impl Iterator<Item = &ChangeEvent> {
    groups.iter().flat_map(|group| &group.events)
}
