"""What the documentation shows in Python runs as it stands."""
import os
import re
import subprocess
import sys
import textwrap

import pytest

import windtunnel as wt
from conftest import ROOT


def snippets():
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    yield from re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    example = textwrap.dedent("\n".join(
        line for line in wt.__doc__.splitlines() if line.startswith("    ")))
    yield example.replace("scenario.json", "scenarios/library/pretrain-llama3-8b-p5.json")
    yield GRID


#: Of the length and kind a README has room for.
GRID = """
import windtunnel as wt

file = "scenarios/library/pretrain-llama3-70b-p5.json"
report = wt.run(file, seed=1)
print(report)
print(report.waterfall[["label", "cost_usd"]])
grid = wt.sweep(file, {"/cluster/nodePools/0/spares": [0, 1],
                       "/workloads/0/checkpoint/every": ["3m", "30m"]})
print(grid.pareto)
"""


@pytest.mark.parametrize("code", snippets())
def test_snippet(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "MPLBACKEND": "agg"})
    assert done.returncode == 0, done.stderr
