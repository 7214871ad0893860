"""Failure laws written in Python."""
import re
import textwrap

import numpy
import pytest

import windtunnel as wt


class Exponential:
    """The built-in law with its draws in its order."""

    def __init__(self, fleet):
        self.nodes = fleet.nodes
        self.per_hour = fleet.nodes * fleet.failures_per_node_hour

    def next(self, now_s, random):
        at_s = now_s + 3600 * random.exponential(1 / self.per_hour)
        return at_s, random.below(self.nodes)

    def replaced(self, node, now_s):
        pass


class Never(Exponential):
    def next(self, now_s, random):
        return None


def test_equal_draws_give_equal_answers(scenario, report):
    ours = wt.run(scenario, law=Exponential)
    # Seconds as a double round to a few nanoseconds.
    numpy.testing.assert_allclose(ours.finish_samples_s, report.finish_samples_s, atol=1e-6, rtol=0)
    assert ours.failures.equals(report.failures)


def test_threads_change_nothing(scenario):
    texts = {wt.run(scenario, law=Exponential, threads=threads).to_json() for threads in (1, 2, 4)}
    assert len(texts) == 1


def test_it_says_that_it_is_python(scenario):
    assert any("Python law Exponential" in text and "slower" in text
               for text in wt.run(scenario, law=Exponential).warnings)


def test_never(scenario):
    assert wt.run(scenario, law=Never).failures["mean"].sum() == 0


def test_what_a_law_is_told(scenario):
    """Times do not go back, nodes are those of the job, replaced ones have failed."""
    calls = []

    class Watching(Exponential):
        def __init__(self, fleet):
            super().__init__(fleet)
            self.now, self.failed = 0.0, set()
            calls.append((fleet.nodes, fleet.shape))

        def next(self, now_s, random):
            assert now_s >= self.now
            self.now = now_s
            at_s, node = super().next(now_s, random)
            self.failed.add(node)
            return at_s, node

        def replaced(self, node, now_s):
            assert node in self.failed and now_s >= self.now
            calls.append("replaced")

    wt.run(scenario, law=Watching)
    assert calls.count((64, 1.0)) == 20 and "replaced" in calls


def test_a_function_may_make_the_law(scenario):
    made = wt.run(scenario, law=lambda fleet: Exponential(fleet))
    assert made.failures.equals(wt.run(scenario, law=Exponential).failures)


def test_the_documented_law(scenario):
    """One failure a night strikes at two; failures meanwhile would shift nothing."""
    text = wt.FailureLaw.__doc__
    code = text[text.index("        class Nightly"):text.index("    Draw from")]
    names = {}
    exec(textwrap.dedent(code), names)
    report = wt.run(scenario, law=names["Nightly"], replications=3)
    nights = report.finish_samples_s.mean() / 86400
    assert abs(report.failures["mean"].sum() - nights) < 1


def law_of(answer):
    class Wrong(Exponential):
        def next(self, now_s, random):
            return answer(now_s)
    return Wrong


@pytest.mark.parametrize("answer, said", [
    (lambda now: 1 / 0, "ZeroDivisionError"),
    (lambda now: now, "must return"),
    (lambda now: (now + 1, 64), "node 64 of 64"),
    (lambda now: (now + 1, -1), "node -1"),
    (lambda now: (now - 1, 0), "not after now"),
    (lambda now: (float("nan"), 0), "not after now"),
    (lambda now: ("soon", 0), "failure law Wrong"),
    (lambda now: [now + 1, 0], "must return"),
])
def test_errors_reach_the_caller(scenario, answer, said):
    with pytest.raises(wt.SimulationError, match=said) as caught:
        wt.run(scenario, law=law_of(answer), threads=2)
    assert re.match(r"replication 0: at \S+, process .pretrain.: failure law Wrong", str(caught.value))


def test_errors_of_making_one(scenario):
    def broken(fleet):
        raise LookupError("no such fleet")

    with pytest.raises(wt.SimulationError, match="broken: LookupError: no such fleet"):
        wt.run(scenario, law=broken)
    with pytest.raises(wt.SimulationError, match="next"):
        wt.run(scenario, law=lambda fleet: object())


def test_a_stream_is_lent_for_one_call(scenario):
    kept = []

    class Keeping(Exponential):
        def next(self, now_s, random):
            kept.append(random)
            return super().next(now_s, random)

    wt.run(scenario, law=Keeping, replications=1)
    with pytest.raises(wt.Error, match="one call"):
        kept[0].uniform()


def test_random_draws(scenario):
    """Means of what a law can draw, within five standard errors."""
    draws = {name: [] for name in ("uniform", "below", "exponential", "normal", "lognormal",
                                   "weibull", "gamma", "poisson")}

    class Drawing(Never):
        def next(self, now_s, random):
            for _ in range(4000):
                draws["uniform"].append(random.uniform())
                draws["below"].append(random.below(10))
                draws["exponential"].append(random.exponential(3))
                draws["normal"].append(random.normal())
                draws["lognormal"].append(random.lognormal(2, 0.5))
                draws["weibull"].append(random.weibull(2, 1))
                draws["gamma"].append(random.gamma(3, 2))
                draws["poisson"].append(random.poisson(4))
            return None

    wt.run(scenario, law=Drawing, replications=1)
    means = {"uniform": 0.5, "below": 4.5, "exponential": 3, "normal": 0,
             "lognormal": 2 * numpy.exp(0.125), "weibull": numpy.sqrt(numpy.pi) / 2, "gamma": 6,
             "poisson": 4}
    for name, values in draws.items():
        error = numpy.std(values) / numpy.sqrt(len(values))
        assert abs(numpy.mean(values) - means[name]) < 5 * error, name
