//! Recovery from faults: how long until a sink is as fresh again as it was before, which it cannot be while the source has lost its state.

use super::gauge::Level;
use crate::judgement::Recovery;
use driftlab_model::{Span, Time};

/// The most windows that are followed; a fault that strikes more often than that is described by the first.
const MOST: usize = 64;

/// One sink's recoveries.
#[derive(Clone, Debug, Default)]
pub(super) struct Recoveries {
    windows: Vec<Window>,
    /// Windows that have not ended, or from which the sink has not recovered.
    open: usize,
    /// What is watched although it is no fault.
    watches: Vec<Watch>,
    /// How many windows and watches are open: where there are none, there is nothing to note.
    followed: usize,
}

/// A sink that joined is being filled: how this one fares meanwhile.
#[derive(Clone, Debug)]
struct Watch {
    newcomer: usize,
    is_open: bool,
    /// The p99 of staleness from before.
    usual: Span,
    staleness_max: Span,
}

#[derive(Clone, Debug)]
struct Window {
    fault: u16,
    began: Time,
    ended: Option<Time>,
    /// The p99 of staleness from before.
    usual: Span,
    recovered: Option<Time>,
    staleness_max: Span,
    backlog_max: u64,
}

impl Recoveries {
    #[inline]
    pub(super) fn any_open(&self) -> bool {
        self.open > 0
    }

    pub(super) fn begin(&mut self, fault: u16, began: Time, usual: Span) {
        if self.windows.len() < MOST {
            self.open += 1;
            self.followed += 1;
            self.windows.push(Window {
                fault,
                began,
                ended: None,
                usual,
                recovered: None,
                staleness_max: Span::ZERO,
                backlog_max: 0,
            });
        }
    }

    pub(super) fn end(&mut self, fault: u16, at: Time) {
        let window =
            self.windows.iter_mut().rev().find(|window| window.fault == fault && window.ended.is_none());
        if let Some(window) = window {
            window.ended = Some(at);
        }
    }

    /// Watches from now on, while a sink that has joined is being filled.
    pub(super) fn watch(&mut self, newcomer: usize, usual: Span) {
        self.followed += 1;
        self.watches.push(Watch { newcomer, is_open: true, usual, staleness_max: Span::ZERO });
    }

    /// That sink has its first complete load.
    pub(super) fn watched(&mut self, newcomer: usize) {
        for watch in self.watches.iter_mut().filter(|watch| watch.newcomer == newcomer && watch.is_open) {
            watch.is_open = false;
            self.followed -= 1;
        }
    }

    /// What was seen while a sink that had joined was being filled: the p99 of staleness from before, and the most meanwhile.
    pub(super) fn seen(&self, newcomer: usize) -> Option<(Span, Span)> {
        let watch = self.watches.iter().find(|watch| watch.newcomer == newcomer)?;
        Some((watch.usual, watch.staleness_max))
    }

    /// The level was this until now. Gives whether no fault has anything to do with it.
    #[inline]
    pub(super) fn meet(&mut self, level: Level, at: Time) -> bool {
        if self.followed > 0 {
            self.note(level, at);
        }
        self.open == 0
    }

    #[cold]
    fn note(&mut self, level: Level, at: Time) {
        for window in self.windows.iter_mut().filter(|window| window.recovered.is_none()) {
            window.staleness_max = window.staleness_max.max(level.staleness(at));
            window.backlog_max = window.backlog_max.max(level.unshown);
        }
        for watch in self.watches.iter_mut().filter(|watch| watch.is_open) {
            watch.staleness_max = watch.staleness_max.max(level.staleness(at));
        }
    }

    /// The level is this now, and it will be so for longer than no time.
    pub(super) fn look(&mut self, level: Level, at: Time) {
        for window in self.windows.iter_mut().filter(|window| window.recovered.is_none()) {
            if window.ended.is_some() && level.staleness(at) <= window.usual {
                window.recovered = Some(at);
                self.open -= 1;
                self.followed -= 1;
            }
        }
    }

    /// Whether a window reaches into the time between two moments.
    pub(super) fn touch(&self, from: Time, to: Time) -> bool {
        self.windows.iter().any(|window| window.began <= to && window.ended.is_none_or(|end| end >= from))
    }

    pub(super) fn judged(&self, ended: Time) -> Vec<Recovery> {
        let judged = |window: &Window| {
            let end = window.ended.unwrap_or(ended);
            Recovery {
                fault: window.fault,
                began: window.began,
                ended: end,
                took: window.recovered.map(|at| at - end),
                staleness_max: window.staleness_max,
                backlog_max: window.backlog_max,
            }
        };
        self.windows.iter().map(judged).collect()
    }
}
