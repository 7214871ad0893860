"""Scenarios from files, dicts and text, and every problem of broken ones."""
import copy
import pickle

import numpy
import pytest

import windtunnel as wt


def test_one_scenario_three_ways(path, values):
    from_file = wt.load(path)
    assert from_file == wt.Scenario(values) == wt.Scenario(path.read_text())
    assert from_file == wt.Scenario(str(path)) == wt.Scenario(from_file)
    assert hash(from_file) == hash(wt.Scenario(values))
    assert (from_file.name, from_file.region) == ("pretrain-llama3-70b-p5", "us-east-1")
    assert (from_file.replications, from_file.seed) == (200, 1)
    assert repr(from_file) == "<windtunnel.Scenario 'pretrain-llama3-70b-p5' in us-east-1>"


def test_answers_do_not_depend_on_the_way_in(path, values, report):
    for source in (values, path.read_text(), str(path)):
        assert wt.run(source, replications=20).to_json() == report.to_json()


def test_settings(scenario):
    changed = scenario.with_set({"/cluster/nodePools/0/count": numpy.int64(32),
                                 "/workloads/0/checkpoint/every": "10m"})
    assert changed.to_dict()["cluster"]["nodePools"][0]["count"] == 32
    assert scenario.to_dict()["cluster"]["nodePools"][0]["count"] == 64
    assert changed != scenario


def test_extends(path, tmp_path):
    small = tmp_path / "small.json"
    small.write_text('{"extends": "%s", "name": "small", "run": {"replications": 3}}' % path)
    scenario = wt.load(small)
    assert (scenario.name, scenario.replications, scenario.seed) == ("small", 3, 1)


def test_pickle(scenario):
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    assert copy.deepcopy(scenario) == scenario


def test_every_problem_at_once(values):
    values["regio"] = values.pop("region")
    values["cluster"]["nodePools"][0]["count"] = -3
    values["workloads"][0]["checkpoint"]["every"] = 30
    with pytest.raises(wt.InputError) as caught:
        wt.Scenario(values)
    pointers = [issue.pointer for issue in caught.value.issues]
    assert {"/regio", "/cluster/nodePools/0/count",
            "/workloads/0/checkpoint/every"} <= set(pointers)
    assert wt.check(values) == caught.value.issues
    for issue in caught.value.issues:
        assert issue.message in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.issues) == (str(caught.value), caught.value.issues)


def test_a_rule_across_fields_is_told_by_check_and_run(values):
    values["cluster"]["nodePools"][0]["instanceType"] = "p5.47xlarge"
    scenario = wt.Scenario(values)
    issues = wt.check(scenario)
    assert [issue.pointer for issue in issues] == ["/cluster/nodePools/0/instanceType"]
    assert "p5.48xlarge" in issues[0].message
    with pytest.raises(wt.InputError) as caught:
        wt.run(scenario)
    assert caught.value.issues == issues
    assert wt.check(values) == issues


def test_good_scenarios_have_no_issues(path):
    assert wt.check(path) == []


@pytest.mark.parametrize("source, said", [
    ("nowhere.json", "nowhere.json"),
    ('{"name": ', "line"),
    ('{"name": "a", "name": "b"}', "twice"),
])
def test_unreadable(source, said):
    with pytest.raises(wt.InputError, match=said):
        wt.Scenario(source)


@pytest.mark.parametrize("source", [None, 7, ["a"], 1.5])
def test_what_is_no_scenario(source):
    for function in (wt.Scenario, wt.run, wt.plan, wt.check, wt.load):
        with pytest.raises(TypeError, match="got"):
            function(source)


def test_settings_that_cannot_be(scenario):
    with pytest.raises(wt.InputError, match="nodePools"):
        scenario.with_set({"/cluster/nodePool/0/count": 3})
    with pytest.raises(TypeError, match="JSON value"):
        scenario.with_set({"/goals/budget": float("nan")})
    with pytest.raises(TypeError, match="JSON pointer"):
        scenario.with_set({"goals": {}})
    with pytest.raises(TypeError, match="dict"):
        scenario.with_set([("/name", "x")])


def test_explain_of_a_wrong_path():
    with pytest.raises(wt.InputError, match="nodePools"):
        wt.explain("cluster.nodePool")
    with pytest.raises(TypeError, match="string"):
        wt.explain(3)
