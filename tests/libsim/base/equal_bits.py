#!/usr/bin/python3
"""Equal bits of every law: equal_bits.py SOURCE_ROOT PROGRAM.

Runs PROGRAM (random_fingerprints as this build made it), then builds the same sources with each
compiler and optimisation level found here, and compares every output with the committed hashes.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

BUILDS = [("g++", "-O0"), ("g++", "-O2"), ("g++", "-O3"), ("g++", "-O3 -march=native"),
          ("clang++-14", "-O2")]
SOURCES = ["alias_table", "composed_distributions", "distribution", "error", "parameter",
           "poisson_arrivals", "random", "special_functions", "ziggurat", "zipf"]


def build(root, compiler, level, folder):
    """Compiles the program in one go; returns its path."""
    program = pathlib.Path(folder) / "random_fingerprints"
    sources = [root / f"libsim/base/{name}.cpp" for name in SOURCES]
    subprocess.run([compiler, "-std=c++20", *level.split(), "-ffp-contract=off",
                    f"-I{root}", *map(str, sources),
                    str(root / "tests/libsim/base/random_fingerprints.cpp"), "-lfmt", "-o",
                    str(program)],
                   check=True)
    return program


def differences(expected, program):
    """The laws whose hash differs, or that only one side knows."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return sorted(set(lines.splitlines()) ^ set(expected.splitlines()))


def main():
    root, built = pathlib.Path(sys.argv[1]), sys.argv[2]
    expected = (root / "tests/libsim/base/random_fingerprints.txt").read_text()
    assert len(expected.splitlines()) > 20, "the committed hashes are missing"
    failed = 0

    def report(name, program):
        nonlocal failed
        bad = differences(expected, program)
        failed += bool(bad)
        print(f"{name}: {'equal' if not bad else 'DIFFERS'}", *bad, sep="\n  ")

    report("this build", built)
    for compiler, level in BUILDS:
        if shutil.which(compiler) is None:
            print(f"{compiler} {level}: not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            report(f"{compiler} {level}", build(root, compiler, level, folder))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
