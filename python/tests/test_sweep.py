"""sweep: the same answer on every executor."""
import concurrent.futures
import multiprocessing

import pytest

import windtunnel as wt

SPARES = "/cluster/nodePools/0/spares"
EVERY = "/workloads/0/checkpoint/every"
AXES = {SPARES: [0, 2], EVERY: ["10m", "1h", "wrong"]}


@pytest.fixture(scope="module")
def serial(path):
    return wt.sweep(path, AXES, replications=6)


def processes():
    # A fresh interpreter each, as on other machines: whatever crosses must pickle.
    return concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))


@pytest.mark.parametrize("pool", [processes, lambda: concurrent.futures.ThreadPoolExecutor(3)],
                         ids=["processes", "threads"])
def test_executors_change_nothing(path, serial, pool):
    seen = []
    with pool() as executor:
        swept = wt.sweep(path, AXES, replications=6, executor=executor,
                         progress=lambda done, total: seen.append((done, total)))
    assert swept.to_json() == serial.to_json()
    assert swept.to_html() == serial.to_html()
    assert seen == [(i + 1, 6) for i in range(6)]


def test_points(path, serial):
    assert len(serial) == 6
    assert [tuple(point.settings.values()) for point in serial.points] == [
        (0, "10m"), (0, "1h"), (0, "wrong"), (2, "10m"), (2, "1h"), (2, "wrong")]
    for point in serial.points:
        assert (point.report is None) == (point.error is not None)
        if point.report:
            alone = wt.run(wt.load(path, set=point.settings), replications=6)
            assert point.report.to_json() == alone.to_json()
        else:
            assert EVERY in point.error and not point.pareto


def test_frame(serial):
    frame = serial.frame
    assert frame[SPARES].tolist() == [0, 0, 0, 2, 2, 2] and frame[SPARES].dtype == "int64"
    assert frame["cost_p50_usd"].notna().tolist() == [True, True, False] * 2
    assert (frame["error"] != "").tolist() == [False, False, True] * 2
    good = frame[frame["error"] == ""]
    for _, row in good.iterrows():
        beaten = ((good["cost_p50_usd"] <= row["cost_p50_usd"])
                  & (good["finish_p50_s"] <= row["finish_p50_s"])
                  & ((good["cost_p50_usd"] < row["cost_p50_usd"])
                     | (good["finish_p50_s"] < row["finish_p50_s"]))).any()
        assert row["pareto"] == (not beaten)
    assert len(serial.pareto) == frame["pareto"].sum() >= 1


def test_arguments_that_cannot_be(path):
    with pytest.raises(wt.InputError, match="nodePools"):
        wt.sweep(path, {"/cluster/nodePool/0/spares": [1]})
    for axes in ({}, [], None, {SPARES: "012"}, {SPARES: 3}):
        with pytest.raises(TypeError, match="must be"):
            wt.sweep(path, axes)
    with pytest.raises(ValueError, match="no values"):
        wt.sweep(path, {SPARES: []})
    with pytest.raises(TypeError, match="submit"):
        wt.sweep(path, AXES, executor=4)
    with pytest.raises(TypeError, match="executors"):
        wt.sweep(path, AXES, executors=None)


def test_an_error_of_a_task_is_the_callers(path):
    """Not an invalid point but a broken executor: the sweep ends, the rest is cancelled."""
    class Broken(concurrent.futures.Executor):
        def __init__(self):
            self.futures = []

        def submit(self, function, /, *arguments, **keywords):
            future = concurrent.futures.Future()
            if not self.futures:
                future.set_exception(OSError("the cluster is gone"))
            self.futures.append(future)
            return future

    broken = Broken()
    with pytest.raises(OSError, match="gone"):
        wt.sweep(path, AXES, executor=broken)
    assert all(future.cancelled() for future in broken.futures[1:])
