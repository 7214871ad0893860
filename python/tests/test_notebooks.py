"""The notebooks run from start to end, and stand in git without outputs."""
import json
import sys

import nbclient
import nbformat
import pytest

from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "python" / "notebooks").glob("*.ipynb"))


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel of this very interpreter: the system's 'python3' would be another one."""
    folder = tmp_path / "kernels" / "tested"
    folder.mkdir(parents=True)
    folder.joinpath("kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "tested", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return "tested"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path, kernel):
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name=kernel,
                            resources={"metadata": {"path": path.parent}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    charts = [output for output in outputs if "image/png" in output.get("data", {})]
    conclusion = "".join(output.text for output in notebook.cells[-1].outputs)
    assert len(charts) >= 2 and "Interval: " in conclusion and "nan" not in conclusion


def test_there_is_one():
    assert "checkpoints-and-spares" in [path.stem for path in NOTEBOOKS]
