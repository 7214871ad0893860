"""run: its answer, its arguments, and what happens while it runs."""
import signal
import subprocess
import sys
import threading

import numpy
import pytest

import windtunnel as wt


def test_threads_change_nothing(scenario, report):
    for threads in (1, 2, 5):
        assert wt.run(scenario, threads=threads).to_json() == report.to_json()


def test_seed_and_replications(scenario):
    other = wt.run(scenario, seed=2, replications=numpy.int32(4))
    assert (other.seed, other.replications) == (2, 4)
    assert len(other.finish_samples_s) == 4
    assert other.finish_samples_s[0] != wt.run(scenario, replications=4).finish_samples_s[0]
    # A longer run begins with the shorter one.
    longer = wt.run(scenario, seed=2, replications=8)
    assert numpy.array_equal(longer.finish_samples_s[:4], other.finish_samples_s)


def test_progress(scenario):
    seen = []
    here = threading.get_ident()
    wt.run(scenario, progress=lambda done, total: seen.append((done, total, threading.get_ident())))
    assert seen[-1][:2] == (20, 20)
    assert [done for done, _, _ in seen] == sorted({done for done, _, _ in seen})
    assert {thread for _, _, thread in seen} == {here}


def test_what_progress_raises_ends_the_run(scenario):
    def progress(done, total):
        raise RuntimeError(f"enough after {done}")

    with pytest.raises(RuntimeError, match="enough after"):
        wt.run(scenario, progress=progress)


@pytest.fixture
def no_forced_switches():
    """The interpreter changes threads only where the running one lets go of its lock."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(3600)
    yield
    sys.setswitchinterval(interval)


def test_other_threads_run_meanwhile(scenario, no_forced_switches):
    go, went = threading.Event(), threading.Event()

    def work():
        go.wait()
        went.set()

    thread = threading.Thread(target=work)
    thread.start()
    go.set()
    before = went.is_set()
    wt.run(scenario, replications=5000, threads=1)
    during = went.is_set()  # nothing since then has let go of the lock
    thread.join()
    assert (before, during) == (False, True)


INTERRUPTED = """
import sys, windtunnel as wt
try:
    wt.run(sys.argv[1], replications=1_000_000, progress=lambda done, total: print(done, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
print("finished", flush=True)
"""


def test_ctrl_c_stops_a_long_run(path):
    """Sent once the run is under way, which its first progress tells."""
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(path)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().strip().isdigit()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    lines = out.splitlines()
    assert lines[-1] == "interrupted" and "finished" not in lines and "1000000" not in lines
    assert "KeyboardInterrupt" in err and process.returncode != 0


ENDLESS = """
import sys, windtunnel as wt

class Storm:
    "Fails every second: the job never ends, and no replication either."
    def __init__(self, fleet):
        self.told = False
    def next(self, now_s, random):
        if not self.told:
            print("begun", flush=True)
            self.told = True
        return now_s + 1, 0
    def replaced(self, node, now_s):
        pass

wt.run(sys.argv[1], law=Storm, threads=1)
"""


def test_ctrl_c_stops_a_replication_that_never_ends(path):
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(path)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in err and process.returncode != 0


@pytest.mark.parametrize("arguments, error, said", [
    ({"seed": -1}, ValueError, "seed"),
    ({"seed": "1"}, TypeError, "seed must be a whole number, got '1'"),
    ({"seed": 1.5}, TypeError, "seed"),
    ({"seed": True}, TypeError, "seed"),
    ({"replications": 0}, ValueError, "replications"),
    ({"replications": 10**7}, ValueError, "replications"),
    ({"threads": -2}, ValueError, "threads"),
    ({"threads": None}, TypeError, "threads"),
    ({"progress": 3}, TypeError, "progress"),
    ({"law": "weibull"}, TypeError, "law"),
    ({"catalog": 3}, TypeError, "catalog must be a path"),
    ({"catalog": "/nonexistent"}, wt.InputError, "nonexistent"),
    ({"replicatons": 3}, TypeError, "replicatons"),
])
def test_arguments_that_cannot_be(scenario, arguments, error, said):
    with pytest.raises(error, match=said):
        wt.run(scenario, **arguments)


def test_options_are_keywords(scenario):
    with pytest.raises(TypeError, match="positional"):
        wt.run(scenario, 1)


def test_errors_have_one_base():
    for error in (wt.InputError, wt.ModelError, wt.SimulationError):
        assert issubclass(error, wt.Error) and error.__module__ == "windtunnel"


def test_catalog_overlay(scenario, tmp_path):
    (tmp_path / "prices.json").write_text("""{"schema": "prices/1",
      "provenance": {"source": "our contract", "retrieved": "2026-11-24", "method": "published"},
      "rows": [{"item": "p5.48xlarge", "region": "us-east-1", "purchase": "on-demand",
                "unit": "instance-hour", "usd": "$41.20", "date": "2026-11-01"}]}""")
    report = wt.run(scenario, catalog=tmp_path)
    assert report.bill["unit_price_usd"][0] == 41.2
    assert "our contract" in set(report.assumptions["source"])


def test_runs_beside_each_other(scenario, report):
    """Several Python threads may simulate at once."""
    texts = [None] * 4

    def work(index):
        texts[index] = wt.run(scenario, threads=2).to_json()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [report.to_json()] * 4
