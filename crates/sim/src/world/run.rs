//! One run: the load, then settling until nobody has work left.

use super::caller::WALL_CLOCK_AT_START;
use super::node::NodeId;
use super::{Telling, World};
use crate::executor::Step;
use driftlab_model::draws::Draws;
use driftlab_model::{
    CompactedLog, Event, Ledger, Lookup, Lsn, Milestone, Observer, PerSink, Retained, Role, Span, Time,
    TraceHash,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Rounds that each process must begin without anybody's effect before the world is at rest: then two whole ones have passed.
const IDLE_ROUNDS: u32 = 3;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// The hash of everything that happened.
    pub trace: u128,
    /// How often a task was polled.
    pub steps: u64,
    /// Whether nobody had work left at the end.
    pub quiescent: bool,
    /// When it ended.
    pub ended: Time,
}

impl World {
    /// Runs the world with a seed, from its beginning to rest, telling the observer everything.
    ///
    /// `watch` is called every `every` of virtual time; where it ends the run, the summary says that it is not quiescent.
    pub fn run(
        self: &Rc<Self>,
        seed: u64,
        observer: Rc<RefCell<dyn Observer>>,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> RunSummary {
        self.reset(seed);
        self.telling.replace(Telling { trace: TraceHash::default(), observer: Some(observer) });
        self.start();
        let load_end = Time::ZERO + self.config.duration;
        let quiescent = self.drive(load_end, every, watch);
        let milestone = if quiescent { Milestone::Quiescent } else { Milestone::GaveUp };
        self.emit(Event::Cost(Arc::new(self.ledger())));
        self.emit(Event::Milestone(milestone));
        let summary = RunSummary {
            trace: self.telling.borrow().trace.value(),
            steps: self.executor.steps(),
            quiescent,
            ended: self.executor.now(),
        };
        self.end();
        summary
    }

    /// What the source and the log hold: asked after a run, what it has left behind. The next run begins with none of it.
    #[must_use]
    pub fn retained(&self) -> Retained {
        let log = self.log.borrow().retained();
        Retained { log, began: Time::ZERO + WALL_CLOCK_AT_START, ..self.database.borrow().retained() }
    }

    /// How much the log between capture and sinks was given in the last run, and how much of it compaction has left; `None` where it is not compacted.
    #[must_use]
    pub fn compacted_log(&self) -> Option<CompactedLog> {
        self.config.log_compaction?;
        let log = self.log.borrow();
        Some(CompactedLog {
            events: log.events(),
            bytes: log.bytes(),
            events_held: log.events_held(),
            bytes_held: log.bytes_held(),
        })
    }

    fn drive(self: &Rc<Self>, load_end: Time, every: Span, watch: &mut dyn FnMut(Time) -> bool) -> bool {
        let mut glance = Time::ZERO + every;
        let mut finished = 0;
        // The load: until its time is over, or all clients are done.
        loop {
            match self.step(load_end.min(glance)) {
                Step::Polled => {
                    let ended = self.executor.finished();
                    if ended != finished && self.clients_done() && !self.faults_pending() {
                        break;
                    }
                    finished = ended;
                }
                Step::Idle => break,
                Step::Limit if self.executor.now() >= load_end => break,
                Step::Limit => {
                    glance = self.executor.now() + every;
                    if !watch(self.executor.now()) {
                        return false;
                    }
                }
            }
        }
        let latest = self.executor.now().max(load_end) + self.config.settle;
        let mut load_ended = false;
        loop {
            if !load_ended && self.clients_done() {
                load_ended = true;
                self.settled_views.replace(Some(Lookup::default()));
                self.effect();
                self.emit(Event::Cost(Arc::new(self.ledger())));
                self.emit(Event::Milestone(Milestone::LoadEnded));
            }
            if load_ended && self.is_at_rest() {
                return true;
            }
            self.round_began.set(false);
            finished = self.executor.finished();
            let by_itself = self.settles_by_itself();
            // Rest can only begin when a process begins a round, when a task ends, or where there is no process, at any step.
            loop {
                match self.step(latest.min(glance)) {
                    Step::Polled => {
                        if by_itself || self.round_began.get() || self.executor.finished() != finished {
                            break;
                        }
                    }
                    Step::Idle => return load_ended && self.is_at_rest(),
                    Step::Limit if self.executor.now() >= latest => return false,
                    Step::Limit => {
                        glance = self.executor.now() + every;
                        if !watch(self.executor.now()) {
                            return false;
                        }
                    }
                }
            }
        }
    }

    /// Whether rest does not depend on anybody's rounds, because the strategy has no processes.
    fn settles_by_itself(&self) -> bool {
        self.processes.borrow().iter().all(|process| process.role == Role::Client || !process.is_alive(self))
    }

    fn clients_done(&self) -> bool {
        self.processes.borrow().iter().all(|process| process.role != Role::Client || !process.is_alive(self))
    }

    fn faults_pending(&self) -> bool {
        !self.faults.borrow().is_empty() && self.executor.now() < Time::ZERO + self.config.duration
    }

    /// Whether nobody has work left: nothing is under way alone, no store has anything to show, nobody is down, and every process has
    /// gone through two whole rounds since the last effect of anybody.
    fn is_at_rest(&self) -> bool {
        let effects = self.effects.get();
        self.detached.get() == 0
            && self.stores.iter().all(|store| !store.borrow().has_work())
            && self.processes.borrow().iter().all(|process| {
                process.role == Role::Client
                    || !process.is_alive(self)
                    || (!process.is_down() && process.caller.idle_rounds(effects) >= IDLE_ROUNDS)
            })
    }

    /// Empties the world and puts it back to its beginning.
    fn reset(&self, seed: u64) {
        // A run that ended has dropped everything already.
        if !self.ending.replace(false) {
            self.end();
            self.ending.set(false);
        }
        self.draws.set(Draws::new(seed));
        self.executor.reset(self.draws.get().ties());
        self.executor.forget_legs();
        for node in &self.nodes {
            node.servers.reset();
            node.heard.set(Time::ZERO);
        }
        self.database_skew_nanos.set(0);
        self.upheavals.set(0);
        let mut log = self.log.borrow_mut();
        log.reset();
        log.retain(Time::ZERO, self.config.log_retention);
        if let Some(compaction) = self.config.log_compaction {
            log.compact(compaction);
        }
        drop(log);
        // To clear a tree costs something even where it is empty.
        if !self.checkpoints.borrow().is_empty() {
            self.checkpoints.borrow_mut().clear();
        }
        self.faults.borrow().reset();
        self.active_faults.set(0);
        self.captured.set(Lsn::default());
        self.effects.set(0);
        self.followed.set(0);
        self.round_began.set(false);
        self.detached.set(0);
        self.settled_views.replace(None);
        self.reset_prints();
        self.asked.borrow_mut().reset();
        self.nodes.iter().for_each(|node| node.served.set(0));
        let is_filled = self.filled.replace(true);
        let mut database = self.database.borrow_mut();
        if is_filled {
            database.rewind();
        } else {
            database.restore(&self.load);
        }
        for (number, store) in self.stores.iter().enumerate() {
            let mut store = store.borrow_mut();
            let is_filled = is_filled && !self.wiped[number].replace(false);
            let config = &self.config.sinks[number];
            let preloaded = config.is_preloaded(self.config.demands);
            match (preloaded && config.served, is_filled) {
                (true, true) => store.rewind(&self.load),
                (true, false) => {
                    store.reset();
                    store.preload(&self.load);
                }
                (false, _) => store.reset(),
            }
            self.loaded[number].set(preloaded);
            self.store_wakes[number].reset();
        }
    }

    fn start(self: &Rc<Self>) {
        if let Some(slot) = self.config.demands.slot {
            self.database.borrow_mut().create_slot(slot);
        }
        for sink in 0..self.stores.len() {
            self.keep_house_if_due(sink);
        }
        // Faults of the first moment strike whoever acts in the first moment.
        self.schedule_faults();
        for process in &*self.processes.borrow() {
            process.start(self);
        }
        self.stall_is_due.set(self.schedule.borrow().stall.is_some());
    }

    fn step(self: &Rc<Self>, limit: Time) -> Step {
        let step = self.executor.step(limit);
        if self.stall_is_due.get() {
            self.stall_if_due();
        }
        step
    }

    /// Drops everything that runs. What is dropped now leaves no trace.
    fn end(&self) {
        self.ending.set(true);
        self.executor.reset(0);
        for signal in [&self.log_written, &self.locks_granted, &self.log_grew] {
            signal.reset();
        }
        self.granted.borrow_mut().clear();
        self.telling.borrow_mut().observer = None;
    }

    /// What everything cost until now.
    fn ledger(&self) -> Ledger {
        let costs = self.database.borrow().costs();
        let log = self.log.borrow();
        let asked = self.asked.borrow();
        Ledger {
            source_rows_read: costs.rows_read,
            source_rows_written: costs.rows_written,
            source_extra_rows: costs.extra_rows_written,
            log_bytes_written: costs.log_bytes_written,
            log_bytes_retained_max: costs.log_bytes_retained_max,
            events_moved: log.events(),
            bytes_moved: log.bytes(),
            source_requests: self.node(NodeId::SOURCE).served.get(),
            sink_requests: PerSink::from_slice(&asked.requests),
            sink_operations: PerSink::from_slice(&asked.operations),
            sink_bytes: PerSink::from_slice(&asked.bytes),
        }
    }
}
