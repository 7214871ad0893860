"""The package and the CLI are two ways to the same answers, byte for byte."""
import pytest

import windtunnel as wt
from conftest import LIBRARY


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("*.json")), ids=lambda file: file.stem)
def test_run_of_every_library_scenario(file, cli):
    printed = cli("run", file, "--replications", 6, "--seed", 3, "-o", "json")
    assert wt.run(file, replications=6, seed=3).to_json() == printed


def test_formats(path, report, cli):
    for form, text in (("html", report.to_html()), ("csv", report._core.csv())):
        assert text == cli("run", path, "--replications", 20, "-o", form)
    assert report.to_text() == cli("run", path, "--replications", 20)


def test_files(path, report, cli, tmp_path):
    cli("run", path, "--replications", 20, "--out", tmp_path / "cli")
    written = report.to_csv(tmp_path / "python")
    assert {file.name for file in written} == {f.name for f in (tmp_path / "cli").glob("*.csv")}
    for file in written:
        assert file.read_bytes() == (tmp_path / "cli" / file.name).read_bytes()


def test_plan(path, cli):
    assert wt.plan(path).to_json() == cli("plan", path, "-o", "json")


def test_compare(path, cli):
    spares = {"/cluster/nodePools/0/spares": 0}
    ours = wt.compare(path, wt.load(path, set=spares), replications=10)
    theirs = cli("compare", path, path, "--set-b", "/cluster/nodePools/0/spares=0",
                 "--replications", 10, "-o", "json")
    assert ours.to_json() == theirs


def test_sweep(path, cli):
    axes = {"/cluster/nodePools/0/spares": [0, 2], "/workloads/0/checkpoint/every": ["10m", "oops"]}
    ours = wt.sweep(path, axes, replications=5)
    theirs = cli("sweep", path, "--vary", "/cluster/nodePools/0/spares=0,2", "--vary",
                 "/workloads/0/checkpoint/every=10m,oops", "--replications", 5, "-o", "json")
    # The CLI writes replications and seed into the scenario, which changes no answer.
    assert ours.to_json() == theirs


def test_check(path, tmp_path, values, cli):
    values["cluster"]["nodePools"][0]["instanceType"] = "p5.47xlarge"
    values["workloads"][0]["plan"]["tensor"] = 7
    broken = tmp_path / "broken.json"
    broken.write_text(wt.Scenario(values).to_json())
    said = cli("check", broken, fails=True)
    issues = wt.check(broken)
    assert issues
    for issue in issues:
        assert issue.pointer in said and issue.message in said


def test_documents(cli):
    assert wt.explain("cluster.nodePools") == cli("explain", "cluster.nodePools")
    assert wt.schema()["properties"].keys() >= {"name", "region", "cluster", "workloads"}


def test_validation(cli):
    assert wt.validate("runs").to_json() == cli("validate", "runs", "-o", "json")
