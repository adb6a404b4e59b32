//! What a check keeps of each sink that concerns it.

use crate::timeline::Timeline;

/// One track for each sink that concerns a check, found by the sink's place.
pub(super) struct Tracks<T>(Vec<Option<T>>);

impl<T> Default for Tracks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Tracks<T> {
    /// A track of each sink that is wanted.
    pub(super) fn new(
        timeline: &Timeline,
        wanted: impl Fn(usize) -> bool,
        track: impl Fn(usize) -> T,
    ) -> Self {
        Self((0..timeline.sinks.len()).map(|sink| wanted(sink).then(|| track(sink))).collect())
    }

    /// The track of a sink; `None` where the sink does not concern the check.
    #[inline]
    pub(super) fn get_mut(&mut self, sink: usize) -> Option<&mut T> {
        self.0.get_mut(sink)?.as_mut()
    }

    /// All tracks, in the order of the sinks.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    /// All tracks, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
    }
}
