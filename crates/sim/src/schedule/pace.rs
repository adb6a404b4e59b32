use driftlab_model::hash::mix;
use driftlab_model::{Span, open_unit};
use libm::exp;

/// How long legs take, compared with what the scenario declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As the scenario says.
    #[default]
    AsDeclared,
    /// Evenly anything up to twice as long: extremes are as likely as the middle.
    Even,
    /// Anything from a thousandth to a thousand times as long, each order of magnitude as likely as another: one who is slow is overtaken many times.
    Wild,
}

/// The longest that [`Pace::Wild`] stretches a leg, and the shortest, as a natural logarithm: a thousand times.
const WILD: f64 = 6.907_755_278_982_137;

impl Pace {
    /// The length of a leg that the scenario would give another; `draw` is the leg's own.
    #[must_use]
    pub fn of(self, declared: Span, draw: u64) -> Span {
        let unit = || open_unit(mix(draw, 0x7061_6365));
        match self {
            Self::AsDeclared => declared,
            Self::Even => declared.scaled(2.0 * unit()),
            Self::Wild => declared.scaled(exp((2.0 * unit() - 1.0) * WILD)),
        }
    }
}
