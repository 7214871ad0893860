#!/usr/bin/python3
"""Reads every #include of the project and fails on an upward or sideways edge (docs: README, map)."""
import pathlib
import re
import sys

LAYERS = [
    ["libsim/base"],
    ["libsim/engine", "libsim/stats", "libsim/trace", "libsim/json"],
    ["models/catalog", "models/cluster", "models/usage"],
    ["models/kernels", "models/network", "models/failures", "models/scheduling",
     "models/autoscaling", "models/cost"],
    ["models/provisioning", "models/operators"],
    ["models/eks"],
    ["models/training", "models/inference", "models/platform"],
    ["scenarios"],
    ["python"],
]
LEVEL = {folder: level for level, folders in enumerate(LAYERS) for folder in folders}
SIDEWAYS = {("libsim/stats", "libsim/engine"), ("libsim/trace", "libsim/engine")}
THIRD_PARTY_ONLY_IN = {  # header prefix -> the folder that may include it
    "nlohmann/": "libsim/json",
    "simgrid/": "models/network",
    "CLI/": "scenarios/cli",
    "pybind11/": "python",
}
# Never in a public header (design decision 13).
NOT_IN_HEADERS = ("nlohmann/", "boost/", "Eigen/", "simgrid/", "fmt/", "CLI/")
PUBLIC_HEADER = re.compile(r"(?<!_impl)\.hpp$")  # *_impl.hpp serves the sources of its folder alone
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The layered folder a repository path lies in, or None (tests, bench, calibration)."""
    parts = path.split("/")
    for depth in (2, 1):
        if "/".join(parts[:depth]) in LEVEL:
            return "/".join(parts[:depth])
    return None


def problems_of(path, text):
    """Sentences about the includes of one file."""
    here = folder_of(path)
    if here is None:
        if not path.startswith("calibration/"):
            return []
        return [f"{path}: includes {name}: calibration includes nothing of ours"
                for _, name in INCLUDE.findall(text) if folder_of(name)]
    found = []
    for _, name in INCLUDE.findall(text):
        there = folder_of(name)
        if there is None:
            for prefix, home in THIRD_PARTY_ONLY_IN.items():
                if name.startswith(prefix) and not path.startswith(home + "/"):
                    found.append(f"{path}: includes {name}: only {home} may")
            if PUBLIC_HEADER.search(path) and name.startswith(NOT_IN_HEADERS):
                found.append(f"{path}: a public header includes {name}")
        elif there != here and LEVEL[there] >= LEVEL[here] and (here, there) not in SIDEWAYS:
            found.append(f"{path}: includes {name}: {here} may not include {there}")
        elif name.startswith("scenarios/cli/") and not path.startswith("scenarios/cli/"):
            found.append(f"{path}: includes {name}: nothing includes the CLI")
    return found


def self_test():
    """The test can fail: each kind of bad edge is seen, each good one is not."""
    bad = [("libsim/base/a.cpp", '#include "libsim/engine/b.hpp"'),
           ("models/network/a.cpp", '#include "models/cost/b.hpp"'),
           ("models/cost/a.hpp", "#include <nlohmann/json.hpp>"),
           ("models/cost/a.hpp", "#include <boost/math/x.hpp>"),
           ("scenarios/report/a.cpp", '#include "scenarios/cli/b.hpp"'),
           ("calibration/bench/a.cu", '#include "libsim/base/units.hpp"')]
    good = [("libsim/stats/a.cpp", '#include "libsim/engine/b.hpp"'),
            ("models/cost/a.cpp", "#include <boost/math/x.hpp>"),
            ("scenarios/cli/a.cpp", '#include "scenarios/report/b.hpp"')]
    for case in bad:
        assert problems_of(*case), f"not seen: {case}"
    for case in good:
        assert not problems_of(*case), f"wrongly seen: {case}"


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    found = []
    count = 0
    for top in ("libsim", "models", "scenarios", "python", "calibration"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".hpp", ".cpp", ".h", ".cu", ".cuh"):
                count += 1
                path = file.relative_to(root).as_posix()
                if top in ("libsim", "models") and folder_of(path) is None:
                    found.append(f"{path}: its folder is in no layer")
                found += problems_of(path, file.read_text())
    print("\n".join(found) if found else f"{count} files: every include points down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
