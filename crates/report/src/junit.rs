//! `junit.xml`.

use crate::exporter::{Exporter, Report};
use crate::summary::{ExpectationSummary, Summary, Verdict};
use crate::wording;
use std::fmt::Write;

/// The expectations as test cases, in the form that build servers read.
///
/// One that does not hold is a failure; one that could not be judged is an error, because it is neither passed nor skipped. Elements, attributes and their order are
/// those of the schema that Jenkins' JUnit plug-in and GitLab accept. There are no times: nothing in the file differs between equal runs.
pub(crate) struct Junit;

impl Exporter for Junit {
    fn file(&self) -> &'static str {
        "junit.xml"
    }

    fn summary(&self) -> &'static str {
        "the expectations as test cases, for build servers"
    }

    fn render(&self, report: &Report<'_>) -> Vec<u8> {
        let summary = report.summary;
        let (tests, failures, errors) =
            (summary.expectations.len(), summary.count(Verdict::Fail), summary.count(Verdict::Unknown));
        let counts = format!(r#"tests="{tests}" failures="{failures}" errors="{errors}""#);
        let name = attribute(&summary.scenario.name);
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(out, "<testsuites name=\"driftlab\" {counts}>");
        let _ = writeln!(out, "  <testsuite name=\"{name}\" {counts} skipped=\"0\">");
        for expectation in &summary.expectations {
            case(&mut out, summary, expectation);
        }
        let _ = writeln!(out, "    <system-out>{}</system-out>", text(&wording::verdict(summary)));
        out.push_str("  </testsuite>\n</testsuites>\n");
        out.into_bytes()
    }
}

fn case(out: &mut String, summary: &Summary, expectation: &ExpectationSummary) {
    let class = attribute(&summary.scenario.name.replace('/', "."));
    // Two lines of a scenario may expect the same.
    let name = attribute(&format!("line {}: {}", expectation.line, expectation.claim));
    let _ = write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"");
    let element = match expectation.verdict {
        Verdict::Pass => {
            out.push_str("/>\n");
            return;
        }
        Verdict::Fail => "failure",
        Verdict::Unknown => "error",
    };
    let message = attribute(&expectation.reason);
    let told = text(&format!("{}. {}", expectation.claim, expectation.reason));
    let _ = writeln!(
        out,
        ">\n      <{element} type=\"{}\" message=\"{message}\">{told}</{element}>\n    </testcase>",
        expectation.verdict.name()
    );
}

/// A text within an element.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            // XML 1.0 cannot say these, not even escaped.
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A text within an attribute, in one line.
fn attribute(raw: &str) -> String {
    text(&raw.replace(['\n', '\r', '\t'], " "))
}
