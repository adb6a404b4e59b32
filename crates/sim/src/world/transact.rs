//! A transaction under way, from the client's request to the reply.
//!
//! It holds one of the source's servers (a connection) from its first statement to its end. Where the client dies before it asked for the
//! commit, the source rolls back; where it dies after that, the commit goes on alone.

use super::World;
use super::caller::{CallSubject, Caller, WALL_CLOCK_AT_START};
use super::config::Stamps;
use super::node::{Node, NodeId};
use crate::database::{SessionId, Step};
use crate::draws::Purpose;
use crate::executor::{Elapsed, Permit};
use crate::fault::Fate;
use driftlab_model::port::{Capture, Runtime};
use driftlab_model::{Commit, Doubt, Ending, Event, Outcome, Refusal, Time, Transaction};
use std::rc::Rc;
use std::sync::Arc;

const REQUEST: Purpose = Purpose::named("request");
const STATEMENT: Purpose = Purpose::named("statement");
const REPLY: Purpose = Purpose::named("reply");

/// Runs a transaction for a client.
pub(super) async fn transact(
    world: Rc<World>,
    caller: Rc<Caller>,
    transaction: &Transaction,
    capture: Capture,
) -> Outcome<Arc<Commit>> {
    let node = Rc::clone(world.node(NodeId::SOURCE));
    let subject = caller.next_call();
    let fate = world.fate(&caller, &node, subject);
    let now = world.executor.now();
    let deadline = now + node.config.timeout + transaction.hold;
    if fate.loses_request {
        world.executor.sleep_until(deadline).await;
        return Err(Doubt::TimedOut.into());
    }
    let progress = Progress {
        world,
        caller,
        node,
        subject,
        fate,
        capture,
        due: now,
        permit: None,
        session: None,
        served: Served::Statements(0),
        asked_to_commit: transaction.hold.is_zero() && transaction.ending == Ending::Commit,
        over: false,
    };
    let mut under_way = UnderWay { progress, transaction };
    match under_way.travel(deadline).await {
        Ok(outcome) => outcome,
        // A client that never asked for the commit knows that there was none.
        Err(Elapsed) if !under_way.progress.asked_to_commit => Err(Refusal::Unavailable.into()),
        Err(Elapsed) => Err(Doubt::TimedOut.into()),
    }
}

struct UnderWay<'a> {
    progress: Progress,
    transaction: &'a Transaction,
}

/// How far a transaction is; enough to go on without its client.
struct Progress {
    world: Rc<World>,
    caller: Rc<Caller>,
    node: Rc<Node>,
    subject: CallSubject,
    fate: Fate,
    capture: Capture,
    /// When the leg that it is on ends.
    due: Time,
    permit: Option<Permit>,
    session: Option<SessionId>,
    served: Served,
    asked_to_commit: bool,
    over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    /// So many statements have run.
    Statements(usize),
    /// The next statement's service time has begun.
    Serving(usize),
    /// All have run, and the client thinks.
    Holding,
}

impl UnderWay<'_> {
    async fn travel(&mut self, deadline: Time) -> Result<Outcome<Arc<Commit>>, Elapsed> {
        let progress = &mut self.progress;
        let out = progress.node.config.network.sample(progress.draw(REQUEST)) + progress.fate.delay;
        progress.due = progress.now() + out;
        progress.wait(deadline).await?;
        if progress.fate.hangs {
            progress.over = true;
            progress.due = Time::NEVER;
            progress.wait(deadline).await?;
        }
        if progress.fate.refuses {
            progress.over = true;
            progress.reply_leg(deadline).await?;
            return Ok(Err(Refusal::Unavailable.into()));
        }
        let outcome = progress.serve(self.transaction, deadline).await?;
        if progress.fate.loses_reply {
            progress.due = Time::NEVER;
            progress.wait(deadline).await?;
        }
        progress.reply_leg(deadline).await?;
        Ok(outcome)
    }
}

impl Progress {
    /// The source's part, from wherever it stands.
    async fn serve(
        &mut self,
        transaction: &Transaction,
        deadline: Time,
    ) -> Result<Outcome<Arc<Commit>>, Elapsed> {
        if self.permit.is_none() {
            self.permit = Some(self.node.serve_next(deadline).await?);
        }
        let session = match self.session {
            Some(session) => session,
            None => self.begin(transaction),
        };
        loop {
            match self.served {
                Served::Statements(done) if done == transaction.statements.len() => {
                    self.world.database.borrow_mut().append_outbox(session);
                    self.due = self.now() + transaction.hold;
                    self.served = Served::Holding;
                }
                Served::Statements(next) => {
                    let draw = self.draw(STATEMENT.numbered(next as u64));
                    let service = self.fate.slowed(self.node.config.latency.sample(draw));
                    self.due = self.now() + service;
                    self.served = Served::Serving(next);
                }
                Served::Serving(next) => {
                    self.wait(deadline).await?;
                    if let Err(why) = self.execute(transaction, session, next, deadline).await? {
                        self.abort(transaction, why);
                        return Ok(Err(why.into()));
                    }
                    self.served = Served::Statements(next + 1);
                }
                Served::Holding => {
                    self.wait(deadline).await?;
                    return Ok(self.end(transaction, session));
                }
            }
        }
    }

    fn begin(&mut self, transaction: &Transaction) -> SessionId {
        let session = self.world.database.borrow_mut().begin(transaction.id, self.capture);
        self.session = Some(session);
        self.world.emit(&Event::Began { by: self.caller.process, transaction: transaction.id });
        session
    }

    /// Runs one statement, waiting for its row's lock where another transaction holds it.
    async fn execute(
        &self,
        transaction: &Transaction,
        session: SessionId,
        index: usize,
        deadline: Time,
    ) -> Result<Result<(), Refusal>, Elapsed> {
        loop {
            let step = self.world.database.borrow_mut().execute(
                session,
                &transaction.statements[index],
                transaction.write(index),
                self.stamp(),
                transaction.path,
            );
            match step {
                Step::Done => return Ok(Ok(())),
                Step::Refused(why) => return Ok(Err(why)),
                Step::Wait => self.world.await_lock(session, deadline).await?,
            }
        }
    }

    fn end(&mut self, transaction: &Transaction, session: SessionId) -> Outcome<Arc<Commit>> {
        if transaction.ending == Ending::Rollback {
            self.abort(transaction, Refusal::RolledBack);
            return Err(Refusal::RolledBack.into());
        }
        self.asked_to_commit = true;
        let committed = self.world.database.borrow_mut().commit(session, self.now());
        match committed {
            Ok(commit) => {
                self.over = true;
                self.permit = None;
                self.world.committed(self.caller.process, &commit);
                Ok(commit)
            }
            Err(why) => {
                self.abort(transaction, why);
                Err(why.into())
            }
        }
    }

    fn abort(&mut self, transaction: &Transaction, why: Refusal) {
        self.over = true;
        self.permit = None;
        if let Some(session) = self.session.take() {
            self.world.database.borrow_mut().rollback(session);
            self.world.emit(&Event::Aborted { by: self.caller.process, transaction: transaction.id, why });
            self.world.grant_locks();
        }
    }

    fn stamp(&self) -> Time {
        match self.world.config.stamps {
            Stamps::Application => self.caller.wall_clock(),
            Stamps::Database => {
                let right = self.now() + WALL_CLOCK_AT_START;
                Time::from_nanos(right.nanos().saturating_add_signed(self.world.database_skew_nanos.get()))
            }
        }
    }

    async fn reply_leg(&mut self, deadline: Time) -> Result<(), Elapsed> {
        self.due = self.now() + self.node.config.network.sample(self.draw(REPLY));
        self.wait(deadline).await
    }

    async fn wait(&self, deadline: Time) -> Result<(), Elapsed> {
        let executor = &self.world.executor;
        if self.due > executor.now() {
            executor.sleep_until(self.due.min(deadline)).await;
        }
        if self.due > deadline { Err(Elapsed) } else { Ok(()) }
    }

    fn now(&self) -> Time {
        self.world.executor.now()
    }

    fn draw(&self, purpose: Purpose) -> u64 {
        self.caller.draw_for(&self.world, purpose, self.subject)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.progress.over || self.progress.world.is_ending() {
            return;
        }
        let progress = &mut self.progress;
        if !progress.asked_to_commit || progress.fate.refuses || progress.fate.hangs {
            progress.abort(self.transaction, Refusal::RolledBack);
            return;
        }
        progress.over = true;
        let mut alone = Progress {
            world: Rc::clone(&progress.world),
            caller: Rc::clone(&progress.caller),
            node: Rc::clone(&progress.node),
            subject: progress.subject,
            fate: progress.fate,
            capture: progress.capture,
            due: progress.due,
            permit: progress.permit.take(),
            session: progress.session.take(),
            served: progress.served,
            asked_to_commit: true,
            over: false,
        };
        let transaction = self.transaction.clone();
        let caller = Rc::clone(&alone.caller);
        self.progress.world.spawn_detached(&caller, async move {
            let _ = alone.wait(Time::NEVER).await;
            let _ = alone.serve(&transaction, Time::NEVER).await;
        });
    }
}
