#!/usr/bin/python3
"""Walks every data table of the tree and fails on a number that does not say where it comes from.

A table is any *.json or *.csv below a folder named data or tables. JSON tables are
{"schema", "provenance", "rows": [...]}: a row inherits from the file's provenance what its own
leaves out, and must end up with source, retrieved (a date) and method. A JSON file without rows
answers with its own provenance. Rows of a CSV table have a filled column `source`, or the file has
a comment line "# source: ...".
"""
import csv
import json
import pathlib
import re
import sys

METHODS = ("measured", "published", "estimated")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
SKIPPED = {".git", "build", "_skbuild", "dist", "node_modules", "__pycache__"}


def tables_of(root):
    """Paths of the tables below root, relative, sorted."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if SKIPPED.intersection(parts) or not {"data", "tables"}.intersection(parts[:-1]):
            continue
        if path.suffix in (".json", ".csv") and path.is_file():
            yield path.relative_to(root)


def provenance_problems(provenance):
    """What a provenance lacks, in words."""
    problems = [f"no {field}" for field in ("source", "retrieved") if not provenance.get(field)]
    if provenance.get("retrieved") and not DATE.match(provenance["retrieved"]):
        problems.append(f"retrieved is no date: {provenance['retrieved']}")
    if provenance.get("method") not in METHODS:
        problems.append(f"method is none of {', '.join(METHODS)}")
    if provenance.get("method") == "estimated" and not provenance.get("note"):
        problems.append("estimated, but no note says from what")
    return problems


def json_problems(text):
    table = json.loads(text)
    if not isinstance(table, dict):
        return ["is no object with a provenance"], 0
    if not isinstance(table.get("rows"), list):
        return provenance_problems(table.get("provenance", {})), 1
    problems = [] if table.get("schema") else ["no schema"]
    default = table.get("provenance", {})
    for index, row in enumerate(table["rows"]):
        provenance = {**default, **row.get("provenance", {})}
        problems += [f"row {index}: {what}" for what in provenance_problems(provenance)]
    return problems, len(table["rows"])


def csv_problems(text):
    lines = text.splitlines()
    if any(line.startswith("# source:") and line[9:].strip() for line in lines):
        return [], len(lines)
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    if not rows or "source" not in rows[0]:
        return ["has neither a column source nor a line \"# source: ...\""], len(rows)
    return [f"row {index}: no source" for index, row in enumerate(rows) if not row["source"]], len(rows)


def self_test():
    """The test can fail."""
    good = '{"schema": "x/1", "provenance": {"source": "s", "retrieved": "2026-11-24", "method": "%s"}, "rows": [{"a": 1%s}]}'
    assert json_problems(good % ("published", ""))[0] == []
    assert json_problems(good % ("guessed", ""))[0]
    assert json_problems(good % ("estimated", ""))[0]
    assert json_problems(good % ("estimated", ', "provenance": {"note": "half of b"}'))[0] == []
    assert json_problems(good % ("published", ', "provenance": {"source": ""}'))[0]
    assert json_problems('{"rows": [{"a": 1}]}')[0]
    assert json_problems("[1, 2]")[0]
    assert json_problems('{"a": 1}')[0]
    assert csv_problems("a,source\n1,paper\n")[0] == []
    assert csv_problems("a,source\n1,\n")[0]
    assert csv_problems("a,b\n1,2\n")[0]
    assert csv_problems("# source: paper\na,b\n1,2\n")[0] == []


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    failures, tables, rows = [], 0, 0
    for path in tables_of(root):
        text = (root / path).read_text(encoding="utf-8")
        problems, count = (json_problems if path.suffix == ".json" else csv_problems)(text)
        failures += [f"{path}: {problem}" for problem in problems]
        tables, rows = tables + 1, rows + count
    for failure in failures:
        print(failure)
    print(f"{tables} tables, {rows} rows, {len(failures)} problems")
    return 1 if failures or tables == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
