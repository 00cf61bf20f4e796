//! What an operation costs in the process: through the real router, on SQLite, without a network. Shows
//! what has changed since the run before.
//!
//!     cargo bench -p tests

#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "what only tests use")]
mod support;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use support::{DASHBOARD, DEEP, Kind, ONE_GOAL, RECORD, Workload};

const OPERATIONS: [(&str, &str); 4] =
    [("Q1 dashboard", DASHBOARD), ("Q2 one goal", ONE_GOAL), ("Q3 deep", DEEP), ("recordProgress", RECORD)];

fn operations(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let workload = runtime.block_on(Workload::open(Kind::Sqlite));
    for (name, query) in OPERATIONS {
        criterion.bench_function(name, |bencher| bencher.to_async(&runtime).iter(|| workload.runs(query)));
    }
}

fn in_seconds() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! { name = benches; config = in_seconds(); targets = operations }
criterion_main!(benches);
