"""Reports, plans and comparisons: frames, arrays, files, notebooks, pickles."""
import decimal
import html.parser
import json
import pickle

import numpy
import pytest

import windtunnel as wt
from conftest import LIBRARY

NANO = decimal.Decimal(10) ** 9


def exact(text):
    return json.loads(text, parse_float=decimal.Decimal)


def test_lines_sum_to_the_bill_exactly(report):
    values = exact(report.to_json())
    bill = values["bill_usd"] * NANO
    assert bill == report.bill_nano_usd
    assert sum(line["cost_usd"] for line in values["bill_lines"]) * NANO == bill
    assert sum(item["cost_usd"] for item in values["waterfall"]) * NANO == bill
    assert report.bill["cost_usd"].sum() == pytest.approx(report.bill_nano_usd / 1e9, rel=1e-15)


def test_doubled_prices_double_the_cost(path):
    """Each line of a ledger is rounded once to a nano-dollar, and the mean once: nothing else may
    differ."""
    def priced(factor):
        return wt.run(wt.load(path, set={
            "/cluster/nodePools/0/purchase/price": f"${55.04 * factor:.2f}/h",
            "/cluster/storage/0/pricePerGBMonth": f"${0.2 * factor:.1f}",
            "/cluster/controlPlane/price": f"${0.1 * factor:.1f}/h",
        }), replications=20)

    once, twice = priced(1), priced(2)
    assert numpy.array_equal(twice.finish_samples_s, once.finish_samples_s)
    lines = len(once.bill)
    for i, cost in enumerate(once.cost_samples_usd):
        assert abs(round(twice.cost_samples_usd[i] * 1e9) - 2 * round(cost * 1e9)) <= lines
    assert abs(twice.bill_nano_usd - 2 * once.bill_nano_usd) <= lines + 1


def test_frames(report):
    assert list(report.samples.columns) == ["replication", "finish_s", "cost_usd"]
    assert numpy.array_equal(report.samples["finish_s"], report.finish_samples_s)
    assert numpy.array_equal(report.samples["cost_usd"], report.cost_samples_usd)
    assert report.cost_usd.mean == pytest.approx(report.cost_samples_usd.mean(), rel=1e-12)
    assert report.cost_usd.p10 < report.cost_usd.p50 < report.cost_usd.p90
    job = report.jobs.iloc[0]
    assert (job["name"], job["nodes"], job["gpus"]) == ("pretrain", 64, 512)
    assert job["finish_s_p50"] == report.finish_s.p50
    assert set(report.waterfall.columns) == {"cause", "label", "cost_usd", "node_hours"}
    assert (report.assumptions[["what", "value", "method"]] != "").all().all()
    assert report.failures["mean"].sum() == pytest.approx(
        report.to_dict()["jobs"][0]["interruptions"]["mean"]
        + report.failures.set_index("failure_class")["mean"]["planned-maintenance"])
    assert set(report.goals) == {"deadline", "budget"}
    assert list(report.series.columns) == ["series", "unit", "time_s", "value"]
    assert len(report.series) == sum(len(s["time_s"]) for s in report.to_dict()["series"])


def test_types_of_columns_do_not_depend_on_values(report, path):
    other = wt.run(path, replications=1, seed=5)
    for name in ("bill", "waterfall", "jobs", "samples", "assumptions", "failures"):
        assert list(getattr(report, name).dtypes) == list(getattr(other, name).dtypes), name


def test_samples_are_read_only_views(path, report):
    samples = report.finish_samples_s
    assert samples.dtype == numpy.float64 and not samples.flags.owndata
    with pytest.raises(ValueError):
        samples[0] = 0
    alone = wt.run(path, replications=20).finish_samples_s
    assert numpy.array_equal(alone, samples)  # the view keeps its report alive


def test_plan(path):
    plan = wt.plan(path)
    assert plan.fits and plan.jobs["fits"].tolist() == [True]
    step = plan.step["time_s"].sum()
    assert step == pytest.approx(plan.jobs["step_s"][0], rel=1e-12)
    parts = [f"{cause}_s" for cause in plan.step["cause"]]
    assert plan.jobs[parts].sum(axis=1)[0] == pytest.approx(step, rel=1e-12)


def test_a_plan_that_does_not_fit(path):
    plan = wt.plan(wt.load(path, set={"/workloads/0/plan/tensor": 1, "/workloads/0/plan/pipeline": 1,
                                      "/workloads/0/plan/virtualStages": 1}))
    assert not plan.fits and plan.jobs["fits"].tolist() == [False]
    assert plan.jobs["memory_bytes"][0] > plan.jobs["available_bytes"][0]
    assert plan.jobs["nearest_fit"][0]


def test_compare_with_itself_is_zero(scenario, report):
    for comparison in (wt.compare(scenario, scenario), wt.compare(report, scenario, replications=20)):
        assert (comparison.figures.filter(like="difference") == 0).all().all()
        assert (comparison.waterfall["difference_cost_usd"] == 0).all()
        assert "the same" in comparison.headline


def test_compare(scenario):
    no_spares = scenario.with_set({"/cluster/nodePools/0/spares": 0})
    comparison = wt.compare(scenario, no_spares)
    cost = comparison.figures.set_index("name").loc["cost"]
    pairs = comparison.b.cost_samples_usd - comparison.a.cost_samples_usd
    assert cost["difference_mean"] == pytest.approx(pairs.mean())
    assert cost["difference_mean"] < 0
    # Common random numbers: the difference is far better known than either side.
    assert pairs.std() < 0.1 * comparison.a.cost_samples_usd.std()


def test_compare_wants_equal_random_numbers(scenario, report):
    with pytest.raises(wt.InputError, match="same seed"):
        wt.compare(scenario, scenario.with_set({"/run/seed": 2}))
    with pytest.raises(ValueError, match="cannot be changed"):
        wt.compare(report, scenario, seed=9)


def test_pickles(scenario, report):
    for answer in (report, wt.plan(scenario), wt.compare(report, report),
                   wt.sweep(scenario, {"/cluster/nodePools/0/spares": [0, 1, -1]}, replications=2),
                   wt.validate("oracles")):
        again = pickle.loads(pickle.dumps(answer))
        assert type(again) is type(answer)
        assert again.to_json() == answer.to_json()
        assert again._repr_html_() == answer._repr_html_()
        if hasattr(answer, "to_html"):
            assert again.to_html() == answer.to_html()
    assert pickle.loads(pickle.dumps(report)).bill_nano_usd == report.bill_nano_usd


def test_a_bill_beyond_doubles_travels_exactly():
    """Nano-dollars above 2^53 ($9M)."""
    big = wt.run(LIBRARY / "pretrain-llama3.1-405b-p5.json", replications=2)
    assert big.bill_nano_usd > 2**53
    assert pickle.loads(pickle.dumps(big)).to_json() == big.to_json()


def test_a_pickle_of_another_version_is_refused(report):
    import windtunnel._core as core

    state = report._core.__getstate__()
    other = core.Report.__new__(core.Report)
    with pytest.raises(wt.Error, match="0.0.9"):
        other.__setstate__(("0.0.9", state[1]))


def test_answers_are_not_constructed():
    for kind in (wt.Report, wt.Plan, wt.Comparison, wt.Sweep):
        with pytest.raises(TypeError, match=r"windtunnel\.\w+\(\)"):
            kind()


def test_save(report, tmp_path):
    for suffix, text in ((".json", report.to_json()), (".html", report.to_html()),
                         (".txt", report.to_text())):
        saved = report.save(tmp_path / f"report{suffix}")
        assert saved.read_text(encoding="utf-8") == text
    with pytest.raises(ValueError, match=r"\.json"):
        report.save(tmp_path / "report.pdf")
    with pytest.raises(TypeError, match="path"):
        report.save(3)
    with pytest.raises(OSError):
        report.save(tmp_path / "missing" / "report.json")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "report.html", "report.json", "report.txt"]


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_notebook_view(report, scenario):
    """Static, well-formed, with tables and a chart, no script and no request."""
    sweep = wt.sweep(scenario, {"/cluster/nodePools/0/spares": [0, 2]}, replications=2)
    moved = wt.compare(scenario, scenario.with_set({"/cluster/nodePools/0/spares": 0}))
    for answer in (report, wt.plan(scenario), moved, sweep):
        tags = Tags()
        tags.feed(answer._repr_html_())
        assert tags.open == []
        assert {"table", "svg"} <= set(tags.seen)
        assert not {"script", "link", "img", "iframe"} & set(tags.seen)
        assert answer.headline.split()[0] in answer._repr_html_()


def test_notebook_view_escapes(path):
    nasty = wt.load(path, set={"/name": "<script>alert(1)</script>"})
    assert "<script" not in wt.run(nasty, replications=2)._repr_html_()


def test_one_line(report, scenario):
    for thing in (report, scenario, wt.plan(scenario), wt.compare(report, report), wt.catalog(),
                  wt.validate("oracles")):
        assert repr(thing).startswith("<windtunnel.") and "\n" not in repr(thing)


def test_tables():
    tables = wt.catalog()
    assert set(tables) == {"instances", "gpus", "models", "diffusion", "prices", "spot"}
    gpus = tables["gpus"].set_index("name")
    assert gpus.loc["H100-SXM-80", "bf16_tflops"] == pytest.approx(989.4, rel=1e-3)
    assert wt.catalog("gpus").equals(tables["gpus"])
    with pytest.raises(wt.InputError, match="gpus"):
        wt.catalog("gpu")


def test_validation(tmp_path):
    oracles = wt.validate("oracles")
    assert (oracles.scored, oracles.total) == (31, 31)
    assert {"source", "group", "n", "mape", "median_ape", "p90_ape", "bias"} <= set(oracles.rows)
    with pytest.raises(wt.InputError, match="oracles"):
        wt.validate("oracle")
    with pytest.raises(wt.InputError, match="absent.csv"):
        wt.validate("training", tmp_path / "absent.csv")
    with pytest.raises(TypeError, match="suite"):
        wt.validate(3)
