use crate::call::Call;
use crate::outcome::Refusal;
use crate::time::{Span, Time};

/// Time and choices, as one process sees them.
///
/// In the virtual world every choice is keyed by the process, by what it is working on ([`Runtime::about`]) and by what the choice is for,
/// never by how many choices went before: dropping one operation leaves the choices of all others as they were.
pub trait Runtime {
    /// The moment; monotonic and the same for all processes.
    fn now(&self) -> Time;
    /// What the clock of this process's host shows: may be ahead or behind.
    fn wall_clock(&self) -> Time;
    /// Waits. A dropped sleep neither wakes nor moves time.
    fn sleep(&self, span: Span) -> Call<'static, ()>;
    /// Says what the process turns to now (a transaction's id, a run's number): the draws that follow are keyed by it.
    fn about(&self, subject: u64);
    /// Says that the same work is tried anew, so that its draws are new ones.
    fn retry(&self);
    /// A process that works in rounds (a batch, a poll, a read of a log) calls this as each begins. Quiescence is when every process has
    /// begun rounds and found nothing to do since the last effect of anybody.
    fn round(&self);
    /// Says that the round under way came to nothing, because a store did not answer or refused, and will not be gone through again: it is not one that found nothing to do. A process that
    /// attempts the same until it succeeds has nothing to say: its round goes on.
    fn round_failed(&self);
    /// Says that the process cannot go on before somebody has done something about this, and stands still. It looks again by itself, and says [`Runtime::goes_on`] when it can.
    fn halts(&self, why: Refusal);
    /// Says that the process goes on after it has stood still.
    fn goes_on(&self);
    /// Says that of all it has heard the process remembers no more than these words: what it does from here on follows from them, and from what it will hear. Clocks are heard too, and what
    /// its options say need not be among them. A process that says so in several places gives each a word of its own.
    ///
    /// Nobody has to say anything, and nothing is done with it but this: a search through every schedule takes two processes that remember the same for the same, and goes
    /// on from there once. Whoever forgets a word here hides schedules from that search; one word too many costs time and nothing else. Whoever stands between a process and its ports
    /// and remembers something itself must not pass this on.
    fn remembers(&self, memory: &[u64]) {
        let _ = memory;
    }
    /// A uniform draw for a purpose: 64 random bits.
    fn draw(&self, purpose: &'static str) -> u64;
}
