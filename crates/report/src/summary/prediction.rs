use super::{Quantiles, Summary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the virtual world said of the same scenario and seeds, with the times of a profile: to be compared with what real stores did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prediction {
    /// The profile, as the scenario names it.
    pub profile: String,
    /// Each copy that a strategy serves, in the order of the scenario.
    pub copies: Vec<PredictedCopy>,
}

/// How fresh a copy was said to be, and how fresh it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictedCopy {
    /// The strategy's name in the scenario.
    pub strategy: String,
    /// The sink's name in the scenario.
    pub sink: String,
    /// From the commit of a change until the sink shows it, in the virtual world.
    pub predicted: Quantiles,
    /// The same on real stores.
    pub measured: Quantiles,
    /// Anomalies that only the virtual world showed.
    pub only_predicted: Vec<String>,
    /// Anomalies that only real stores showed.
    pub only_measured: Vec<String>,
}

impl Summary {
    /// The summary with what the virtual world says of the same scenario, with the times of a profile.
    #[must_use]
    pub fn predicted_by(mut self, predicted: &Self, profile: &str) -> Self {
        let mut copies = Vec::new();
        for (was, said) in self.strategies.iter().zip(&predicted.strategies) {
            for (measured, predicted) in was.sinks.iter().zip(&said.sinks).filter(|(sink, _)| sink.served) {
                let names = |sink: &super::SinkSummary| -> Vec<String> {
                    sink.wrong.anomalies.iter().map(|count| count.anomaly.clone()).collect()
                };
                let (shown, foretold) = (names(measured), names(predicted));
                let without = |all: &[String], others: &[String]| {
                    all.iter().filter(|name| !others.contains(name)).cloned().collect()
                };
                copies.push(PredictedCopy {
                    strategy: was.name.clone(),
                    sink: measured.sink.clone(),
                    predicted: predicted.late.freshness,
                    measured: measured.late.freshness,
                    only_predicted: without(&foretold, &shown),
                    only_measured: without(&shown, &foretold),
                });
            }
        }
        self.prediction = Some(Prediction { profile: profile.to_owned(), copies });
        self
    }
}

impl PredictedCopy {
    /// What the two worlds do not agree on, in words; nothing where they showed the same anomalies.
    #[must_use]
    pub fn disagreement(&self) -> String {
        let sides = [("predicted only", &self.only_predicted), ("measured only", &self.only_measured)];
        let told = sides.iter().filter(|(_, names)| !names.is_empty());
        told.map(|(side, names)| format!("{side}: {}", names.join(", "))).collect::<Vec<_>>().join("; ")
    }
}
