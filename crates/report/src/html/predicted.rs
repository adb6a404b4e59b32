//! What the virtual world said beforehand, beside what real stores did.

use super::Page;
use crate::wording;
use maud::{Markup, html};

impl Page<'_> {
    pub(super) fn predicted(&self) -> Markup {
        html! {
            @if let Some(prediction) = &self.summary.prediction {
                section aria-labelledby="predicted" {
                    h2 #predicted { "Predicted and measured" }
                    p {
                        "Predicted: the same clients, faults and seeds in the virtual world, with the times of the profile "
                        code { (prediction.profile) } ". Measured: here."
                    }
                    div.scroll tabindex="0" role="region" aria-labelledby="predicted" {
                        table {
                            caption { "From the commit of a change until the sink shows it." }
                            thead {
                                tr {
                                    th scope="col" { "Strategy" } th scope="col" { "Sink" }
                                    th.n scope="col" { "p50 predicted" } th.n scope="col" { "p50 measured" }
                                    th.n scope="col" { "p99 predicted" } th.n scope="col" { "p99 measured" }
                                    th scope="col" { "Anomalies in one world only" }
                                }
                            }
                            tbody {
                                @for copy in &prediction.copies {
                                    tr {
                                        th scope="row" { (copy.strategy) } td { (copy.sink) }
                                        td.n { (wording::span(copy.predicted.p50_nanos)) } td.n { (wording::span(copy.measured.p50_nanos)) }
                                        td.n { (wording::span(copy.predicted.p99_nanos)) } td.n { (wording::span(copy.measured.p99_nanos)) }
                                        td { (copy.disagreement()) }
                                    }
                                }
                            }
                        }
                    }
                    details {
                        summary { "Every other measure" }
                        div.scroll tabindex="0" role="region" aria-labelledby="predicted" {
                            table {
                                thead {
                                    tr {
                                        th scope="col" { "Strategy" } th scope="col" { "Sink" } th scope="col" { "Measure" }
                                        th.n scope="col" { "Predicted" } th.n scope="col" { "Measured" }
                                    }
                                }
                                tbody {
                                    @for measure in &prediction.measures {
                                        tr {
                                            th scope="row" { (measure.strategy) } td { (measure.sink.as_deref().unwrap_or_default()) }
                                            td { (measure.measure) }
                                            td.n { (measure.said(measure.predicted)) } td.n { (measure.said(measure.measured)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
