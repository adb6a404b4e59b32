//! A request under way: over the network, into the queue, served, and back.
//!
//! What was sent cannot be called back: when the caller dies or gives up waiting, the request goes on alone and takes its effect,
//! while the reply finds nobody.

use super::World;
use super::caller::Caller;
use super::errand;
use super::node::NodeId;
use super::passage::{Passage, Served};
use super::prints::Tells;
use crate::executor::Elapsed;
use driftlab_model::draws::Purpose;
use driftlab_model::{Doubt, Outcome, Point, ProcessId, Refusal, RequestKind, Schema, Span, Time};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

const SERVICE: Purpose = Purpose::named("service");
const CHANCE: Purpose = Purpose::named("chance");

/// What a request does when its turn has come.
pub(super) trait Effect: Clone + 'static {
    /// What the caller gets.
    type Reply;
    /// Takes effect, now and once; `draw` decides what is left to chance.
    fn serve(&mut self, world: &Rc<World>, by: ProcessId, draw: u64) -> Outcome<Self::Reply>;
    /// What it is, where it was measured how long that takes.
    fn kind(&self) -> RequestKind;
    /// How many rows it moves; each beyond the first takes the node's time per row.
    fn rows(&self) -> usize {
        1
    }
    /// What it asks, in a few words.
    fn errand(&self, schema: &Schema) -> String;
    /// Whether it matters when nobody waits for the reply any more.
    fn outlives_its_caller(&self) -> bool;
    /// How much its reply tells.
    fn tells(&self) -> Tells {
        Tells::Holdings
    }
}

/// A request that is sent when first polled, and waits for its reply, at most as long as the node's timeout.
pub(super) struct Exchange<E: Effect> {
    passage: Passage,
    leg: Leg<E::Reply>,
    /// Gone once it took effect, or where it never will.
    effect: Option<E>,
}

/// Where a request is.
enum Leg<R> {
    /// With its caller.
    Unsent,
    /// Over the network.
    Out,
    /// Before the node's servers.
    Queued,
    /// At one of them.
    Served,
    /// Back, with what came of it.
    Back(Outcome<R>),
    /// Nowhere: it was lost, or nobody answers.
    Lost,
}

impl<E: Effect> Exchange<E> {
    pub(super) fn new(world: Rc<World>, caller: Rc<Caller>, node: NodeId, effect: E) -> Self {
        Self { passage: Passage::new(world, caller, node), leg: Leg::Unsent, effect: Some(effect) }
    }

    fn travel(&mut self, context: &mut Context<'_>) -> Poll<Result<Outcome<E::Reply>, Elapsed>> {
        loop {
            match self.leg {
                Leg::Unsent => {
                    let asked = self.effect.as_ref().map(|effect| (effect.kind(), effect.rows()));
                    let (kind, rows) = asked.expect("a request has its effect before it");
                    self.passage.set_out(kind, rows, Span::ZERO);
                    if let Some(effect) = &self.effect {
                        self.passage.introduce(|schema| effect.errand(schema));
                    }
                    self.leg = Leg::Out;
                    if self.passage.fate.loses_request {
                        self.is_lost();
                    }
                }
                Leg::Out => {
                    ready!(self.passage.wait())?;
                    if self.passage.fate.hangs {
                        self.is_lost();
                    } else if self.passage.fate.refuses {
                        self.effect = None;
                        let outcome = Err(Refusal::Unavailable.into());
                        self.passage.tell(|| Point::Served(errand::of_outcome(&outcome)));
                        self.passage.turn_back();
                        self.leg = Leg::Back(outcome);
                    } else {
                        self.leg = Leg::Queued;
                    }
                }
                Leg::Queued | Leg::Served => {
                    let outcome = ready!(self.arrive(context))?;
                    if self.passage.fate.loses_reply {
                        self.is_lost();
                        continue;
                    }
                    self.passage.turn_back();
                    // Often the way back takes no time, and what came of it need not be laid down on the way.
                    if let Poll::Ready(in_time) = self.passage.wait() {
                        in_time?;
                        self.passage.is_heard();
                        self.passage.tell(|| Point::Returned);
                        return Poll::Ready(Ok(outcome));
                    }
                    self.leg = Leg::Back(outcome);
                    return Poll::Pending;
                }
                Leg::Back(_) => {
                    ready!(self.passage.wait())?;
                    if let Leg::Back(outcome) = std::mem::replace(&mut self.leg, Leg::Lost) {
                        self.passage.is_heard();
                        self.passage.tell(|| Point::Returned);
                        return Poll::Ready(Ok(outcome));
                    }
                }
                Leg::Lost => {
                    ready!(self.passage.wait())?;
                    return Poll::Ready(Err(Elapsed));
                }
            }
        }
    }

    fn is_lost(&mut self) {
        self.effect = None;
        self.passage.tell(|| Point::Lost);
        self.passage.head_for_nowhere();
        self.leg = Leg::Lost;
    }

    /// From wherever it is to its effect.
    // What comes of it is large, and as a call of its own it would be copied from hand to hand.
    #[inline(always)]
    fn arrive(&mut self, context: &mut Context<'_>) -> Poll<Result<Outcome<E::Reply>, Elapsed>> {
        if let Leg::Out = self.leg {
            ready!(self.passage.wait())?;
            self.leg = Leg::Queued;
        }
        if let Leg::Queued = self.leg {
            ready!(self.passage.enter(context))?;
            let service = match self.passage.times() {
                Some(times) => times.service(self.passage.draw(SERVICE)),
                None => {
                    let config = &self.passage.node().config;
                    let more_rows = self.effect.as_ref().map_or(1, Effect::rows).saturating_sub(1) as u64;
                    let moving = Span::from_nanos(config.per_row.nanos().saturating_mul(more_rows));
                    self.passage.sample(config.latency, SERVICE) + moving
                }
            };
            self.passage.begin_leg(SERVICE, self.passage.fate.slowed(service));
            self.leg = Leg::Served;
        }
        ready!(self.passage.wait())?;
        let effect = self.effect.as_mut().expect("a request takes effect once");
        if let Some(after) = self.passage.fate.repeats_after {
            repeat(&self.passage, effect.clone(), self.passage.now() + after);
        }
        let draw = self.passage.draw(CHANCE);
        let outcome = effect.serve(&self.passage.world, self.passage.caller.process, draw);
        self.passage.note(|| Served {
            changes: effect.outlives_its_caller(),
            tells: effect.tells(),
            failure: outcome.as_ref().err().copied(),
        });
        self.effect = None;
        self.passage.leave();
        self.passage.tell(|| Point::Served(errand::of_outcome(&outcome)));
        Poll::Ready(Ok(outcome))
    }

    /// Nobody waits any more: what matters all the same goes on alone.
    fn let_go(&mut self) {
        let is_sent = !matches!(self.leg, Leg::Unsent);
        let Some(effect) = self.effect.take().filter(E::outlives_its_caller) else { return };
        let fate = &self.passage.fate;
        if !is_sent || fate.refuses || fate.hangs || self.passage.world.is_ending() {
            return;
        }
        let leg = std::mem::replace(&mut self.leg, Leg::Lost);
        let mut alone = Self { passage: self.passage.alone(), leg, effect: Some(effect) };
        self.passage.world.spawn_detached(&self.passage.caller, async move {
            // Without a deadline it cannot give up.
            let _ = poll_fn(|context| alone.arrive(context)).await;
        });
    }
}

/// The same request arrives once more, later: somebody between sent it again.
fn repeat<E: Effect>(passage: &Passage, mut effect: E, at: Time) {
    let (world, caller) = (Rc::clone(&passage.world), Rc::clone(&passage.caller));
    let draw = passage.draw(CHANCE.numbered(1));
    passage.world.spawn_detached(&passage.caller, async move {
        world.executor.sleep_until(at).await;
        let _ = effect.serve(&world, caller.process, draw);
    });
}

impl<E: Effect> Unpin for Exchange<E> {}

impl<E: Effect> Future for Exchange<E> {
    type Output = Outcome<E::Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ending = ready!(self.travel(context));
        Poll::Ready(ending.unwrap_or_else(|Elapsed| {
            self.passage.is_given_up();
            self.let_go();
            Err(Doubt::TimedOut.into())
        }))
    }
}

impl<E: Effect> Drop for Exchange<E> {
    fn drop(&mut self) {
        self.let_go();
    }
}
