//! The trait of exporters, and what they are given.

use crate::album::Album;
use crate::summary::Summary;
use driftlab_lab::Experiment;

/// An experiment with its summary: all that a report is drawn from.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The experiment, for charts.
    pub experiment: &'a Experiment,
    /// Its summary, for everything else.
    pub summary: &'a Summary,
    /// Its album, for drawings.
    pub album: &'a Album,
}

/// Turns a report into the contents of one file.
///
/// It reads the report and nothing else: no clock, no file, no environment. So equal runs give equal files, and a test can compare them byte for byte.
/// It is called once for each run of the command, after all runs or after an interruption; then some strategies have fewer runs than seeds, or none.
pub trait Exporter: Sync {
    /// The name of the file in the results folder.
    fn file(&self) -> &'static str;
    /// What the file is for, in a sentence.
    fn summary(&self) -> &'static str;
    /// The whole contents of the file.
    fn render(&self, report: &Report<'_>) -> Vec<u8>;
}
