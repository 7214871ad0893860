"""What the tests share. They run against the installed package, never against the source folder."""
import json
import os
import pathlib
import subprocess

import pytest

import windtunnel as wt

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "scenarios" / "library"
#: The CLI that the package's answers are compared with.
PROGRAM = pathlib.Path(
    os.environ.get("WINDTUNNEL_PROGRAM", ROOT / "build" / "release" / "bin" / "windtunnel")
)


@pytest.fixture(scope="session")
def path():
    return LIBRARY / "pretrain-llama3-70b-p5.json"


@pytest.fixture
def scenario(path):
    return wt.load(path, set={"/run/replications": 20})


@pytest.fixture
def values(path):
    """The scenario as a dict, to be broken."""
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def report(path):
    return wt.run(path, replications=20)


@pytest.fixture(scope="session")
def cli():
    def run(*arguments, fails=False):
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8"
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    return run
