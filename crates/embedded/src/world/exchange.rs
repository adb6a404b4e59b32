//! A request under way: through the faults, to a thread that serves it, and back.
//!
//! What was sent cannot be called back: when the caller dies or gives up waiting, the request is served all the same, while the reply finds nobody.

use super::caller::Caller;
use super::live::{Live, UnderWay};
use super::node::NodeId;
use crate::stopwatch::Service;
use driftlab_fault::Fate;
use driftlab_model::{Doubt, Outcome, ProcessId, Refusal, RequestKind, Span, Time};
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::oneshot;

/// What a request asks of a node.
pub(super) trait Effect: Clone + 'static {
    /// What the caller gets.
    type Reply: Send + 'static;
    /// What it is, for whoever measures how long it takes.
    fn kind(&self) -> RequestKind;
    /// How many rows it moves.
    fn rows(&self) -> usize {
        1
    }
    /// Hands it to a thread, where it takes so many times as long as usual.
    fn send(self, live: &Live, sender: Sender) -> oneshot::Receiver<Outcome<Self::Reply>>;
}

/// Who sends a request, and what comes with it to the thread that serves it.
pub(super) struct Sender {
    pub(super) process: ProcessId,
    pub(super) skew_nanos: i64,
    pub(super) service: Service,
    /// Kept by the request until it has been served.
    pub(super) under_way: UnderWay,
}

impl Sender {
    pub(super) fn new(live: &Live, caller: &Caller, service: Service) -> Self {
        let skew_nanos = caller.skew_nanos.get();
        Self { process: caller.process, skew_nanos, service, under_way: live.under_way() }
    }
}

/// Sends a request and waits for its reply, at most as long as callers of the node wait.
pub(super) async fn exchange<E: Effect>(caller: Rc<Caller>, node: NodeId, effect: E) -> Outcome<E::Reply> {
    let world = caller.world();
    let live = world.live();
    live.count(node);
    let sent = Instant::now();
    let deadline = live.clock.now() + world.config.timeout(node);
    let fate = world.fate(&caller, node);
    if fate != Fate::default() {
        let (answer, reply) = oneshot::channel();
        tokio::task::spawn_local(travel(caller, Rc::clone(&live), fate, effect, answer));
        return await_reply(&live, deadline, reply).await;
    }
    let (kind, rows, service) = (effect.kind(), effect.rows(), Service::usual());
    let reply = effect.send(&live, Sender::new(&live, &caller, service.clone()));
    let outcome = await_reply(&live, deadline, reply).await;
    if let Some(served) = service.served() {
        live.measure(node, kind, rows, sent, served, served.done);
    }
    outcome
}

/// Waits for a reply until a deadline. Where whoever was to send it is gone, nobody says so: the caller waits and cannot know.
pub(super) async fn await_reply<T>(
    live: &Live,
    deadline: Time,
    reply: oneshot::Receiver<Outcome<T>>,
) -> Outcome<T> {
    let until = tokio::time::Instant::from_std(live.clock.instant(deadline));
    match tokio::time::timeout_at(until, reply).await {
        Ok(Ok(outcome)) => return outcome,
        Ok(Err(_)) => tokio::time::sleep_until(until).await,
        Err(_) => {}
    }
    Err(Doubt::TimedOut.into())
}

/// The way of a request that faults strike; goes on without its caller.
async fn travel<E: Effect>(
    caller: Rc<Caller>,
    live: Rc<Live>,
    fate: Fate,
    effect: E,
    answer: oneshot::Sender<Outcome<E::Reply>>,
) {
    let _under_way = live.under_way();
    if fate.loses_request {
        return;
    }
    if fate.delay > Span::ZERO {
        live.alarm.sleep_until(live.clock.now() + fate.delay).await;
    }
    if fate.hangs {
        return;
    }
    if fate.refuses {
        let _ = answer.send(Err(Refusal::Unavailable.into()));
        return;
    }
    let again = fate.repeats_after.map(|after| (after, effect.clone()));
    let slowed = || Service::slowed(fate.slowness);
    let served = effect.send(&live, Sender::new(&live, &caller, slowed())).await;
    if let (Ok(outcome), false) = (served, fate.loses_reply) {
        let _ = answer.send(outcome);
    }
    // The same request arrives once more, later: somebody between sent it again.
    if let Some((after, effect)) = again {
        live.alarm.sleep_until(live.clock.now() + after).await;
        let _ = effect.send(&live, Sender::new(&live, &caller, slowed())).await;
    }
}
