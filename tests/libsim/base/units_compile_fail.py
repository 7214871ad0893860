#!/usr/bin/python3
"""units_compile_fail.py COMPILER SOURCE_DIR: proves that wrong expressions do not compile.

The file must compile as it stands; with WRONG defined, the compiler must report an error in every
line marked `// wrong` and in no other. One compilation judges all lines, as each is a statement of
its own. That the check itself can fail is tried first on a line that is marked and yet compiles.
"""
import pathlib
import re
import subprocess
import sys

MARK = re.compile(r"//\s*wrong\s*$")


def errors(compiler, root, text, *flags):
    """Exit status, line numbers with an error, and what the compiler said about `text`."""
    done = subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", "-I", root, "-x", "c++", *flags, "-"],
        input=text, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    lines = {int(n) for n in re.findall(r"^<stdin>:(\d+):(?:\d+:)? error:", done.stderr, re.M)}
    return done.returncode, lines, done.stderr


def judge(compiler, root, text):
    """(problems, number of marked lines)."""
    status, _, said = errors(compiler, root, text)
    if status != 0:
        return [f"does not compile without WRONG:\n{said}"], 0
    lines = text.splitlines()
    marked = {n for n, line in enumerate(lines, 1) if MARK.search(line)}
    _, refused, said = errors(compiler, root, text, "-DWRONG")
    problems = [f"line {n} compiles: {lines[n - 1].strip()}" for n in sorted(marked - refused)]
    problems += [f"line {n} is refused too: {lines[n - 1].strip()}\n{said}"
                 for n in sorted(refused - marked)]
    return problems, len(marked)


def main():
    compiler, root = sys.argv[1:]
    text = pathlib.Path(root, "tests/libsim/base/units_compile_fail.cpp").read_text()
    bait = text + "void bait(Time a) { (void)(a + a); } // wrong\n"
    assert any("bait" in problem for problem in judge(compiler, root, bait)[0]), "cannot fail"
    problems, count = judge(compiler, root, text)
    print("\n".join(problems) or f"{count} wrong expressions are refused")
    return 1 if problems or count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
