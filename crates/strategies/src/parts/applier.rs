//! Applying groups of events to a sink, until it has them.

use crate::parts::delivery::put;
use crate::parts::grouping::{Group, Grouping};
use crate::parts::position::{Position, held};
use crate::parts::retry::{Backoff, persist};
use driftlab_model::call::join_all;
use driftlab_model::port::{Condition, Delivery, Request, Runtime, Sink};
use driftlab_model::{Bookmark, Call, ChangeEvent, Failure, Refusal};

/// How a pipeline applies events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applier {
    /// What becomes visible in one step.
    pub(crate) grouping: Grouping,
    /// Where the position is kept.
    pub(crate) position: Position,
    /// When the sink is to refuse an event.
    pub(crate) guard: Condition,
    /// How many events are on their way to the sink at once, where each is sent by itself: above 1, a later one may overtake an earlier one.
    pub(crate) connections: usize,
}

/// A sink has lost what it held: its bookmark is below the one that it had.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost;

/// One event after another, each when the sink has taken the one before.
pub(crate) const IN_ORDER: usize = 1;

impl Applier {
    /// The bookmark from which the next atomic step leads on: the one that the sink holds, or the beginning where it is sent no atomic steps.
    pub(crate) async fn reached(&self, runtime: &dyn Runtime, sink: &Sink) -> Bookmark {
        match (self.grouping, self.position) {
            (Grouping::Rows, Position::Checkpoint) => Bookmark::default(),
            _ => held(runtime, sink).await,
        }
    }

    /// Applies groups in order, and keeps `reached` as the sink has it. Comes back when the sink has them all.
    ///
    /// Where the position is kept with the data, groups that the sink has already are left out.
    ///
    /// # Errors
    /// Where the sink has gone back, and so lost what it had. Changes that are sent one by one, without a bookmark, cannot tell.
    pub(crate) async fn apply(
        &self,
        runtime: &dyn Runtime,
        sink: &Sink,
        groups: &[Group],
        reached: &mut Bookmark,
    ) -> Result<(), Lost> {
        match (self.grouping, self.position) {
            (Grouping::Rows, Position::Checkpoint) if self.connections > IN_ORDER => {
                self.apply_side_by_side(runtime, sink, groups).await;
            }
            (Grouping::Rows, Position::Checkpoint) => {
                for event in events(groups) {
                    runtime.about(event.transaction.0);
                    persist(runtime, async || put(sink, Delivery::of(&event.change, self.guard)).await).await;
                }
            }
            _ => return self.apply_atomically(runtime, sink, groups, reached).await,
        }
        Ok(())
    }

    /// As many events at once as there are connections. Which of them the sink takes first is up to the network.
    async fn apply_side_by_side(&self, runtime: &dyn Runtime, sink: &Sink, groups: &[Group]) {
        let events: Vec<&ChangeEvent> = events(groups).collect();
        for some in events.chunks(self.connections) {
            runtime.about(some[0].transaction.0);
            let puts = some.iter().map(|event| {
                let attempt = async || put(sink, Delivery::of(&event.change, self.guard)).await;
                Box::pin(persist(runtime, attempt)) as Call<'_, ()>
            });
            join_all(puts.collect()).await;
        }
    }

    /// Atomic steps, each together with its position.
    ///
    /// A sink that stands elsewhere than was thought has taken a step of somebody else: of another process, or of this one's predecessor, which died
    /// while its request was on the way. And after an unknown outcome nobody knows where it stands. Either way it is asked, and what it has
    /// by then is not sent again, because a store that adds up would count it twice.
    async fn apply_atomically(
        &self,
        runtime: &dyn Runtime,
        sink: &Sink,
        groups: &[Group],
        reached: &mut Bookmark,
    ) -> Result<(), Lost> {
        let mut left = groups;
        let mut backoff = Backoff::new(runtime);
        loop {
            if self.position == Position::WithData {
                left = &left[left.partition_point(|group| group.end <= *reached)..];
            }
            let (step, rest) = match self.grouping {
                Grouping::Rows => left.split_at(left.len().min(1)),
                Grouping::Transactions => left.split_at(left.len()),
            };
            let Some(last) = step.last() else { return Ok(()) };
            let bookmark = self.bookmark(last, *reached);
            if let Some(event) = last.events.last() {
                runtime.about(event.transaction.0);
            }
            let deliveries = events(step).map(|event| Delivery::of(&event.change, self.guard)).collect();
            let request = Request::Apply { deliveries, after: *reached, bookmark };
            match sink.store.call(request).await {
                Ok(_) => {
                    (left, *reached) = (rest, bookmark);
                    backoff = Backoff::new(runtime);
                }
                Err(failure) => {
                    backoff.pause().await;
                    if failure == Failure::Refused(Refusal::Outdated) || !failure.is_definite() {
                        let before = std::mem::replace(reached, held(runtime, sink).await);
                        if *reached < before {
                            return Err(Lost);
                        }
                    }
                }
            }
        }
    }

    /// The bookmark that a step ending with a group leaves in the sink.
    ///
    /// Where the position is kept elsewhere, the sink's bookmark only counts its steps: that keeps out a request that comes late, and promises nothing about
    /// what is in the sink, so the changes of a step whose outcome is unknown are sent again.
    fn bookmark(&self, last: &Group, reached: Bookmark) -> Bookmark {
        match self.position {
            Position::WithData => last.end,
            Position::Checkpoint => Bookmark(reached.0 + 1),
        }
    }
}

fn events(groups: &[Group]) -> impl Iterator<Item = &ChangeEvent> {
    groups.iter().flat_map(|group| &group.events)
}
