//! A profile as a file.

use super::{Profile, VERSION};
use driftlab_model::{Quantiles, Times};
use std::fmt::Write;

impl Profile {
    /// The profile as a file, with lines that say where it comes from.
    #[must_use]
    pub fn render(&self, origin: &[String]) -> String {
        let mut text = String::new();
        for line in origin {
            let _ = writeln!(text, "# {line}");
        }
        if self.times.is_some() {
            let _ = writeln!(text, "\nversion = {VERSION}");
        }
        text.push_str("\n# In short, from the call to the reply; taken where a kind of request is not below.\n[latency]\n");
        for (node, latency) in &self.latencies {
            let _ = writeln!(text, "{node} = \"{latency}\"");
        }
        if let Some(times) = &self.times {
            measured(times, &mut text);
        }
        text
    }
}

// Writing to a string does not fail.
fn measured(times: &Times, text: &mut String) {
    text.push_str("\n# How many requests a node serves at once.\n[servers]\n");
    for (node, servers) in &times.servers {
        let _ = writeln!(text, "{node} = {servers}");
    }
    text.push_str("\n# Nanoseconds; of all, this share takes no longer.\n[quantiles]\n");
    let shares: Vec<String> = Quantiles::AT.iter().map(|share| format!("{share:?}")).collect();
    let _ = writeln!(text, "at = [{}]", shares.join(", "));
    let others = [("sleep", &times.sleep), ("notice", &times.notice), ("capture", &times.capture)];
    for (name, quantiles) in others {
        if let Some(quantiles) = quantiles {
            line(name, quantiles, text);
        }
    }
    for (node, kinds) in &times.nodes {
        for (kind, sizes) in kinds {
            for size in sizes {
                let kind = kind.name();
                let _ = writeln!(text, "\n[[request]]\nnode = \"{node}\"\nkind = \"{kind}\"");
                let _ = writeln!(
                    text,
                    "rows = {}\nidle = {}\nrequests = {}",
                    size.rows,
                    size.idle.nanos(),
                    size.requests
                );
                for (name, part) in [("out", &size.out), ("service", &size.service), ("back", &size.back)] {
                    line(name, part, text);
                }
            }
        }
    }
}

fn line(name: &str, quantiles: &Quantiles, text: &mut String) {
    let nanos: Vec<String> = quantiles.spans().iter().map(|span| span.nanos().to_string()).collect();
    let _ = writeln!(text, "{name} = [{}]", nanos.join(", "));
}
