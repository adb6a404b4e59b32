//! A request under way: over the network, into the queue, served, and back.
//!
//! What was sent cannot be called back: when the caller dies or gives up waiting, the request goes on alone and takes its effect,
//! while the reply finds nobody.

use super::World;
use super::caller::{CallSubject, Caller};
use super::node::Node;
use crate::draws::Purpose;
use crate::executor::{Elapsed, Permit};
use crate::fault::Fate;
use driftlab_model::{Doubt, Outcome, ProcessId, Refusal, Span, Time};
use std::rc::Rc;

const REQUEST: Purpose = Purpose::named("request");
const SERVICE: Purpose = Purpose::named("service");
const REPLY: Purpose = Purpose::named("reply");
const CHANCE: Purpose = Purpose::named("chance");

/// What a request does when its turn has come.
pub(super) trait Effect: Clone + 'static {
    /// What the caller gets.
    type Reply;
    /// Takes effect, now; `draw` decides what is left to chance.
    fn serve(self, world: &Rc<World>, by: ProcessId, draw: u64) -> Outcome<Self::Reply>;
    /// How many rows it moves; each beyond the first takes the node's time per row.
    fn rows(&self) -> usize {
        1
    }
    /// Whether it matters when nobody waits for the reply any more.
    fn outlives_its_caller(&self) -> bool;
}

/// Sends a request and waits for its reply, at most as long as the node's timeout.
pub(super) async fn exchange<E: Effect>(
    world: Rc<World>,
    caller: Rc<Caller>,
    node: Rc<Node>,
    effect: E,
) -> Outcome<E::Reply> {
    let executor = Rc::clone(&world.executor);
    let subject = caller.next_call();
    let deadline = executor.now() + node.config.timeout;
    let fate = world.fate(&caller, &node, subject);
    if fate.loses_request {
        executor.sleep_until(deadline).await;
        return Err(Doubt::TimedOut.into());
    }
    let mut flight = Flight {
        world,
        caller,
        node,
        subject,
        fate,
        due: executor.now(),
        permit: None,
        effect: Some(effect),
    };
    match flight.travel(deadline).await {
        Ok(reply) => reply,
        Err(Elapsed) => Err(Doubt::TimedOut.into()),
    }
}

struct Flight<E: Effect> {
    world: Rc<World>,
    caller: Rc<Caller>,
    node: Rc<Node>,
    subject: CallSubject,
    fate: Fate,
    /// When the leg that it is on ends.
    due: Time,
    permit: Option<Permit>,
    /// Gone once it took effect.
    effect: Option<E>,
}

impl<E: Effect> Flight<E> {
    async fn travel(&mut self, deadline: Time) -> Result<Outcome<E::Reply>, Elapsed> {
        let network = &self.node.config.network;
        let out = network.sample(self.draw(REQUEST)) + self.fate.delay;
        self.due = self.world.executor.now() + out;
        self.wait(deadline).await?;
        if self.fate.hangs {
            self.effect = None;
            self.due = Time::NEVER;
            self.wait(deadline).await?;
        }
        if self.fate.refuses {
            self.effect = None;
            self.reply_leg(deadline).await?;
            return Ok(Err(Refusal::Unavailable.into()));
        }
        let outcome = self.arrive(deadline).await?;
        if self.fate.loses_reply {
            self.due = Time::NEVER;
            self.wait(deadline).await?;
        }
        self.reply_leg(deadline).await?;
        Ok(outcome)
    }

    /// From the node's door to the effect.
    async fn arrive(&mut self, deadline: Time) -> Result<Outcome<E::Reply>, Elapsed> {
        if self.permit.is_none() {
            self.permit = Some(self.node.serve_next(deadline).await?);
            let config = &self.node.config;
            let more_rows = self.effect.as_ref().map_or(1, Effect::rows).saturating_sub(1) as u64;
            let moving = Span::from_nanos(config.per_row.nanos().saturating_mul(more_rows));
            let service = config.latency.sample(self.draw(SERVICE)) + moving;
            self.due = self.world.executor.now() + self.fate.slowed(service);
        }
        self.wait(deadline).await?;
        let effect = self.effect.take().expect("a flight takes effect once");
        if let Some(after) = self.fate.repeats_after {
            self.repeat(effect.clone(), self.world.executor.now() + after);
        }
        let outcome = effect.serve(&self.world, self.caller.process, self.draw(CHANCE));
        self.permit = None;
        Ok(outcome)
    }

    async fn reply_leg(&mut self, deadline: Time) -> Result<(), Elapsed> {
        self.due = self.world.executor.now() + self.node.config.network.sample(self.draw(REPLY));
        self.wait(deadline).await
    }

    async fn wait(&self, deadline: Time) -> Result<(), Elapsed> {
        let executor = &self.world.executor;
        if self.due > executor.now() {
            executor.sleep_until(self.due.min(deadline)).await;
        }
        if self.due > deadline { Err(Elapsed) } else { Ok(()) }
    }

    fn draw(&self, purpose: Purpose) -> u64 {
        self.caller.draw_for(&self.world, purpose, self.subject)
    }

    /// The same request arrives once more, later: somebody between sent it again.
    fn repeat(&self, effect: E, at: Time) {
        let (world, caller) = (Rc::clone(&self.world), Rc::clone(&self.caller));
        let draw = self.draw(CHANCE.numbered(1));
        self.world.spawn_detached(&self.caller, async move {
            world.executor.sleep_until(at).await;
            let _ = effect.serve(&world, caller.process, draw);
        });
    }
}

impl<E: Effect> Drop for Flight<E> {
    fn drop(&mut self) {
        let Some(effect) = self.effect.take().filter(E::outlives_its_caller) else { return };
        let mut alone = Self {
            world: Rc::clone(&self.world),
            caller: Rc::clone(&self.caller),
            node: Rc::clone(&self.node),
            subject: self.subject,
            fate: self.fate,
            due: self.due,
            permit: self.permit.take(),
            effect: Some(effect),
        };
        if alone.fate.refuses || alone.fate.hangs || self.world.is_ending() {
            alone.effect = None;
            return;
        }
        self.world.spawn_detached(&self.caller, async move {
            // It first ends the leg that it is on; what waits in the queue goes to its end.
            let _ = alone.wait(Time::NEVER).await;
            let _ = alone.arrive(Time::NEVER).await;
        });
    }
}
