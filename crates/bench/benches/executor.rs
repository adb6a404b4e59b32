//! The executor by itself: how long a step takes, and how long a timer that is set and taken back.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftlab_model::{Span, Time};
use driftlab_sim::executor::Executor;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

const STEPS: u64 = 10_000;

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("executor");
    group.throughput(Throughput::Elements(STEPS));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for tasks in [1u64, 16, 1_000] {
        let executor = Rc::new(Executor::default());
        group.bench_function(format!("a step, {tasks} tasks"), |b| {
            b.iter(|| {
                executor.reset(1);
                for name in 0..tasks {
                    let clock = Rc::clone(&executor);
                    executor.spawn(name, async move {
                        for round in 0..STEPS / tasks {
                            let pause = Span::from_nanos(1 + (name * 31 + round * 17) % 97);
                            clock.sleep_until(clock.now() + pause).await;
                        }
                    });
                }
                executor.run_until(black_box(Time::NEVER))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
