"""The installed package: its stubs, its imports, and that it carries its data."""
import os
import pathlib
import subprocess
import sys

import windtunnel as wt
from conftest import ROOT


def python(*arguments, **options):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, **options)


def test_it_is_the_installed_one():
    assert ROOT / "python" not in pathlib.Path(wt.__file__).parents


def test_version(cli):
    assert cli("version") == f"windtunnel {wt.version}\n"
    assert wt.__version__ == wt.version


def test_it_needs_no_file_but_itself(path, tmp_path):
    """Far from the sources, with nothing in the environment, the catalog and tables are there."""
    done = python("-c", "import sys, windtunnel as wt; print(wt.plan(sys.stdin.read()).fits, "
                        "len(wt.catalog('gpus')), wt.validate('oracles').scored)",
                  cwd=tmp_path, env={}, input=path.read_text())
    assert done.stdout.split() == ["True", str(len(wt.catalog("gpus"))), "31"], done.stderr


def test_pandas_is_imported_for_frames_alone(path):
    code = ("import sys, windtunnel as wt; r = wt.run(sys.argv[1], replications=2); repr(r); "
            "r._repr_html_(); r.to_json(); r.cost_samples_usd; assert 'pandas' not in sys.modules; "
            "r.bill; assert 'pandas' in sys.modules")
    done = python("-c", code, str(path))
    assert done.returncode == 0, done.stderr


def test_without_pandas(path):
    code = ("import sys; sys.modules['pandas'] = None\nimport windtunnel as wt\n"
            "r = wt.run(sys.argv[1], replications=2); print(r)\n"
            "try: r.bill\nexcept ImportError as error: print(error)")
    done = python("-c", code, str(path))
    assert done.returncode == 0 and "need pandas" in done.stdout, done.stderr


def test_everything_public_is_there():
    for name in wt.__all__:
        assert getattr(wt, name) is not None
        assert getattr(wt, name).__doc__ or name == "version", name


def test_stubs(tmp_path):
    environment = dict(os.environ, MYPY_CACHE_DIR=str(tmp_path))
    config = str(ROOT / "pyproject.toml")
    allowed = str(ROOT / "python" / "tests" / "stubtest_allowlist.txt")
    stubs = python("-m", "mypy.stubtest", "windtunnel._core", "--mypy-config-file", config,
                   "--allowlist", allowed, cwd=tmp_path, env=environment)
    assert stubs.returncode == 0, stubs.stdout + stubs.stderr
    types = python("-m", "mypy", "--config-file", config, "-p", "windtunnel", cwd=tmp_path,
                   env=environment)
    assert types.returncode == 0, types.stdout + types.stderr
