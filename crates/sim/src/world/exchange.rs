//! A request under way: over the network, into the queue, served, and back.
//!
//! What was sent cannot be called back: when the caller dies or gives up waiting, the request goes on alone and takes its effect,
//! while the reply finds nobody.

use super::World;
use super::caller::Caller;
use super::errand;
use super::journey::{Journey, Stop};
use super::node::NodeId;
use super::passage::{Passage, Served};
use super::prints::Tells;
use crate::executor::Elapsed;
use driftlab_model::draws::Purpose;
use driftlab_model::{Doubt, Outcome, Point, ProcessId, Refusal, RequestKind, Schema, Time};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

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
    journey: Journey,
    /// Gone once it took effect, or where it never will.
    effect: Option<E>,
    /// What came of it, on the way back.
    outcome: Option<Outcome<E::Reply>>,
}

impl<E: Effect> Exchange<E> {
    pub(super) fn new(world: Rc<World>, caller: Rc<Caller>, node: NodeId, effect: E) -> Self {
        let journey = Journey::new(Passage::new(world, caller, node), effect.kind(), effect.rows());
        Self { journey, effect: Some(effect), outcome: None }
    }

    #[inline]
    fn travel(&mut self, context: &mut Context<'_>) -> Poll<Result<Outcome<E::Reply>, Elapsed>> {
        if self.journey.is_to_be_sent() {
            self.journey.set_out();
            if let Some(effect) = &self.effect {
                self.journey.passage.introduce(|schema| effect.errand(schema));
            }
        }
        loop {
            let outcome = match ready!(self.journey.go(context)) {
                Stop::AtServer => self.take_effect(),
                Stop::Refused => self.is_refused(),
                Stop::Home => {
                    let outcome = self.outcome.take().expect("what comes home is the outcome");
                    return Poll::Ready(Ok(outcome));
                }
                Stop::TooLate => return Poll::Ready(Err(Elapsed)),
            };
            if !self.journey.turn_back() {
                continue;
            }
            // Often the way back takes no time, and what came of it need not be laid down on the way.
            match self.journey.go(context) {
                Poll::Ready(Stop::Home) => return Poll::Ready(Ok(outcome)),
                Poll::Ready(_) => return Poll::Ready(Err(Elapsed)),
                Poll::Pending => self.outcome = Some(outcome),
            }
            return Poll::Pending;
        }
    }

    // What comes of it is large, and as a call of its own it would be copied from hand to hand.
    #[inline(always)]
    fn take_effect(&mut self) -> Outcome<E::Reply> {
        let passage = &mut self.journey.passage;
        let effect = self.effect.as_mut().expect("a request takes effect once");
        if let Some(after) = passage.fate.repeats_after {
            repeat(passage, effect.clone(), passage.now() + after);
        }
        let draw = passage.draw(CHANCE);
        let outcome = effect.serve(&passage.world, passage.caller.process, draw);
        passage.note(|| Served {
            changes: effect.outlives_its_caller(),
            tells: effect.tells(),
            failure: outcome.as_ref().err().copied(),
        });
        self.effect = None;
        passage.leave();
        passage.tell(|| Point::Served(errand::of_outcome(&outcome)));
        outcome
    }

    #[cold]
    fn is_refused(&mut self) -> Outcome<E::Reply> {
        self.effect = None;
        let outcome = Err(Refusal::Unavailable.into());
        self.journey.passage.tell(|| Point::Served(errand::of_outcome(&outcome)));
        outcome
    }

    #[cold]
    fn gives_up(&mut self) -> Outcome<E::Reply> {
        self.journey.passage.is_given_up();
        self.let_go();
        Err(Doubt::TimedOut.into())
    }

    /// Nobody waits any more: what matters all the same goes on alone.
    #[cold]
    fn let_go(&mut self) {
        let Some(effect) = self.effect.take().filter(E::outlives_its_caller) else { return };
        if self.journey.ends_nowhere() || self.journey.passage.world.is_ending() {
            return;
        }
        let mut alone = Self { journey: self.journey.alone(), effect: Some(effect), outcome: None };
        let passage = &self.journey.passage;
        passage.world.spawn_detached(&passage.caller, async move {
            // Without a deadline it cannot give up.
            if let Stop::AtServer = poll_fn(|context| alone.journey.go(context)).await {
                let _ = alone.take_effect();
            }
        });
    }
}

/// The same request arrives once more, later: somebody between sent it again.
#[cold]
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
        Poll::Ready(ending.unwrap_or_else(|Elapsed| self.gives_up()))
    }
}

impl<E: Effect> Drop for Exchange<E> {
    fn drop(&mut self) {
        if self.effect.is_some() {
            self.let_go();
        }
    }
}
