//! A scenario with the times of a profile.

use super::{FIXED, Profile};
use crate::problem::{Place, Problem};
use crate::refusal::Refusal;
use crate::scenario::Scenario;
use driftlab_model::{Datum, Latency, Settings, Span};
use std::path::Path;

/// What to give instead of what is no profile.
const EXPECTED: &str = "expected a profile as `driftlab calibrate` writes it";

impl Scenario {
    /// Puts the times of the profile that `[world]` or the command line names in the place of those that are declared, and takes its text into the digest.
    pub(crate) fn take_profile(&mut self, sinks: &[&str]) -> Result<(), Problem> {
        self.try_take_profile(sinks).map_err(|message| match self.overrides.profile {
            Some(_) => Problem::new(Place::CommandLine, message, EXPECTED),
            None => {
                let expected = EXPECTED.to_owned();
                self.problem(Refusal { section: "world", number: 0, key: "profile", message, expected })
            }
        })
    }

    fn try_take_profile(&mut self, sinks: &[&str]) -> Result<(), String> {
        let path = match (&self.overrides.profile, self.world.text_if_set("profile")) {
            (Some(path), _) => path.clone(),
            (None, Some(name)) => Path::new(&self.file).parent().unwrap_or(Path::new("")).join(name),
            (None, None) => return Ok(()),
        };
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let profile = Profile::parse(&text, sinks).map_err(|why| format!("{}: {why}", path.display()))?;
        if self.overrides.profile.is_some() {
            self.world.set("profile", Datum::Text(path.display().to_string()));
        }
        let fixed = [&mut self.source, &mut self.log, &mut self.checkpoint];
        for (node, settings) in FIXED.into_iter().zip(fixed) {
            profile.put_into(settings, node);
        }
        for sink in &mut self.sinks {
            profile.put_into(&mut sink.settings, sink.kind);
        }
        self.times = profile.times;
        self.digest = self.overrides.digest(&format!("{}\0profile\0{text}", self.digest));
        Ok(())
    }
}

impl Profile {
    fn put_into(&self, settings: &mut Settings, node: &str) {
        if let Some(latency) = self.latencies.get(node) {
            settings.set("latency", Datum::Latency(*latency));
        }
        let Some(times) = &self.times else { return };
        if times.nodes.contains_key(node) {
            // What was measured has the way there and back in it, and what each row takes.
            settings.set("network", Datum::Latency(Latency::ZERO));
            if settings.span_if_set("per_row").is_some() {
                settings.set("per_row", Datum::Span(Span::ZERO));
            }
        }
        if let Some(servers) = times.servers.get(node) {
            settings.set("servers", Datum::Count(u64::from(*servers)));
        }
    }
}
