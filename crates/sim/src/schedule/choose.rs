use super::OpenLeg;

/// Decides which leg ends next, where time does not.
pub trait Chooser {
    /// The place of the leg that ends now. There are at least two, ordered by their names. `None` gives the run up: nobody asks any further.
    fn choose(&mut self, open: &[OpenLeg]) -> Option<usize>;
}
