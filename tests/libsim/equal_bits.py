#!/usr/bin/python3
"""Equal bits on every compiler: equal_bits.py SOURCE_ROOT PROGRAMS_OF_THIS_BUILD.

Each of PROGRAMS prints a hash a line; its committed output lies beside its source, as .txt. It is
compared with what this build prints, and with what the same sources print when they are built with
each compiler and optimisation level found here.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ["tests/libsim/base/random_fingerprints", "tests/libsim/engine/trace_fingerprints"]
BUILDS = [("g++", "-O0"), ("g++", "-O2"), ("g++", "-O3"), ("g++", "-O3 -march=native"),
          ("clang++-14", "-O2")]


def build(root, compiler, level, folder):
    """Compiles all programs into `folder`."""
    library = [file for part in ("base", "engine") for file in (root / "libsim" / part).glob("*.cpp")]
    programs = [root / f"{program}.cpp" for program in PROGRAMS]
    command = [compiler, "-std=c++20", *level.split(), "-ffp-contract=off", f"-I{root}"]
    subprocess.run([*command, "-c", *library, *programs], check=True, cwd=folder)
    objects = [f"{source.stem}.o" for source in library]
    for program in programs:
        subprocess.run([*command, f"{program.stem}.o", *objects, "-lfmt", "-lz", "-o", program.stem],
                       check=True, cwd=folder)


def differences(expected, program):
    """The lines that differ, or that only one side has."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return sorted(set(lines.splitlines()) ^ set(expected.splitlines()))


def main():
    root, built = (pathlib.Path(argument) for argument in sys.argv[1:])
    failed = 0

    def report(name, folder):
        nonlocal failed
        for program in map(pathlib.Path, PROGRAMS):
            expected = (root / program).with_suffix(".txt").read_text()
            assert len(expected.splitlines()) >= 4, "the committed hashes are missing"
            bad = differences(expected, pathlib.Path(folder) / program.name)
            failed += bool(bad)
            print(f"{program.name}, {name}: {'DIFFERS' if bad else 'equal'}", *bad, sep="\n  ")

    report("this build", built)
    for compiler, level in BUILDS:
        if shutil.which(compiler) is None:
            print(f"{compiler} {level}: not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            build(root, compiler, level, folder)
            report(f"{compiler} {level}", folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
