//! What the active faults do to one request.

use driftlab_model::Span;

/// What becomes of a request; all faults that strike it have their say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fate {
    /// It never arrives, and nobody learns of it.
    pub loses_request: bool,
    /// It arrives at a node that does not answer, and has no effect.
    pub hangs: bool,
    /// It arrives and is refused.
    pub refuses: bool,
    /// It takes effect, and the reply is lost.
    pub loses_reply: bool,
    /// It arrives once more, so much later.
    pub repeats_after: Option<Span>,
    /// It is so much longer on its way.
    pub delay: Span,
    /// It is served so many times slower.
    pub slowness: f64,
}

impl Fate {
    /// How long something takes that takes so long in health.
    #[must_use]
    pub fn slowed(&self, healthy: Span) -> Span {
        // Almost always 1, and rounding a product is not cheap.
        if self.slowness == 1.0 { healthy } else { healthy.scaled(self.slowness) }
    }
}

impl Default for Fate {
    fn default() -> Self {
        Self {
            loses_request: false,
            hangs: false,
            refuses: false,
            loses_reply: false,
            repeats_after: None,
            delay: Span::ZERO,
            slowness: 1.0,
        }
    }
}
