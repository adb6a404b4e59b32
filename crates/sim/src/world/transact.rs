//! A transaction under way, from the client's request to the reply.
//!
//! It holds one of the source's servers (a connection) from its first statement to its end. Where the client dies before it asked for the
//! commit, the source rolls back; where it dies after that, the commit goes on alone.

use super::World;
use super::caller::{Caller, WALL_CLOCK_AT_START};
use super::config::Stamps;
use super::errand;
use super::node::NodeId;
use super::passage::{Passage, Served};
use super::prints::Tells;
use crate::database::{SessionId, Step};
use crate::executor::Elapsed;
use driftlab_model::draws::Purpose;
use driftlab_model::port::{Capture, Runtime};
use driftlab_model::{Commit, Doubt, Ending, Event, Outcome, Point, Refusal, RequestKind, Time, Transaction};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

const STATEMENT: Purpose = Purpose::named("statement");
const HOLD: Purpose = Purpose::named("hold");

/// A transaction that a client runs; it is sent when first polled.
pub(super) struct Transact<'a> {
    progress: Progress,
    transaction: &'a Transaction,
}

/// How far a transaction is; enough to go on without its client.
struct Progress {
    passage: Passage,
    capture: Capture,
    leg: Leg,
    session: Option<SessionId>,
    /// It is over where the source has lost its state since it began.
    standing: u32,
    asked_to_commit: bool,
    over: bool,
}

/// Where a transaction is.
enum Leg {
    /// With its client.
    Unsent,
    /// Over the network.
    Out,
    /// Before the source's servers.
    Queued,
    /// So many statements have run.
    Ran(usize),
    /// The next statement's service time has begun.
    Serving(usize),
    /// The statement waits for its row's lock, which another transaction holds.
    Waiting(usize),
    /// All have run, and the client thinks.
    Holding,
    /// Back, with what came of it.
    Back(Outcome<Arc<Commit>>),
    /// Nowhere: it was lost, or nobody answers.
    Lost,
}

impl<'a> Transact<'a> {
    pub(super) fn new(
        world: Rc<World>,
        caller: Rc<Caller>,
        transaction: &'a Transaction,
        capture: Capture,
    ) -> Self {
        let progress = Progress {
            passage: Passage::new(world, caller, NodeId::SOURCE),
            capture,
            leg: Leg::Unsent,
            session: None,
            standing: 0,
            asked_to_commit: transaction.hold.is_zero() && transaction.ending == Ending::Commit,
            over: false,
        };
        Self { progress, transaction }
    }

    fn travel(&mut self, context: &mut Context<'_>) -> Poll<Result<Outcome<Arc<Commit>>, Elapsed>> {
        let progress = &mut self.progress;
        loop {
            match progress.leg {
                Leg::Unsent => {
                    let demands = &progress.passage.world.config.demands;
                    let (triggers, is_streamed) = (demands.triggers, demands.slot.is_some());
                    let kind = RequestKind::of_transaction(progress.capture, triggers, is_streamed);
                    let rows = self.transaction.statements.len();
                    progress.passage.set_out(kind, rows, self.transaction.hold);
                    progress.passage.introduce(|schema| errand::of_transaction(self.transaction, schema));
                    progress.leg = Leg::Out;
                    if progress.passage.fate.loses_request {
                        progress.is_lost();
                    }
                }
                Leg::Out => {
                    ready!(progress.passage.wait())?;
                    if progress.passage.fate.hangs {
                        progress.is_lost();
                    } else if progress.passage.fate.refuses {
                        progress.is_refused();
                    } else {
                        progress.leg = Leg::Queued;
                    }
                }
                Leg::Back(_) => {
                    ready!(progress.passage.wait())?;
                    if let Leg::Back(outcome) = std::mem::replace(&mut progress.leg, Leg::Lost) {
                        progress.passage.is_heard();
                        progress.passage.tell(|| Point::Returned);
                        return Poll::Ready(Ok(outcome));
                    }
                }
                Leg::Lost => {
                    ready!(progress.passage.wait())?;
                    return Poll::Ready(Err(Elapsed));
                }
                _ => {
                    let outcome = ready!(progress.arrive(self.transaction, context))?;
                    progress.passage.note(|| Served {
                        changes: false,
                        tells: Tells::Holdings,
                        failure: outcome.as_ref().err().copied(),
                    });
                    if progress.passage.fate.loses_reply {
                        progress.is_lost();
                        continue;
                    }
                    progress.passage.turn_back();
                    // Often the way back takes no time, and what came of it need not be laid down on the way.
                    if let Poll::Ready(in_time) = progress.passage.wait() {
                        in_time?;
                        progress.passage.is_heard();
                        progress.passage.tell(|| Point::Returned);
                        return Poll::Ready(Ok(outcome));
                    }
                    progress.leg = Leg::Back(outcome);
                    return Poll::Pending;
                }
            }
        }
    }

    #[cold]
    fn gives_up(&mut self) -> Outcome<Arc<Commit>> {
        // A client that never asked for the commit knows that there was none.
        let may_commit = self.progress.asked_to_commit;
        self.progress.passage.is_given_up();
        self.let_go();
        Err(if may_commit { Doubt::TimedOut.into() } else { Refusal::Unavailable.into() })
    }

    /// Nobody waits any more: the source rolls back, or where the commit was asked for, it goes on alone.
    #[cold]
    fn let_go(&mut self) {
        let progress = &mut self.progress;
        if progress.over || matches!(progress.leg, Leg::Unsent) || progress.passage.world.is_ending() {
            return;
        }
        let fate = &progress.passage.fate;
        if !progress.asked_to_commit || fate.refuses || fate.hangs {
            progress.abort(self.transaction, Refusal::RolledBack);
            return;
        }
        progress.over = true;
        let mut alone = Progress {
            passage: progress.passage.alone(),
            capture: progress.capture,
            leg: std::mem::replace(&mut progress.leg, Leg::Lost),
            session: progress.session.take(),
            standing: progress.standing,
            asked_to_commit: true,
            over: false,
        };
        let transaction = self.transaction.clone();
        progress.passage.world.spawn_detached(&progress.passage.caller, async move {
            // Without a deadline it cannot give up.
            let _ = poll_fn(|context| alone.arrive(&transaction, context)).await;
        });
    }
}

impl Progress {
    #[cold]
    fn is_refused(&mut self) {
        self.over = true;
        let outcome = Err(Refusal::Unavailable.into());
        self.passage.tell(|| Point::Served(errand::of_outcome(&outcome)));
        self.passage.turn_back();
        self.leg = Leg::Back(outcome);
    }

    #[cold]
    fn is_lost(&mut self) {
        self.over = true;
        self.passage.tell(|| Point::Lost);
        self.passage.head_for_nowhere();
        self.leg = Leg::Lost;
    }

    /// From wherever it is to its end at the source.
    // What comes of it is large, and as a call of its own it would be copied from hand to hand.
    #[inline(always)]
    fn arrive(
        &mut self,
        transaction: &Transaction,
        context: &mut Context<'_>,
    ) -> Poll<Result<Outcome<Arc<Commit>>, Elapsed>> {
        loop {
            match self.leg {
                Leg::Out => {
                    ready!(self.passage.wait())?;
                    self.leg = Leg::Queued;
                }
                Leg::Queued => {
                    ready!(self.passage.enter(context))?;
                    match self.passage.world.standing() {
                        Ok(standing) => self.standing = standing,
                        Err(why) => {
                            self.abort(transaction, why);
                            return Poll::Ready(Ok(Err(why.into())));
                        }
                    }
                    self.begin(transaction);
                    self.leg = Leg::Ran(0);
                }
                Leg::Ran(done) if done == transaction.statements.len() => {
                    if let Some(session) = self.session {
                        self.passage.world.database.borrow_mut().append_outbox(session);
                    }
                    self.passage.begin_leg(HOLD, transaction.hold);
                    self.leg = Leg::Holding;
                }
                Leg::Ran(next) => {
                    let latency = self.passage.node().config.latency;
                    let purpose = STATEMENT.numbered(next as u64);
                    let service = match self.passage.times() {
                        // The draw of the first statement is that of all, so each has its share of one transaction.
                        Some(times) => {
                            let draw = self.passage.draw(STATEMENT.numbered(0));
                            times.service(draw).scaled(1.0 / transaction.statements.len() as f64)
                        }
                        None => self.passage.sample(latency, purpose),
                    };
                    self.passage.begin_leg(purpose, self.passage.fate.slowed(service));
                    self.leg = Leg::Serving(next);
                }
                Leg::Serving(next) => {
                    ready!(self.passage.wait())?;
                    match self.execute(transaction, next) {
                        Step::Done => self.leg = Leg::Ran(next + 1),
                        Step::Wait => self.leg = Leg::Waiting(next),
                        Step::Refused(why) => {
                            self.abort(transaction, why);
                            return Poll::Ready(Ok(Err(why.into())));
                        }
                    }
                }
                Leg::Waiting(next) => {
                    let Some(session) = self.session else { break };
                    ready!(self.passage.wait_for_lock(session))?;
                    // The service time is over: the statement is run again at once.
                    self.leg = Leg::Serving(next);
                }
                Leg::Holding => {
                    ready!(self.passage.wait())?;
                    return Poll::Ready(Ok(self.end(transaction)));
                }
                Leg::Unsent | Leg::Back(_) | Leg::Lost => break,
            }
        }
        unreachable!("only what is under way arrives, and what has begun has a session")
    }

    fn begin(&mut self, transaction: &Transaction) {
        let world = &self.passage.world;
        self.session = Some(world.database.borrow_mut().begin(transaction.id, self.capture));
        world.emit(Event::Began { by: self.passage.caller.process, transaction: transaction.id });
    }

    /// Runs one statement.
    fn execute(&self, transaction: &Transaction, index: usize) -> Step {
        let Some(session) = self.session else { return Step::Refused(Refusal::RolledBack) };
        if let Err(why) = self.passage.world.goes_on(self.standing) {
            return Step::Refused(why);
        }
        self.passage.does(2 + index as u64);
        self.passage.world.database.borrow_mut().execute(
            session,
            &transaction.statements[index],
            transaction.write(index),
            self.stamp(),
            transaction.path,
        )
    }

    fn end(&mut self, transaction: &Transaction) -> Outcome<Arc<Commit>> {
        let Some(session) = self.session.filter(|_| transaction.ending == Ending::Commit) else {
            self.abort(transaction, Refusal::RolledBack);
            return Err(Refusal::RolledBack.into());
        };
        if let Err(why) = self.passage.world.goes_on(self.standing) {
            self.abort(transaction, why);
            return Err(why.into());
        }
        self.asked_to_commit = true;
        self.passage.does(0);
        let committed = self.passage.world.database.borrow_mut().commit(session, self.passage.now());
        match committed {
            Ok(commit) => {
                self.over = true;
                self.passage.leave();
                self.passage.world.committed(self.passage.caller.process, &commit);
                self.passage.tell(|| Point::Served("committed".to_owned()));
                Ok(commit)
            }
            Err(why) => {
                self.abort(transaction, why);
                Err(why.into())
            }
        }
    }

    #[inline(never)]
    fn abort(&mut self, transaction: &Transaction, why: Refusal) {
        self.over = true;
        self.passage.leave();
        if let Some(session) = self.session.take() {
            self.passage.does(1);
            let world = &self.passage.world;
            world.database.borrow_mut().rollback(session);
            world.emit(Event::Aborted { by: self.passage.caller.process, transaction: transaction.id, why });
            world.grant_locks();
            self.passage.tell(|| Point::Served(why.to_string()));
        }
    }

    fn stamp(&self) -> Time {
        let world = &self.passage.world;
        match world.config.stamps {
            Stamps::Application => self.passage.caller.wall_clock(),
            Stamps::Database => {
                let right = self.passage.now() + WALL_CLOCK_AT_START;
                Time::from_nanos(right.nanos().saturating_add_signed(world.database_skew_nanos.get()))
            }
        }
    }
}

impl Future for Transact<'_> {
    type Output = Outcome<Arc<Commit>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ending = ready!(self.travel(context));
        Poll::Ready(ending.unwrap_or_else(|Elapsed| self.gives_up()))
    }
}

impl Drop for Transact<'_> {
    fn drop(&mut self) {
        if !self.progress.over {
            self.let_go();
        }
    }
}
