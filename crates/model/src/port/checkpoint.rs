use crate::call::Call;
use crate::outcome::Outcome;
use crate::position::Bookmark;

/// Where a process stores what it must remember: durable, and apart from source and sinks.
///
/// Because it is apart, saving here is never atomic with an effect in a sink; a strategy that needs that saves its position
/// with the data ([`crate::port::Request::Apply`]). Names belong to the strategy and survive crashes of every process.
pub trait Checkpoint {
    /// Stores a bookmark under a name. `Ok` promises that every later `load`, after any crash, gives this one or a later one.
    fn save<'a>(&'a self, name: &'a str, bookmark: Bookmark) -> Call<'a, Outcome<()>>;
    /// The bookmark last saved under a name; `None` before the first.
    fn load<'a>(&'a self, name: &'a str) -> Call<'a, Outcome<Option<Bookmark>>>;
}
