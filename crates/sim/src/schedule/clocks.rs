/// What clocks make of the legs that a chooser ends.
///
/// Each choice takes a moment, so that no two fall into one. Where all schedules are searched, how many there were before must not be seen by anybody: the order of
/// choices is all that counts then, and latencies are as short as nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clocks {
    /// They show the moment.
    #[default]
    Run,
    /// They show when a timer last fired: only waiting takes time.
    StandStill,
}
