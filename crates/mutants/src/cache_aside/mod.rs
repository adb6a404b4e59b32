//! Mutants of a cache that readers fill and writers invalidate.

pub(crate) mod filling;
pub(crate) mod invalidation;

/// Three clients read and write two rows through a cache that gives out leases.
const READS_AND_WRITES: &str = r#"
title = "Readers fill the cache while rows are written"
[world]
duration = "500ms"
[workload]
shape = "kv"
clients = 3
operations = 24
keys = { count = 2, distribution = "uniform" }
mix = { insert = 0, update = 1, delete = 0, read = 2 }
[[sink]]
kind = "cache"
[[strategy]]
kind = "cache_aside"
leases = true
"#;
