//! What everything takes on some machine, where that was measured: see [`Times`].
//!
//! Requests take their times in `passage`; here is what no request is: sleepers that wake late, processes that learn late of what is there, a stream that
//! has a commit only when it was read out of the log, and what sinks do by themselves.

use super::World;
use super::caller::{CallSubject, Caller};
use super::config::WorldConfig;
use super::node::NodeId;
use crate::executor::Permit;
use driftlab_model::draws::Purpose;
use driftlab_model::hash::mix;
use driftlab_model::{Lsn, NodeTimes, RequestKind, Span, Time, Times};
use std::rc::Rc;

const SLEEP: Purpose = Purpose::named("sleep");
const NOTICE: Purpose = Purpose::named("notice");
const CAPTURE: Purpose = Purpose::named("capture");
const LATE_REFRESH: Purpose = Purpose::named("late refresh");
const REFRESH: Purpose = Purpose::named("refresh");

/// The times of a world's nodes, in their order. The stream has none: what is in it is there at once.
pub(super) fn of_nodes(config: &WorldConfig) -> impl Iterator<Item = Option<NodeTimes>> {
    let fixed = ["source", "log", "checkpoint", ""];
    let names = fixed.into_iter().chain(config.sinks.iter().map(|sink| sink.entry.name));
    names.map(|name| config.times.as_ref()?.nodes.get(name).cloned())
}

impl World {
    fn times(&self) -> Option<&Times> {
        self.config.times.as_deref()
    }

    /// How far the readers of the source's log see.
    pub(super) fn captured(&self) -> Lsn {
        match self.times().is_some_and(|times| times.capture.is_some()) {
            true => self.captured.get(),
            false => Lsn(u64::MAX),
        }
    }

    /// The source's log grew: its readers are told, now or when it was read.
    pub(super) fn log_grows(self: &Rc<Self>, lsn: Lsn) {
        let Some(capture) = self.times().and_then(|times| times.capture.as_ref()) else {
            return self.log_written.raise(&self.executor);
        };
        let node = self.node(NodeId::SOURCE).entity;
        let after = capture.sample(self.draws.get().draw(node, CAPTURE, lsn.0));
        let (world, at) = (Rc::clone(self), self.executor.clock() + after);
        self.detached.set(self.detached.get() + 1);
        self.executor.spawn(mix(node.digest(), lsn.0), async move {
            world.executor.sleep_until(at).await;
            // Whoever reads a log has read what stands before.
            world.captured.set(world.captured.get().max(lsn));
            world.detached.set(world.detached.get() - 1);
            world.effect();
            world.log_written.raise(&world.executor);
        });
    }

    /// Waits while a sink does by itself what was due at a moment. Its server is busy until what is given back is dropped.
    pub(super) async fn takes_to_refresh(self: &Rc<Self>, sink: usize, due: Time) -> Option<Permit> {
        let node = self.node(NodeId::sink(sink));
        let rows = self.stores[sink].borrow().unshown();
        let timed = Times::of(node.times.as_ref()?, RequestKind::Refresh, rows, Span::ZERO)?;
        let draw = |purpose| self.draws.get().draw(node.entity, purpose, due.nanos());
        let late = timed.times.out.sample(draw(LATE_REFRESH));
        let service = timed.service(draw(REFRESH));
        self.executor.sleep_until(due + late).await;
        let permit = node.servers.acquire(Time::NEVER).await.ok()?;
        self.executor.sleep_until(self.executor.clock() + service).await;
        Some(permit)
    }
}

impl Caller {
    /// By how much its next sleep is too long.
    pub(super) fn oversleeps(&self) -> Span {
        let world = self.world();
        let Some(sleep) = world.times().and_then(|times| times.sleep.as_ref()) else { return Span::ZERO };
        sleep.sample(self.draw_for(&world, SLEEP, CallSubject(self.executor.clock().nanos())))
    }

    /// Waits until it learns of what has come, of which it had read so much.
    pub(super) async fn notices(&self, world: &Rc<World>, read: u64) {
        let Some(notice) = world.times().and_then(|times| times.notice.as_ref()) else { return };
        let after = notice.sample(self.draw_for(world, NOTICE, CallSubject(read)));
        self.executor.sleep_until(self.executor.clock() + after).await;
    }
}
