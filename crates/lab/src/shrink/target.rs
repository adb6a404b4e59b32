use driftlab_check::{Anomaly, Finding, Until};
use driftlab_model::Cast;

/// What a case must go on showing while it is shrunk: the same anomaly, in the same copy, and for good where it was for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The anomaly.
    pub anomaly: Anomaly,
    /// The copy, by name; `None` for the source.
    pub sink: Option<String>,
    /// Whether it stays.
    pub is_permanent: bool,
}

impl Target {
    /// What a finding shows.
    #[must_use]
    pub fn from(finding: &Finding, cast: &Cast) -> Self {
        Self {
            anomaly: finding.anomaly,
            sink: finding.sink.map(|sink| cast.sinks[usize::from(sink.0)].name.clone()),
            is_permanent: finding.until == Until::Permanent,
        }
    }

    /// The first of these findings that shows it.
    #[must_use]
    pub fn of<'a>(&self, cast: &Cast, findings: &'a [Finding]) -> Option<&'a Finding> {
        let name = |finding: &Finding| finding.sink.map(|sink| cast.sinks[usize::from(sink.0)].name.as_str());
        findings.iter().filter(|finding| self.is_shown_by(finding, name(finding))).min_by_key(|f| f.begin)
    }

    pub(super) fn is_shown_by(&self, finding: &Finding, sink: Option<&str>) -> bool {
        finding.anomaly == self.anomaly
            && (!self.is_permanent || finding.until == Until::Permanent)
            && sink == self.sink.as_deref()
    }
}
