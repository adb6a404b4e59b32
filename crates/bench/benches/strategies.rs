//! The strategies in the virtual world: simulated row changes a second, everything recorded and checked. `none` is the harness's own cost.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftlab_bench::{THREE_SINKS, general_strategies, scenario, stage};
use driftlab_model::{Observer, Span};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

const TRANSACTIONS: u64 = 4_000;

fn strategies(c: &mut Criterion) {
    let mut group = c.benchmark_group("strategy");
    group.sample_size(20).throughput(Throughput::Elements(TRANSACTIONS));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for entry in general_strategies() {
        let scenario = scenario(&format!(
            r#"
title = "strategies"
[world]
duration = "1h"
[workload]
shape = "kv"
clients = 8
rate = "200/s"
operations = {TRANSACTIONS}
mix = {{ insert = 1, update = 8, delete = 1, read = 0 }}
{THREE_SINKS}
[[strategy]]
kind = "{}"
"#,
            entry.name
        ));
        let stage = stage(&scenario);
        group.bench_function(entry.name, |b| {
            let mut seed = 0;
            b.iter(|| {
                seed += 1;
                stage.prepare(seed);
                let checker = Rc::new(RefCell::new(stage.checker()));
                let observer: Rc<RefCell<dyn Observer>> = checker.clone();
                stage.world().run(seed, observer, Span::from_secs(7_200), &mut |_| true);
                checker.borrow_mut().finish()
            });
        });
    }
    group.finish();
}

/// An hour of 200 transactions a second through the log into three sinks.
fn an_hour(c: &mut Criterion) {
    let mut group = c.benchmark_group("an hour");
    group.sample_size(10).throughput(Throughput::Elements(720_000));
    // One run of it warms up more than enough.
    group.warm_up_time(Duration::from_millis(1));
    let scenario = scenario(&format!(
        r#"
title = "an hour"
[world]
duration = "1h"
[workload]
shape = "kv"
clients = 16
rate = "200/s"
keys = {{ count = 10000 }}
mix = {{ insert = 1, update = 8, delete = 1, read = 0 }}
{THREE_SINKS}
[[strategy]]
kind = "log_cdc"
"#
    ));
    let stage = stage(&scenario);
    group.bench_function("200 transactions a second through log_cdc into three sinks", |b| {
        b.iter(|| {
            stage.prepare(1);
            let checker = Rc::new(RefCell::new(stage.checker()));
            let observer: Rc<RefCell<dyn Observer>> = checker.clone();
            let summary = stage.world().run(1, observer, Span::from_secs(7_200), &mut |_| true);
            assert!(summary.quiescent);
            checker.borrow_mut().finish()
        });
    });
    group.finish();
}

criterion_group!(benches, strategies, an_hour);
criterion_main!(benches);
