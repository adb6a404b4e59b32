//! From a recorded run to a scene: what to tell, of whom, in which words.
//!
//! - `journey`, `course`: requests and events in one order, each effect with its cause.
//! - `chronicle`, `witness`: what source and sinks held, and the one or two keys that show what is wrong.
//! - `errand`, `choice`: which requests say something.
//! - `names`, `roles`, `versions`: how things are called, who is what, whose value it is.
//! - `compose`, `effects`: the scene; `cut`: a long one around its finding; `wrong`: the moment itself, in words.

mod choice;
mod chronicle;
mod compose;
mod course;
mod cut;
mod effects;
mod errand;
mod journey;
mod names;
mod roles;
mod versions;
mod witness;
mod wrong;

use super::scene::Scene;
use super::subject::Subject;
use choice::{Chooser, Focus, sinks_of};
use chronicle::Chronicle;
use compose::Composer;
use course::Course;
use names::Names;

/// A scene with more steps than this is told with less detail, and then cut.
const STEPS_MAX: usize = 40;

impl Scene {
    /// The scene of a finding.
    ///
    /// What says nothing is left out: polls that find nothing, sinks that have no part in it, what happens after the end. A scene of more than
    /// some forty steps is told of the finding's keys alone, and what is still too long is cut around the finding.
    #[must_use]
    pub fn of(subject: &Subject<'_>) -> Self {
        let course = Course::of(subject.history, subject.passings);
        let chronicle = Chronicle::of(subject.history);
        let keys = witness::keys(subject.history, &chronicle, subject.finding);
        let names = Names { cast: &subject.history.cast };
        let named: Vec<String> = keys.iter().map(|key| names.key(key)).collect();
        let other = wrong::other_sink(subject, &keys);
        let chooser = Chooser {
            subject,
            course: &course,
            keys: &keys,
            named: &named,
            sinks: sinks_of(subject, other.as_deref()),
        };
        let composer = Composer {
            subject,
            course: &course,
            chronicle: &chronicle,
            keys: &keys,
            other: other.as_deref(),
        };
        let mut scene = composer.compose(&chooser.choose(Focus::Everything));
        if scene.steps() > STEPS_MAX {
            scene = composer.compose(&chooser.choose(Focus::Keys));
        }
        if scene.steps() > STEPS_MAX {
            cut::cut(&mut scene, STEPS_MAX);
        }
        scene.tidy();
        scene
    }
}
