//! A consumer: from one partition of the log into one sink. At work it is a [`Reading`].

use crate::log_cdc::options::{Acknowledge, Anew, Empty, Forgotten};
use crate::log_cdc::reading::Reading;
use crate::log_cdc::reload::Resync;
use crate::log_cdc::rendition::Rendition;
use crate::parts::applier::Applier;
use crate::parts::newcomer::joined;
use driftlab_model::port::{Ports, Sink};

/// A consumer's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consumer<R> {
    pub(crate) rendition: R,
    pub(crate) applier: Applier,
    pub(crate) acknowledge: Acknowledge,
    pub(crate) forgotten: Forgotten,
    pub(crate) anew: Anew,
    pub(crate) resync: Resync,
    pub(crate) empty: Empty,
    pub(crate) batch: usize,
    pub(crate) chunk: usize,
}

impl<R: Rendition> Consumer<R> {
    /// Runs for ever.
    pub(crate) async fn run(&self, ports: &Ports, sink: &Sink, partition: u32, name: &str) {
        joined(ports.runtime.as_ref(), sink).await;
        let mut reading = Reading::begin(*self, ports, sink, partition, name).await;
        loop {
            reading.round().await;
        }
    }
}
