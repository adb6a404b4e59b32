"""What driftlab writes, taken by readers that are not its own. Called by scripts/check-outputs.

    check_outputs.py RESULTS XSD
"""

import json
import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import duckdb
import jsonschema
import pandas
import xmlschema

RESULTS, XSD = Path(sys.argv[1]), Path(sys.argv[2])
# What the documentation calls a type, as DuckDB and as pandas with Arrow's types call it.
TYPES = {
    "text": ("VARCHAR", "string"),
    "dictionary of text": ("VARCHAR", "dictionary"),
    "int64": ("BIGINT", "int64"),
    "INT64": ("BIGINT", "int64"),
    "double": ("DOUBLE", "double"),
    "boolean": ("BOOLEAN", "bool"),
}


def table(page, heading, type_column):
    """The columns that a page of the documentation lists below a heading, with their types."""
    section = Path(page).read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    columns = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = re.fullmatch(r"`(\w+)`", cells[0])
        if name:
            columns[name[1]] = cells[type_column].split(",")[0]
    assert columns, f"{page} has no table below {heading}"
    return columns


def parquet(path, documented):
    """The file has exactly the documented columns, with their types, for DuckDB and for pandas; and as many rows for both."""
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
    ducks = {name: kind for name, kind, *_ in described}
    frame = pandas.read_parquet(path, dtype_backend="pyarrow")
    pandas.read_parquet(path)
    wanted = {name: TYPES[kind] for name, kind in documented.items()}
    differ = set(ducks.items()) ^ {(name, duck) for name, (duck, _) in wanted.items()}
    assert not differ, f"{path}: what DuckDB reads and what is documented differ in {sorted(differ)}"
    for name, (_, arrow) in wanted.items():
        assert arrow in str(frame[name].dtype), f"{path}: pandas reads {name} as {frame[name].dtype}"
    (rows,) = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()
    assert rows == len(frame) > 0, f"{path}: {rows} rows for DuckDB, {len(frame)} for pandas"
    return rows


def all_parquet():
    runs = table("docs/results.md", "`runs.parquet`", 1)
    names = table("docs/catalog.md", "Anomalies", 1)
    assert len(names) >= 14, f"docs/catalog.md lists the anomalies {list(names)}"
    for name in names:
        runs[name] = runs[f"{name}_permanent"] = "int64"
    documented = {
        "runs.parquet": runs,
        "series.parquet": table("docs/results.md", "`series.parquet`", 1),
    }
    history = table("docs/history.md", "Columns", 3)
    files = rows = 0
    for path in RESULTS.rglob("*.parquet"):
        if "latest" in path.relative_to(RESULTS).parts:
            continue
        rows += parquet(path, documented.get(path.name, history))
        files += 1
    assert files > 10
    print(f"{files} Parquet files with {rows:,} rows: DuckDB {duckdb.__version__} and pandas {pandas.__version__} read them with the documented types")


def validator(path):
    schema = json.loads(Path(path).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def schemas():
    scenario, summary = validator("scenarios/scenario.schema.json"), validator("results/summary.schema.json")
    scenarios = sorted(Path("scenarios").rglob("*.toml"))
    for path in scenarios:
        scenario.validate(tomllib.loads(path.read_text()))
    wrong = tomllib.loads(scenarios[0].read_text())
    wrong["sinkk"] = []
    assert not scenario.is_valid(wrong), "a misspelt section must not be valid"
    summaries = [path for path in RESULTS.rglob("summary.json") if "latest" not in path.relative_to(RESULTS).parts]
    summaries += Path("results/reference").rglob("*.json")
    for path in summaries:
        summary.validate(json.loads(path.read_text()))
    broken = json.loads(summaries[0].read_text()) | {"verdict": "fine"}
    assert not summary.is_valid(broken), "a verdict that there is not must not be valid"
    print(f"{len(scenarios)} scenarios and {len(summaries)} summaries: valid for jsonschema {version('jsonschema')}")


def junit():
    schema = xmlschema.XMLSchema(XSD)
    files = [path for path in RESULTS.rglob("junit.xml") if "latest" not in path.relative_to(RESULTS).parts]
    failures = cases = 0
    for path in files:
        schema.validate(path)
        root = xmlschema.XMLResource(path).root
        assert int(root.get("tests")) == len(root.findall(".//testcase")), path
        assert int(root.get("failures")) == len(root.findall(".//failure")), path
        failures += int(root.get("failures"))
        cases += int(root.get("tests"))
    assert cases > 10 and failures > 0
    # One that has every verdict, and texts that try to break out: that of the snapshot test.
    snapshot = Path("crates/report/tests/snapshots/reports__the_test_cases_as_xml.snap").read_text().split("\n---\n", 1)[1]
    assert "<error " in snapshot and "<failure " in snapshot
    schema.validate(snapshot)
    bad = files[0].read_text().replace("<testsuite ", "<testsuite colour='red' ", 1)
    assert not schema.is_valid(bad), "the schema must be strict"
    print(f"{len(files)} junit.xml with {cases} cases, {failures} of them failures: valid for {XSD.name} by xmlschema {version('xmlschema')}")


all_parquet()
schemas()
junit()
