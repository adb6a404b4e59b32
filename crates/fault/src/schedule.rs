//! When a fault is active.

use driftlab_model::draws::{Draws, Entity, Purpose};
use driftlab_model::{Contradiction, Kind, Latency, Setting, Settings, Span, Time};

/// When a fault is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// All the time that clients write.
    Always,
    /// Once.
    Once {
        /// From then on.
        at: Span,
        /// For so long.
        lasting: Span,
    },
    /// Again and again.
    Repeated {
        /// The first window does not begin before.
        after: Span,
        /// From the beginning of one window to that of the next, at least until the one before has ended.
        every: Latency,
        /// Each for so long.
        lasting: Span,
    },
}

/// The settings of windows, which every fault has.
pub(super) const AT: Setting = Setting {
    name: "at",
    summary: "when it begins, from the start of the run; with `every`, the earliest begin of the first window",
    kind: Kind::Span,
    default: None,
};
pub(super) const EVERY: Setting = Setting {
    name: "every",
    summary: "from the beginning of one window to that of the next: \"10s\", or \"poisson(10s)\" for random ones",
    kind: Kind::Latency,
    default: None,
};

const WINDOW: Purpose = Purpose::named("fault window");

impl Schedule {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, Contradiction> {
        let at = settings.span_if_set("at");
        let every = settings.get("every").map(|_| settings.latency("every"));
        let lasting = settings.span_if_set("for").unwrap_or(Span::ZERO);
        match (at, every) {
            (_, Some(every)) if every.mean().is_zero() => Err(Contradiction::at(
                "every",
                "windows that follow each other at once never end: give `every` a duration above zero",
            )),
            (at, Some(every)) => Ok(Self::Repeated { after: at.unwrap_or(Span::ZERO), every, lasting }),
            (Some(at), None) => Ok(Self::Once { at, lasting }),
            (None, None) => Ok(Self::Always),
        }
    }

    /// The windows within a run of this length, in order, each ending by its end.
    #[must_use]
    pub fn windows(&self, draws: &Draws, entity: Entity, end: Time) -> Vec<(Time, Time)> {
        match *self {
            Self::Always => vec![(Time::ZERO, end)],
            Self::Once { at, lasting } => {
                let begin = Time::ZERO + at;
                if begin < end { vec![(begin, (begin + lasting).min(end))] } else { Vec::new() }
            }
            Self::Repeated { after, every, lasting } => {
                let mut windows = Vec::new();
                let mut begin = Time::ZERO + after;
                for number in 0.. {
                    begin += every.sample(draws.draw(entity, WINDOW, number));
                    if begin >= end {
                        break;
                    }
                    let until = (begin + lasting).min(end);
                    windows.push((begin, until));
                    begin = until;
                }
                windows
            }
        }
    }
}
