//! Rolling over: which release runs when, and where.
//!
//! Events of a new form are written from the moment at which the application is rolled over. Projections run the same release, at once or some time later: until then they meet events
//! that they cannot know.

use crate::event_sourcing::reader::{Newer, Older, Reader};
use crate::event_sourcing::release::Release;
use driftlab_model::port::Runtime;
use driftlab_model::{Contradiction, Kind, Setting, Settings, Span};

/// The roll-overs of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rollover {
    /// From one to the next; `None` where the first release is used to the end.
    every: Option<Span>,
    /// How much later projections have theirs.
    behind: Span,
    older: Older,
    newer: Newer,
}

impl Rollover {
    /// The settings `release_every` and `projections_behind`, and those of a [`Reader`].
    pub(crate) const SETTINGS: [Setting; 4] = [
        Setting {
            name: "release_every",
            summary: "After how long the application is rolled over to the next release, which writes events in the next form: the first in whole euros, the second in cents, the third with bookings for reservations; unset: the first to the end.",
            kind: Kind::Span,
            default: None,
        },
        Setting {
            name: "projections_behind",
            summary: "How much later than the application projections are rolled over.",
            kind: Kind::Span,
            default: Some("0"),
        },
        Older::SETTING,
        Newer::SETTING,
    ];

    pub(crate) fn of(settings: &Settings) -> Result<Self, Contradiction> {
        let rollover = Self {
            every: settings.span_if_set("release_every"),
            behind: settings.span("projections_behind"),
            older: Older::of(settings),
            newer: Newer::of(settings),
        };
        if rollover.every == Some(Span::ZERO) {
            return Err(Contradiction::at(
                "release_every",
                "a release must live for a while: give more than 0, such as \"10s\"",
            ));
        }
        let idle = [
            ("projections_behind", !rollover.behind.is_zero()),
            ("old_events", rollover.older == Older::AsIs),
            ("new_events", rollover.newer == Newer::Skip),
        ];
        match idle.into_iter().find(|(_, is_given)| *is_given && rollover.every.is_none()) {
            Some((setting, _)) => Err(Contradiction::at(
                setting,
                "all events are in one form, and nobody meets another one: give release_every, such as \"10s\"",
            )),
            None => Ok(rollover),
        }
    }

    /// Whether there is more than one release.
    pub(crate) const fn happens(self) -> bool {
        self.every.is_some()
    }

    /// Whoever takes a command now, and writes what comes of it.
    pub(crate) fn application(self, runtime: &dyn Runtime) -> Reader {
        self.reader(self.release(runtime, Span::ZERO))
    }

    /// A projection now.
    pub(crate) fn projection(self, runtime: &dyn Runtime) -> Reader {
        self.reader(self.release(runtime, self.behind))
    }

    /// Whoever comes when all is over, and has today's code.
    pub(crate) const fn auditor(self) -> Reader {
        self.reader(Release::NEWEST)
    }

    /// Where there is one release nobody looks at a clock, and a search through all schedules has no moments to tell apart.
    fn release(self, runtime: &dyn Runtime, behind: Span) -> Release {
        let rollovers = |every: Span| runtime.now().back(behind).nanos() / every.nanos();
        self.every.map_or(Release::FIRST, |every| Release::after(rollovers(every)))
    }

    const fn reader(self, release: Release) -> Reader {
        Reader { release, older: self.older, newer: self.newer }
    }
}
