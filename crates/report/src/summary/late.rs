//! How late a sink ran.

use crate::pool::Pool;
use crate::summary::Rounded;
use driftlab_check::{Audit, Distribution, OverTime, Silent};
use driftlab_lab::freshness_quantile;
use driftlab_model::Span;
use driftlab_scenario::Choice;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How late a sink ran, over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Late {
    /// The freshness lag of the changes that came to be shown.
    pub freshness: Quantiles,
    /// Changes never shown by quiescence.
    pub never_shown: u64,
    /// Percentiles of all changes, those that were never shown above all others; `None` where there was no change.
    pub of_all: Option<OfAll>,
    /// Age of the oldest change not shown yet, over time.
    pub staleness: Staleness,
    /// Keys whose shown value was not the source's, over time.
    pub divergent: DivergentKeys,
    /// The staleness that readers met.
    pub read_staleness: Quantiles,
    /// The share of reads that saw an older version than the source had.
    pub reads_behind: Option<Rounded>,
    /// How many versions behind the 99th of a hundred reads was.
    pub versions_behind_p99: Option<u64>,
    /// HATtrick's freshness score of the 99th of a hundred reads.
    pub freshness_score_p99_nanos: Option<u64>,
    /// How long permanent divergences stayed unnoticed.
    pub silent_for: SilentFor,
    /// Recovery from each declared fault that struck.
    pub recoveries: Vec<RecoverySummary>,
}

/// A distribution of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    /// How many there were.
    pub count: u64,
    /// The mean.
    pub mean_nanos: Option<u64>,
    /// The median.
    pub p50_nanos: Option<u64>,
    /// The 99th percentile.
    pub p99_nanos: Option<u64>,
    /// The largest.
    pub max_nanos: Option<u64>,
}

/// Percentiles of all changes; `None` stands for never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfAll {
    /// The median.
    pub p50_nanos: Option<u64>,
    /// The 99th percentile.
    pub p99_nanos: Option<u64>,
}

/// Staleness over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Staleness {
    /// The mean over time.
    pub mean_nanos: u64,
    /// The largest.
    pub max_nanos: u64,
}

/// Divergent keys over time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DivergentKeys {
    /// The mean over time.
    pub mean: Rounded,
    /// The most at once.
    pub max: Rounded,
    /// At the end of the worst run.
    pub at_end: u64,
}

/// How long permanent divergences stayed unnoticed, by the audit that would notice them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SilentFor {
    /// Permanent divergences.
    pub divergences: u64,
    /// An audit that compares row counts.
    pub row_count: AuditSummary,
    /// An audit that compares checksums of the content.
    pub checksum: AuditSummary,
    /// An audit that looks up each source row's `updated_at`.
    pub updated_at: AuditSummary,
}

/// What an audit notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditSummary {
    /// How long until it noticed, for those that it noticed.
    pub noticed: Quantiles,
    /// How many it never noticed.
    pub never: u64,
}

/// Recovery from one declared fault, over all of its windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoverySummary {
    /// The fault's name in the scenario.
    pub fault: String,
    /// How often it struck.
    pub windows: u64,
    /// After how many of those staleness came back below its p99 from before.
    pub recovered: u64,
    /// The longest that took, among those that recovered.
    pub took_max_nanos: Option<u64>,
    /// The most staleness.
    pub staleness_max_nanos: u64,
    /// The most changes that waited to be shown.
    pub backlog_max: u64,
}

impl Quantiles {
    pub(crate) fn of(distribution: &Distribution) -> Self {
        let quantile = |q| distribution.quantile(q).map(Span::nanos);
        Self {
            count: distribution.count(),
            mean_nanos: distribution.mean().map(Span::nanos),
            p50_nanos: quantile(0.5),
            p99_nanos: quantile(0.99),
            max_nanos: distribution.max().map(Span::nanos),
        }
    }
}

impl OfAll {
    pub(crate) fn of(shown: &Distribution, never: u64) -> Option<Self> {
        let nanos = |span: Span| (span < Span::MAX).then(|| span.nanos());
        let [p50, p99] = [0.5, 0.99].map(|quantile| freshness_quantile(shown, never, quantile));
        Some(Self { p50_nanos: nanos(p50?), p99_nanos: nanos(p99?) })
    }
}

impl Late {
    pub(crate) fn of(pool: &Pool, faults: &[Choice]) -> Self {
        let reads: u64 = pool.read_versions_behind.iter().sum();
        let current = pool.read_versions_behind.first().copied().unwrap_or(0);
        Self {
            freshness: Quantiles::of(&pool.freshness),
            never_shown: pool.never_shown,
            of_all: OfAll::of(&pool.freshness, pool.never_shown),
            staleness: Staleness {
                mean_nanos: Span::from_secs_f64(pool.staleness.mean).nanos(),
                max_nanos: Span::from_secs_f64(pool.staleness.max).nanos(),
            },
            divergent: DivergentKeys::of(pool.divergent, pool.divergent_at_end),
            read_staleness: Quantiles::of(&pool.read_staleness),
            reads_behind: Rounded::ratio((reads - current) as f64, reads as f64),
            versions_behind_p99: place(&pool.read_versions_behind, 0.99),
            freshness_score_p99_nanos: pool.freshness_score.quantile(0.99).map(Span::nanos),
            silent_for: SilentFor::of(&pool.silent),
            recoveries: RecoverySummary::all(pool, faults),
        }
    }
}

impl DivergentKeys {
    fn of(over_time: OverTime, at_end: u64) -> Self {
        Self { mean: Rounded::of(over_time.mean), max: Rounded::of(over_time.max), at_end }
    }
}

impl SilentFor {
    fn of(silent: &Silent) -> Self {
        let audit =
            |audit: &Audit| AuditSummary { noticed: Quantiles::of(&audit.noticed), never: audit.never };
        Self {
            divergences: silent.divergences,
            row_count: audit(&silent.row_count),
            checksum: audit(&silent.checksum),
            updated_at: audit(&silent.updated_at),
        }
    }
}

impl RecoverySummary {
    fn all(pool: &Pool, faults: &[Choice]) -> Vec<Self> {
        faults
            .iter()
            .enumerate()
            .filter_map(|(index, fault)| {
                let mut of_fault = Self {
                    fault: fault.name.clone(),
                    windows: 0,
                    recovered: 0,
                    took_max_nanos: None,
                    staleness_max_nanos: 0,
                    backlog_max: 0,
                };
                for recovery in pool.recoveries.iter().filter(|one| usize::from(one.fault) == index) {
                    of_fault.windows += 1;
                    of_fault.recovered += u64::from(recovery.took.is_some());
                    of_fault.took_max_nanos = of_fault.took_max_nanos.max(recovery.took.map(Span::nanos));
                    of_fault.staleness_max_nanos =
                        of_fault.staleness_max_nanos.max(recovery.staleness_max.nanos());
                    of_fault.backlog_max = of_fault.backlog_max.max(recovery.backlog_max);
                }
                (of_fault.windows > 0).then_some(of_fault)
            })
            .collect()
    }
}

/// The first place up to which this share of all counts lies.
fn place(counts: &[u64], share: f64) -> Option<u64> {
    let all: u64 = counts.iter().sum();
    let wanted = (all as f64 * share).ceil() as u64;
    let mut passed = 0;
    counts.iter().enumerate().find_map(|(place, count)| {
        passed += count;
        (all > 0 && passed >= wanted).then_some(place as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_99th_of_a_hundred_reads_is_found_by_counting() {
        assert_eq!(place(&[98, 1, 1], 0.99), Some(1));
        assert_eq!(place(&[1, 0, 99], 0.99), Some(2));
        assert_eq!(place(&[], 0.99), None);
    }
}
