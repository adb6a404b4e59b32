//! `junit.xml`.

use crate::exporter::{Exporter, Report};
use crate::summary::{ExpectationSummary, Verdict};
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
        let suite = Suite {
            name: summary.scenario.name.clone(),
            expectations: &summary.expectations,
            told: wording::verdict(summary),
        };
        document(&[suite]).into_bytes()
    }
}

/// What was expected of one scenario.
pub(crate) struct Suite<'a> {
    /// Its name; slashes part it like a package's.
    pub(crate) name: String,
    pub(crate) expectations: &'a [ExpectationSummary],
    /// What came of it, in a sentence.
    pub(crate) told: String,
}

impl Suite<'_> {
    fn counts(&self) -> [usize; 3] {
        let count = |verdict| self.expectations.iter().filter(|one| one.verdict == verdict).count();
        [self.expectations.len(), count(Verdict::Fail), count(Verdict::Unknown)]
    }
}

/// The whole file.
pub(crate) fn document(suites: &[Suite<'_>]) -> String {
    let counted = |[tests, failures, errors]: [usize; 3]| {
        format!(r#"tests="{tests}" failures="{failures}" errors="{errors}""#)
    };
    let all = suites
        .iter()
        .map(Suite::counts)
        .fold([0; 3], |all, one| [0, 1, 2].map(|place| all[place] + one[place]));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let _ = writeln!(out, "<testsuites name=\"driftlab\" {}>", counted(all));
    for suite in suites {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" {} skipped=\"0\">",
            attribute(&suite.name),
            counted(suite.counts())
        );
        for expectation in suite.expectations {
            case(&mut out, &suite.name, expectation);
        }
        let _ = writeln!(out, "    <system-out>{}</system-out>\n  </testsuite>", text(&suite.told));
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, suite: &str, expectation: &ExpectationSummary) {
    let class = attribute(&suite.replace('/', "."));
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
