"""Runs each way of export in a process of its own, in turns, and prints a Markdown table. Called by export-side-by-side."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

DUCKDB = """
import duckdb, sys
from duckdb_extension_sqlite_scanner import __file__ as package
from pathlib import Path
connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
extension, = Path(package).parent.rglob("sqlite_scanner.duckdb_extension")
connection.execute(f"LOAD '{extension}'")
connection.execute(f"ATTACH '{sys.argv[1]}' AS source (TYPE sqlite, READ_ONLY)")
connection.execute(f"COPY source.orders TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION snappy)")
"""

ADBC = """
import sys
import adbc_driver_sqlite.dbapi as sqlite
import pyarrow.parquet as parquet
with sqlite.connect(f"file:{sys.argv[1]}?mode=ro") as connection, connection.cursor() as cursor:
    cursor.execute("SELECT * FROM orders")
    reader = cursor.fetch_record_batch()
    with parquet.ParquetWriter(sys.argv[2], reader.schema, compression="snappy") as writer:
        for batch in reader:
            writer.write_batch(batch)
"""

IMPORTS = {
    "DuckDB": "import duckdb",
    "ADBC with pyarrow": "import adbc_driver_sqlite.dbapi, pyarrow.parquet",
}


def seconds_of(command):
    """Wall seconds of a process, and the most memory it held, in MB."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with {status}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


def main():
    export, work, turns = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    database = str(work / "orders.sqlite")
    ways = {
        "driftlab": lambda turn: [export, database, str(work / f"driftlab-{turn}"), "orders"],
        "DuckDB": lambda turn: [sys.executable, "-c", DUCKDB, database, str(work / f"duckdb-{turn}.parquet")],
        "ADBC with pyarrow": lambda turn: [sys.executable, "-c", ADBC, database, str(work / f"adbc-{turn}.parquet")],
    }
    # What starting the interpreter and its libraries takes is no part of an export.
    starting = {
        name: statistics.median(seconds_of([sys.executable, "-c", code])[0] for _ in range(3))
        for name, code in IMPORTS.items()
    }
    seconds, memory = {name: [] for name in ways}, {name: 0.0 for name in ways}
    for turn in range(turns):
        for name, command in ways.items():
            took, held = seconds_of(command(turn))
            seconds[name].append(took - starting.get(name, 0.0))
            memory[name] = max(memory[name], held)

    import pyarrow.parquet as parquet

    files = {
        "driftlab": sorted((work / "driftlab-0").rglob("*.parquet")),
        "DuckDB": [work / "duckdb-0.parquet"],
        "ADBC with pyarrow": [work / "adbc-0.parquet"],
    }
    counts = {name: sum(parquet.ParquetFile(path).metadata.num_rows for path in paths) for name, paths in files.items()}
    if len(set(counts.values())) != 1:
        sys.exit(f"the ways wrote different numbers of rows: {counts}")
    rows = counts["driftlab"]
    rate = {name: rows / statistics.median(all_turns) for name, all_turns in seconds.items()}
    print(f"{rows} rows, {turns} turns, medians; start-up of the interpreter is taken off for DuckDB and ADBC\n")
    print("| way | rows/s | against DuckDB | against ADBC | slowest and fastest turn, s | memory, MB | Parquet, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in ways:
        written = sum(path.stat().st_size for path in files[name]) / 1e6
        print(
            f"| {name} | {rate[name]:,.0f} | {rate[name] / rate['DuckDB']:.2f} | {rate[name] / rate['ADBC with pyarrow']:.2f} "
            f"| {max(seconds[name]):.2f} / {min(seconds[name]):.2f} | {memory[name]:.0f} | {written:.0f} |"
        )


if __name__ == "__main__":
    main()
