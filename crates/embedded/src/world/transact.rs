//! A transaction under way, from the client's request to the reply.
//!
//! It holds one of the source's connections from its first statement to its end. Where the client dies before it asked for the
//! commit, the source rolls back; where it dies after that, the commit goes on alone.

use super::caller::Caller;
use super::config::Stamps;
use super::exchange::{Sender, await_reply};
use super::live::Live;
use super::node::NodeId;
use crate::source::{Close, Order};
use crate::stopwatch::Service;
use driftlab_fault::Fate;
use driftlab_model::port::Capture;
use driftlab_model::{Commit, Ending, Outcome, Refusal, RequestKind, Span, Time, Transaction};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Instant;
use tokio::sync::oneshot;

type Reply = oneshot::Receiver<Outcome<Arc<Commit>>>;

/// Runs a transaction for a client.
pub(super) async fn transact(
    caller: Rc<Caller>,
    transaction: &Transaction,
    capture: Capture,
) -> Outcome<Arc<Commit>> {
    let live = caller.live();
    live.count(NodeId::SOURCE);
    let world = caller.world();
    let sent = Instant::now();
    let deadline = live.clock.now() + world.config.source.timeout + transaction.hold;
    let fate = world.fate(&caller, NodeId::SOURCE);
    if fate.loses_request || fate.hangs {
        return unanswered(&live, deadline, transaction).await;
    }
    let service = Service::slowed(fate.slowness);
    let reply = if transaction.hold.is_zero() && transaction.ending == Ending::Commit {
        if fate.delay == Span::ZERO && !fate.refuses {
            send(&live, &caller, transaction.clone(), capture, service.clone(), Close::AtOnce)
        } else {
            late(Rc::clone(&caller), Rc::clone(&live), transaction.clone(), capture, fate)
        }
    } else {
        if fate.delay > Span::ZERO {
            live.alarm.sleep_until((live.clock.now() + fate.delay).min(deadline)).await;
        }
        if fate.refuses {
            return Err(Refusal::Unavailable.into());
        }
        match hold(&live, &caller, transaction, capture, service.clone(), deadline).await {
            Some(reply) => reply,
            // Whoever never asked for the commit knows that there was none.
            None => return Err(Refusal::Unavailable.into()),
        }
    };
    if fate.loses_reply {
        let _served = reply.await;
        return unanswered(&live, deadline, transaction).await;
    }
    let outcome = await_reply(&live, deadline, reply).await;
    if fate == Fate::default()
        && transaction.hold.is_zero()
        && let (Some(served), Ok(commit)) = (service.served(), &outcome)
    {
        let demands = &world.config.demands;
        let kind = RequestKind::of_transaction(capture, demands.triggers, live.database.is_labelled());
        let effect = live.clock.instant(commit.at);
        live.measure(NodeId::SOURCE, kind, transaction.statements.len(), sent, served, effect);
    }
    outcome
}

/// Hands the transaction to a connection.
fn send(
    live: &Live,
    caller: &Caller,
    transaction: Transaction,
    capture: Capture,
    service: Service,
    close: Close,
) -> Reply {
    let Sender { process: by, skew_nanos, service, under_way } = Sender::new(live, caller, service);
    let skew_nanos = match caller.world().config.stamps {
        Stamps::Application => skew_nanos,
        Stamps::Database => live.database.skew_nanos(),
    };
    live.writers.submit(service, move |writer| {
        let outcome = writer.transact(Order { by, transaction, capture, skew_nanos, close });
        drop(under_way);
        outcome
    })
}

/// A request that is long on its way, or refused at its end; the client may die meanwhile, and it goes on.
fn late(caller: Rc<Caller>, live: Rc<Live>, transaction: Transaction, capture: Capture, fate: Fate) -> Reply {
    let (answer, reply) = oneshot::channel();
    tokio::task::spawn_local(async move {
        let _under_way = live.under_way();
        live.alarm.sleep_until(live.clock.now() + fate.delay).await;
        if fate.refuses {
            let _ = answer.send(Err(Refusal::Unavailable.into()));
            return;
        }
        if let Ok(outcome) =
            send(&live, &caller, transaction, capture, Service::slowed(fate.slowness), Close::AtOnce).await
        {
            let _ = answer.send(outcome);
        }
    });
    reply
}

/// Runs the statements, thinks as long as the client thinks, and asks for the end; `None` where the time was up before that.
///
/// The connection waits for the client's word. A client that dies drops it unspoken, and one that stands still keeps its locks.
async fn hold(
    live: &Live,
    caller: &Caller,
    transaction: &Transaction,
    capture: Capture,
    service: Service,
    deadline: Time,
) -> Option<Reply> {
    let (ready, is_ready) = oneshot::channel();
    let (word, end) = mpsc::channel();
    let close = Close::WhenAsked { ready, end };
    let reply = send(live, caller, transaction.clone(), capture, service, close);
    let until = tokio::time::Instant::from_std(live.clock.instant(deadline));
    match tokio::time::timeout_at(until, is_ready).await {
        Ok(Ok(())) => {}
        // It was refused before its last statement.
        Ok(Err(_)) => return Some(reply),
        Err(_) => return None,
    }
    live.alarm.sleep_until(live.clock.now() + transaction.hold).await;
    if live.clock.now() > deadline {
        return None;
    }
    let _ = word.send(());
    Some(reply)
}

/// Waits until the client gives up.
async fn unanswered(live: &Live, deadline: Time, transaction: &Transaction) -> Outcome<Arc<Commit>> {
    let (silent, reply) = oneshot::channel::<Outcome<Arc<Commit>>>();
    drop(silent);
    let outcome = await_reply(live, deadline, reply).await;
    match transaction.ending {
        Ending::Commit => outcome,
        // Whoever never asked for the commit knows that there was none.
        Ending::Rollback => Err(Refusal::Unavailable.into()),
    }
}
