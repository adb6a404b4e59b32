//! The way of a request, whatever it asks: over the network, into the queue, served, and back.
//!
//! All requests share this code and differ in what they do at the server, so that it stays at the processor's hand while they come and go.

use super::passage::Passage;
use crate::executor::Elapsed;
use driftlab_model::draws::Purpose;
use driftlab_model::{Point, RequestKind, Span};
use std::task::{Context, Poll, ready};

const SERVICE: Purpose = Purpose::named("service");

/// A request on its way.
pub(super) struct Journey {
    pub(super) passage: Passage,
    leg: Leg,
    kind: RequestKind,
    rows: usize,
}

/// Where a request is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    /// With its caller.
    Unsent,
    /// Over the network.
    Out,
    /// Before the node's servers.
    Queued,
    /// At one of them.
    Served,
    /// Back, with what came of it.
    Back,
    /// Nowhere: it was lost, or nobody answers.
    Lost,
}

/// Where a journey stops until the traveller has done something, or for good.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its service time is over: it takes effect, and then turns back.
    AtServer,
    /// It takes no effect, and then turns back.
    Refused,
    /// The caller has the reply.
    Home,
    /// The caller has given up.
    TooLate,
}

impl Journey {
    pub(super) const fn new(passage: Passage, kind: RequestKind, rows: usize) -> Self {
        Self { passage, leg: Leg::Unsent, kind, rows }
    }

    pub(super) fn is_to_be_sent(&self) -> bool {
        self.leg == Leg::Unsent
    }

    pub(super) fn set_out(&mut self) {
        self.passage.set_out(self.kind, self.rows, Span::ZERO);
        self.leg = Leg::Out;
    }

    /// Goes on to the next stop.
    #[inline(never)]
    pub(super) fn go(&mut self, context: &mut Context<'_>) -> Poll<Stop> {
        Poll::Ready(ready!(self.travel(context)).unwrap_or(Stop::TooLate))
    }

    #[inline]
    fn travel(&mut self, context: &mut Context<'_>) -> Poll<Result<Stop, Elapsed>> {
        if self.leg == Leg::Out {
            if self.passage.fate.loses_request {
                self.is_lost();
            } else {
                ready!(self.passage.wait())?;
                if self.passage.fate.hangs {
                    self.is_lost();
                } else if self.passage.fate.refuses {
                    return Poll::Ready(Ok(Stop::Refused));
                } else {
                    self.leg = Leg::Queued;
                }
            }
        }
        if self.leg == Leg::Queued {
            ready!(self.passage.enter(context))?;
            let service = self.service();
            self.passage.begin_leg(SERVICE, self.passage.fate.slowed(service));
            self.leg = Leg::Served;
        }
        ready!(self.passage.wait())?;
        match self.leg {
            Leg::Served => Poll::Ready(Ok(Stop::AtServer)),
            Leg::Back => {
                self.passage.is_heard();
                self.passage.tell(|| Point::Returned);
                Poll::Ready(Ok(Stop::Home))
            }
            Leg::Unsent | Leg::Out | Leg::Queued | Leg::Lost => Poll::Ready(Err(Elapsed)),
        }
    }

    fn service(&self) -> Span {
        match self.passage.times() {
            Some(times) => times.service(self.passage.draw(SERVICE)),
            None => {
                let config = &self.passage.node().config;
                let more_rows = self.rows.saturating_sub(1) as u64;
                let moving = Span::from_nanos(config.per_row.nanos().saturating_mul(more_rows));
                self.passage.sample(config.latency, SERVICE) + moving
            }
        }
    }

    /// Sets out for home; false where the reply is lost.
    #[must_use]
    pub(super) fn turn_back(&mut self) -> bool {
        // Who was refused has a reply in any case.
        if self.leg == Leg::Served && self.passage.fate.loses_reply {
            self.is_lost();
            return false;
        }
        self.passage.turn_back();
        self.leg = Leg::Back;
        true
    }

    #[cold]
    fn is_lost(&mut self) {
        self.passage.tell(|| Point::Lost);
        self.passage.head_for_nowhere();
        self.leg = Leg::Lost;
    }

    /// Whether it will never take effect, whoever waits for it.
    pub(super) fn ends_nowhere(&self) -> bool {
        let fate = &self.passage.fate;
        matches!(self.leg, Leg::Unsent | Leg::Lost) || fate.refuses || fate.hangs
    }

    /// Goes on from where it stands without whoever sent it.
    pub(super) fn alone(&mut self) -> Self {
        Self { passage: self.passage.alone(), leg: self.leg, kind: self.kind, rows: self.rows }
    }
}
