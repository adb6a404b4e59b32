//! One run: the load, then settling until nobody has work left.

use super::World;
use super::error::WorldError;
use super::live::Live;
use super::measurements::Measurements;
use super::mirror::Mirror;
use driftlab_model::draws::Draws;
use driftlab_model::{Event, Milestone, Observer, Role, Span, Time};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;

/// Rounds that each process must begin without anybody's effect before the world is at rest: then two whole ones have passed.
const IDLE_ROUNDS: u32 = 3;

/// How often the run looks at itself: whether its load has ended, whether it is at rest, what is to be told.
const GLANCE: Duration = Duration::from_millis(2);

/// How many events are told at a time, so that the observer does not hold up the processes, whose thread is the same.
const TOLD_AT_ONCE: usize = 200;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Whether nobody had work left at the end.
    pub quiescent: bool,
    /// When it ended.
    pub ended: Time,
    /// How long everything took.
    pub measurements: Measurements,
}

/// Tells the observer what the recorder has.
struct Teller {
    observer: Rc<RefCell<dyn Observer>>,
    mirror: Mirror,
    events: Vec<(Time, Event)>,
}

impl World {
    /// Runs the world with a seed, from its beginning to rest, telling the observer everything.
    ///
    /// Everything begins anew: database, log and sinks are made in a folder of their own, which is removed at the end. `watch` is called about every
    /// `every` of time; where it ends the run, the summary says that it is not quiescent. At rest, what the stores hold is compared with what
    /// was told of them.
    ///
    /// # Errors
    /// What failed: then the run cannot be judged.
    pub fn run(
        self: &Rc<Self>,
        seed: u64,
        observer: Rc<RefCell<dyn Observer>>,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<RunSummary, WorldError> {
        let system = |attempt| move |error| WorldError::System { attempt, error };
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let tokio = tokio.map_err(system("start a runtime"))?;
        self.draws.set(Draws::new(seed));
        self.faults.borrow().reset();
        let live = Rc::new(Live::prepare(&self.config, &self.load)?);
        self.live.replace(Some(Rc::clone(&live)));
        let mirror = Mirror::new(&self.config, &self.load);
        let mut teller = Teller { observer, mirror, events: Vec::new() };
        let tasks = LocalSet::new();
        let outcome = tasks.block_on(&tokio, async {
            live.clock.start();
            self.schedule_faults();
            for process in &*self.processes.borrow() {
                process.start();
            }
            self.drive(&live, &mut teller, every, watch).await
        });
        for process in &*self.processes.borrow() {
            process.end();
        }
        // What is dropped now leaves no trace.
        drop(tasks);
        drop(tokio);
        live.database.close();
        self.live.replace(None);
        outcome
    }

    async fn drive(
        &self,
        live: &Live,
        teller: &mut Teller,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<RunSummary, WorldError> {
        let quiescent = self.drive_to_rest(live, teller, every, watch).await?;
        if quiescent {
            teller.mirror.compare_sinks(&self.config, live).await?;
            teller.finish(live).await;
            teller.mirror.compare_source(&self.config, live)?;
            if let Some(error) = live.take_failure(&self.config) {
                return Err(error);
            }
        }
        let milestone = if quiescent { Milestone::Quiescent } else { Milestone::GaveUp };
        live.recorder.tell(Event::Cost(Arc::new(live.ledger())));
        live.recorder.tell(Event::Milestone(milestone));
        teller.finish(live).await;
        let measurements = live.take_measurements(&self.config);
        Ok(RunSummary { quiescent, ended: live.clock.now(), measurements })
    }

    async fn drive_to_rest(
        &self,
        live: &Live,
        teller: &mut Teller,
        every: Span,
        watch: &mut dyn FnMut(Time) -> bool,
    ) -> Result<bool, WorldError> {
        let load_end = Time::ZERO + self.config.duration;
        let mut ticks = tokio::time::interval(GLANCE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut glance = Time::ZERO + every;
        let mut load_ended = None;
        loop {
            ticks.tick().await;
            teller.tell(live);
            if let Some(error) = live.take_failure(&self.config) {
                return Err(error);
            }
            self.reap().await;
            let now = live.clock.now();
            if now >= glance {
                glance = now + every;
                if !watch(now) {
                    return Ok(false);
                }
            }
            if load_ended.is_none()
                && self.clients_done()
                && (now >= load_end || self.faults.borrow().is_empty())
            {
                load_ended = Some(now);
                live.settle();
                live.recorder.effect();
                live.recorder.tell(Event::Cost(Arc::new(live.ledger())));
                live.recorder.tell(Event::Milestone(Milestone::LoadEnded));
            }
            if load_ended.is_some() && self.is_at_rest(live) {
                return Ok(true);
            }
            if now >= load_end.max(load_ended.unwrap_or_default()) + self.config.settle {
                return Ok(false);
            }
        }
    }

    fn clients_done(&self) -> bool {
        self.processes.borrow().iter().all(|process| process.role != Role::Client || !process.is_alive())
    }

    /// Whether nobody has work left: nothing is under way, no store has anything to show, the log has been read to its end, nobody is down, and
    /// every process has gone through two whole rounds since the last effect of anybody.
    fn is_at_rest(&self, live: &Live) -> bool {
        let effects = live.recorder.effects();
        live.is_idle()
            && self.processes.borrow().iter().all(|process| {
                process.role == Role::Client
                    || !process.is_alive()
                    || (!process.is_down() && process.caller.idle_rounds(effects) >= IDLE_ROUNDS)
            })
    }

    async fn reap(&self) {
        let processes = self.processes.borrow().clone();
        for process in processes {
            process.reap().await;
        }
    }
}

impl Teller {
    /// Tells some of what there is to tell.
    fn tell(&mut self, live: &Live) {
        live.recorder.drain(TOLD_AT_ONCE, &mut self.events);
        for (at, event) in self.events.drain(..) {
            self.mirror.observe(&event);
            self.observer.borrow_mut().observe(at, &event);
        }
    }

    /// Tells everything, and waits for what was promised.
    async fn finish(&mut self, live: &Live) {
        loop {
            self.tell(live);
            if live.recorder.is_drained() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}
