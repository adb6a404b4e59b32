"""Writes a small history that `driftlab check` can judge: two writers, and a search index that shows them in the wrong order.

    pip install pyarrow
    python history.py history.parquet
    driftlab check history.parquet
"""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

MS = 1_000_000  # `at` is in nanoseconds

rows = []


def row(at_ms, event, **columns):
    rows.append({"at": at_ms * MS, "event": event, **columns})


# What was there when the recording began. The search index is a copy of it.
row(0, "load", table="product", key=7, value=json.dumps({"price": 10}))

# Two clients update one product. The database hears alice first, then bob.
row(1, "committed", process="alice", transaction=101, table="product", key=7, value=json.dumps({"price": 11}))
row(2, "committed", process="bob", transaction=102, table="product", key=7, value=json.dumps({"price": 12}))

# The search index hears them the other way round. Who wrote what it shows, the value itself tells.
row(3, "shown", sink="search", table="product", key=7, value=json.dumps({"price": 12}))
row(5, "shown", sink="search", table="product", key=7, value=json.dumps({"price": 11}))

# Clients stopped, and nobody had work left: what is wrong now is wrong for good.
row(6, "milestone", stage="load_ended")
row(9, "milestone", stage="quiescent")

schema = pa.schema(
    [
        ("at", pa.int64()),
        ("event", pa.string()),
        ("process", pa.string()),
        ("sink", pa.string()),
        ("transaction", pa.int64()),
        ("table", pa.string()),
        ("key", pa.int64()),
        ("value", pa.string()),
        ("stage", pa.string()),
    ],
    # Optional: what cannot be seen from the rows.
    metadata={
        "driftlab.history": json.dumps(
            {
                "version": 1,
                "strategy": "our pipeline",
                "sinks": [{"name": "search", "kind": "search"}],
            }
        )
    },
)

path = sys.argv[1] if len(sys.argv) > 1 else "history.parquet"
pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
print(f"wrote {len(rows)} rows to {path}")
