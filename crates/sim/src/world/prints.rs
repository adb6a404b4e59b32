//! What a world is like at a moment, as a fingerprint: two moments with one fingerprint go on alike, whatever came before them.
//!
//! Nobody can look into a process that waits: it is a future. But it holds no more than what it has heard, so it is known by that: by the outcomes of its requests, in the
//! order in which they came, and by the times that it read; and where it says what it remembers of them ([`Runtime::remembers`]), by that and by what it has heard since. The same holds
//! for the source: what has been done to it, in order, says what it is. The log between capture and sinks is known by its events, and what the source streams to its slots by
//! the commits. A store that can tell what it holds is known by that alone, which is less than its past, and so many pasts come to one; of the others, again, the past is kept.
//!
//! [`Runtime::remembers`]: driftlab_model::port::Runtime::remembers
//! Requests under way are known by their number and by the leg that they are on: what they ask follows from what their sender had heard.

use super::World;
use super::caller::Caller;
use super::node::NodeId;
use super::process::ProcessState;
use driftlab_model::draws::Purpose;
use driftlab_model::hash::{digest_bytes, mix};
use driftlab_model::{
    ChangeEvent, Commit, Failure, Fingerprint, Lsn, Names, ProcessId, Role, Shown, Watermark,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What is kept of a run's past, where somebody asks for fingerprints.
#[derive(Default)]
pub(super) struct Prints {
    kept: Cell<bool>,
    names: RefCell<Rc<Names>>,
    /// Whether processes are believed that say what they remember.
    forgetting: Cell<bool>,
    /// What was done to the source; the commits and watermarks in its log; and the events in each partition of the log between capture and sinks.
    source: Cell<u64>,
    stream: Cell<u64>,
    log: RefCell<Vec<u64>>,
    /// What was asked of each sink that cannot tell what it holds.
    sinks: RefCell<Vec<u64>>,
    /// Who stood in line before busy servers.
    queues: Cell<u64>,
    /// What was shown since the world began to settle.
    settled: Cell<u64>,
    callers: RefCell<Vec<Heard>>,
    /// Whether anybody made a choice of its own.
    drawn: Cell<bool>,
    /// Whether anybody did, or a client waited.
    strayed: Cell<bool>,
}

/// A process, as far as anybody outside can tell.
#[derive(Clone, Copy, Default)]
struct Heard {
    /// What it has heard, in order.
    past: u64,
    /// The outcomes of its requests, whether it has heard them or not.
    served: u64,
    /// The legs that its requests are on.
    open: u64,
    /// How many requests it has sent, and in which of its operations a client is.
    sent: u32,
    turn: u64,
}

/// How much a reply tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// That it was done, or why not.
    Done,
    /// Something of what the node holds.
    Holdings,
    /// Something of what the source streams to its slots.
    Stream,
}

/// Whether processes are believed that say what they remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// They are: what they do not remember is forgotten.
    AsTheySay,
    /// They are not: a process is all that it has heard.
    Whole,
}

impl World {
    /// Keeps what fingerprints need, in the runs to come; clients and their transactions go by these names in them.
    pub fn keep_prints(&self, names: Rc<Names>, memory: Memory) {
        self.prints.kept.set(true);
        self.prints.forgetting.set(memory == Memory::AsTheySay);
        self.prints.names.replace(names);
    }

    /// What clients and transactions are called in fingerprints of this moment.
    #[must_use]
    pub fn names(&self) -> Rc<Names> {
        Rc::clone(&self.prints.names.borrow())
    }

    /// Whether anybody has made a choice of its own in the last run: such choices are keyed by what came before, so a process is not what it says that it remembers.
    #[must_use]
    pub fn has_drawn(&self) -> bool {
        self.prints.drawn.get()
    }

    /// Whether anybody has made a choice of its own in the last run, or a client has waited for a time to come: then no other does quite the same.
    #[must_use]
    pub fn has_strayed(&self) -> bool {
        self.prints.strayed.get()
    }

    /// Takes in all that decides how the run goes on, and nothing that does not. To be asked while everybody waits.
    pub fn fingerprint(&self, print: &mut Fingerprint<'_>) {
        let prints = &self.prints;
        print.word(self.executor.clock().nanos());
        for past in [&prints.source, &prints.stream, &prints.queues, &prints.settled] {
            print.word(past.get());
        }
        for node in [NodeId::STREAM, NodeId::LOG, NodeId::CHECKPOINT] {
            print.word(self.holdings(node, print));
        }
        for sink in 0..self.stores.len() {
            print.word(self.holdings(NodeId::sink(sink), print));
            print.word(u64::from(self.loaded[sink].get()));
        }
        print.word(u64::from(self.detached.get()) << 1 | u64::from(self.settled_views.borrow().is_some()));
        self.print_processes(print);
        self.print_waiting(print);
    }

    /// A client goes on to its next operation, and keeps nothing of the one before.
    pub(super) fn turns_over(&self, by: ProcessId) {
        if self.prints.kept.get() {
            let mut callers = self.prints.callers.borrow_mut();
            let heard = &mut callers[usize::from(by.0) - self.nodes.len()];
            let turn = heard.turn + 1;
            *heard = Heard { turn, past: turn, ..Heard::default() };
        }
    }

    fn print_processes(&self, print: &mut Fingerprint<'_>) {
        let (effects, callers) = (self.effects.get(), self.prints.callers.borrow());
        // The end of the load is an effect, and rounds are counted anew from there.
        let is_settling = self.settled_views.borrow().is_some();
        let (mut clients, mut number) = (0u128, 0);
        for (process, heard) in self.processes.borrow().iter().zip(&*callers) {
            let is_alive = process.is_alive(self);
            let Heard { past, served, open, .. } = if is_alive { *heard } else { Heard::default() };
            let mut part = print.part();
            part.word(u64::from(is_alive));
            [past, served, open].into_iter().for_each(|word| part.word(word));
            match process.role {
                Role::Strategy => {
                    part.word(u64::from(is_settling) * u64::from(process.caller.idle_rounds(effects)));
                    print.sum(part.value());
                }
                Role::Client => {
                    part.word(print.names().of_client(number));
                    clients = clients.wrapping_add(part.value());
                    number += 1;
                }
            }
        }
        print.sum(clients);
    }

    /// Who waits for a time to come, and who for something to happen. The deadlines of clients that are told apart by their deeds alone are left out: a deadline
    /// passes only where time does, that is where nobody is on the way, and these clients do nothing else than be on the way.
    fn print_waiting(&self, print: &mut Fingerprint<'_>) {
        let processes = self.processes.borrow();
        let first =
            processes.iter().position(|process| process.role == Role::Client).unwrap_or(processes.len());
        let client = |name: u64| {
            let is_it = |process: &ProcessState| process.caller.entity.digest() == name;
            processes[first..].iter().position(is_it)
        };
        let are_given = print.names().are_given();
        let mut timers = 0u128;
        self.executor.each_timer(|at, name| {
            if !(are_given && client(name).is_some()) {
                let mut part = print.part();
                [at.nanos(), name].into_iter().for_each(|word| part.word(word));
                timers = timers.wrapping_add(part.value());
            }
        });
        print.sum(timers);
        let signals = [&self.log_written, &self.log_grew, &self.locks_granted];
        for signal in signals.into_iter().chain(self.store_wakes.iter().map(|wake| &wake.signal)) {
            signal.each(|task| {
                let name = self.executor.name(task);
                print.word(client(name).map_or(name, |client| print.names().of_client(client)));
            });
            print.word(0);
        }
    }

    /// What a node holds.
    fn holdings(&self, node: NodeId, print: &Fingerprint<'_>) -> u64 {
        let mut part = print.part();
        match node {
            NodeId::SOURCE => return self.prints.source.get(),
            NodeId::STREAM => {
                part.word(self.prints.stream.get());
                self.database.borrow().print_slots(&mut part);
            }
            NodeId::LOG => self.prints.log.borrow().iter().for_each(|events| part.word(*events)),
            NodeId::CHECKPOINT => {
                for (name, bookmark) in &*self.checkpoints.borrow() {
                    part.word(digest_bytes(name.as_bytes()));
                    part.word(bookmark.0);
                }
            }
            NodeId(place) => {
                let sink = place - NodeId::sink(0).0;
                if !self.stores[sink].borrow().fingerprint(&mut part) {
                    return self.prints.sinks.borrow()[sink];
                }
            }
        }
        part.value() as u64
    }

    pub(super) fn reset_prints(&self) {
        let prints = &self.prints;
        if !prints.kept.get() {
            return;
        }
        prints.names.borrow().reset();
        for past in [&prints.source, &prints.stream, &prints.queues, &prints.settled] {
            past.set(0);
        }
        prints.drawn.set(false);
        prints.strayed.set(false);
        let mut log = prints.log.borrow_mut();
        log.clear();
        log.resize(self.log.borrow().partitions() as usize, 0);
        let mut sinks = prints.sinks.borrow_mut();
        sinks.clear();
        sinks.resize(self.stores.len(), 0);
        let mut callers = prints.callers.borrow_mut();
        callers.clear();
        callers.resize(self.processes.borrow().len(), Heard::default());
    }

    /// The number of a client among the clients; `None` for others.
    fn client_number(&self, caller: &Caller) -> Option<usize> {
        let processes = self.processes.borrow();
        let place = usize::from(caller.process.0) - self.nodes.len();
        let is_client = |process: &&ProcessState| process.role == Role::Client;
        processes.get(place).filter(is_client)?;
        Some(processes[..place].iter().filter(is_client).count())
    }

    /// What a process is called.
    fn called(&self, caller: &Caller) -> u64 {
        let names = self.prints.names.borrow();
        match self.client_number(caller) {
            Some(client) => {
                names.call(client);
                names.of_client(client)
            }
            None => caller.entity.digest(),
        }
    }
}

impl Caller {
    // Most worlds keep no prints, and most of what happens in a world would be noted: the question stays with whoever asks, and the answer elsewhere.
    #[cold]
    #[inline(never)]
    fn heard(&self, change: impl FnOnce(&mut Heard)) {
        let world = self.world();
        let mut callers = self.prints.callers.borrow_mut();
        change(&mut callers[usize::from(self.process.0) - world.nodes.len()]);
    }

    /// The number of a request that is sent now.
    #[inline]
    pub(super) fn number(&self) -> u32 {
        let mut number = 0;
        if self.prints.are_kept() {
            self.heard(|heard| {
                heard.sent += 1;
                number = heard.sent;
            });
        }
        number
    }

    /// One of its requests sets out on a leg, or has come to its end.
    pub(super) fn on_leg(&self, number: u32, purpose: Purpose) {
        if self.prints.are_kept() {
            self.heard(|heard| heard.open ^= mix(u64::from(number), purpose.digest()));
        }
    }

    /// Something was done to a node on behalf of this process: `what` tells the steps of one request apart.
    #[cold]
    #[inline(never)]
    pub(super) fn did(&self, world: &World, node: NodeId, number: u32, what: u64) {
        let prints = &self.prints;
        let called = world.called(self);
        let mut knew = 0;
        self.heard(|heard| knew = mix(heard.past, heard.served));
        let deed = mix(mix(called, knew), mix(u64::from(number), what));
        match node {
            NodeId::SOURCE => prints.source.set(mix(prints.source.get(), deed)),
            // These tell what they hold.
            NodeId::STREAM | NodeId::LOG | NodeId::CHECKPOINT => {}
            NodeId(place) => {
                let past = &mut prints.sinks.borrow_mut()[place - NodeId::sink(0).0];
                *past = mix(*past, deed);
            }
        }
    }

    /// It stands in line before busy servers.
    pub(super) fn queues(&self, world: &World, number: u32) {
        let prints = &self.prints;
        if prints.are_kept() {
            prints.queues.set(mix(prints.queues.get(), mix(world.called(self), u64::from(number))));
        }
    }

    /// One of its requests has been served.
    #[cold]
    #[inline(never)]
    pub(super) fn was_served(
        &self,
        world: &World,
        node: NodeId,
        number: u32,
        tells: Tells,
        failure: Option<Failure>,
    ) {
        let told = match (failure, tells) {
            (Some(failure), _) => digest_bytes(failure.to_string().as_bytes()),
            (None, Tells::Done) => 1,
            (None, Tells::Holdings) => world.holdings(node, &Fingerprint::new(&world.names())),
            (None, Tells::Stream) => world.holdings(NodeId::STREAM, &Fingerprint::new(&world.names())),
        };
        world.called(self);
        self.heard(|heard| heard.served = heard.served.wrapping_add(mix(u64::from(number), told)));
    }

    /// It hears of one of its requests, or of something else that has this name.
    #[inline]
    pub(super) fn hears(&self, what: u64) {
        if self.prints.are_kept() {
            self.heard(|heard| heard.past = mix(heard.past, what));
        }
    }

    /// It says what it remembers of all that it has heard. Not taken at its word while any of its requests is on the way, which would tell more of its past.
    pub(super) fn keeps(&self, memory: &[u64]) {
        let prints = &self.prints;
        if !prints.are_kept() || !prints.forgetting.get() || self.world().detached.get() > 0 {
            return;
        }
        self.heard(|heard| {
            if heard.open == 0 {
                let past = memory.iter().fold(memory.len() as u64, |past, word| mix(past, *word));
                *heard = Heard { turn: heard.turn, past, ..Heard::default() };
            }
        });
    }

    /// It looks at its clock.
    #[inline]
    pub(super) fn looks_at_the_clock(&self) {
        if self.prints.are_kept() {
            self.hears(self.executor.clock().nanos());
        }
    }

    /// It waits for a time to come. A client that does so is not like others any more, whose timers have other names.
    #[inline]
    pub(super) fn waits(&self) {
        if self.prints.are_kept() && self.world().client_number(self).is_some() {
            self.prints.strayed.set(true);
        }
    }

    /// It draws, and draws are keyed by names, so in the place of another it would draw something else.
    pub(super) fn draws(&self) {
        self.prints.drawn.set(true);
        self.prints.strayed.set(true);
    }
}

impl Prints {
    /// Whether anything is kept at all.
    #[inline]
    pub(super) fn are_kept(&self) -> bool {
        self.kept.get()
    }
}

impl World {
    /// A sink shows something while the world settles.
    pub(super) fn settles(&self, sink: usize, shown: &[Shown]) {
        let prints = &self.prints;
        if !prints.kept.get() || self.settled_views.borrow().is_none() {
            return;
        }
        let names = self.names();
        let mut print = Fingerprint::new(&names);
        [prints.settled.get(), sink as u64].into_iter().for_each(|word| print.word(word));
        for Shown { key, view } in shown {
            print.word(key.digest());
            print.view(view);
        }
        prints.settled.set(print.value() as u64);
    }

    /// A commit goes into the log that the source's slots read.
    pub(super) fn streams(&self, commit: &Commit) {
        if !self.prints.kept.get() || commit.changes.is_empty() {
            return;
        }
        let names = self.names();
        let mut print = Fingerprint::new(&names);
        for word in [self.prints.stream.get(), commit.lsn.0, commit.at.nanos(), names.of(commit.transaction)]
        {
            print.word(word);
        }
        commit.changes.iter().for_each(|change| change.fingerprint(&mut print));
        self.prints.stream.set(print.value() as u64);
    }

    /// A watermark goes into the log that the source's slots read.
    pub(super) fn marks(&self, watermark: Watermark, lsn: Lsn) {
        if self.prints.kept.get() {
            self.prints.stream.set(mix(mix(self.prints.stream.get(), lsn.0), 1 + watermark.0));
        }
    }

    /// Events go into a partition of the log.
    pub(super) fn appends(&self, partition: u32, events: &[ChangeEvent]) {
        if !self.prints.kept.get() {
            return;
        }
        let names = self.names();
        let mut print = Fingerprint::new(&names);
        let past = &mut self.prints.log.borrow_mut()[partition as usize];
        for ChangeEvent { position, transaction, index, of, change } in events {
            let of = of.map_or(0, |of| 1 + u64::from(of));
            // When it was appended decides when retention removes it.
            for word in [
                *past,
                position.0,
                names.of(*transaction),
                u64::from(*index),
                of,
                self.executor.clock().nanos(),
            ] {
                print.word(word);
            }
            change.fingerprint(&mut print);
            *past = print.value() as u64;
        }
    }

    /// A sink has done something by itself.
    pub(super) fn ticked(&self, sink: usize) {
        if self.prints.kept.get() {
            let past = &mut self.prints.sinks.borrow_mut()[sink];
            *past = mix(*past, self.executor.clock().nanos());
        }
    }
}
