#!/usr/bin/python3
"""Every header compiles on its own: header_self_containment.py SOURCE_DIR COMPILER.

A header that its own .cpp includes first has been compiled on its own by the build. The few others
(header-only ones, and those whose .cpp begins with another) are parsed here, each alone and twice
(an include guard is missed then), in parallel on the cores there are.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LAYERS = ("libsim", "models", "scenarios")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.M)


def first_include(source):
    match = INCLUDE.search(source.read_text(encoding="utf-8"))
    return match.group(1) if match else ""


def proven_by_the_build(root, header):
    source = header.with_suffix(".cpp")
    return source.exists() and first_include(source) == f'"{header.relative_to(root)}"'


def parse_alone(compiler, root, header, folder):
    probe = pathlib.Path(folder) / (str(header.relative_to(root)).replace("/", "_") + ".cpp")
    name = header.relative_to(root)
    probe.write_text(f'#include "{name}"\n#include "{name}"\n', encoding="utf-8")
    return subprocess.run(
        [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{root}", probe],
        capture_output=True, text=True, check=False)


def main():
    root, compiler = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    headers = sorted(h for layer in LAYERS for h in (root / layer).rglob("*.hpp"))
    others = [h for h in headers if not proven_by_the_build(root, h)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda h: parse_alone(compiler, root, h, folder), others)
        for header, result in zip(others, results):
            if result.returncode != 0:
                failed += 1
                print(f"{header.relative_to(root)} does not compile on its own:\n{result.stderr}")
    print(f"{len(headers)} headers: {len(headers) - len(others)} proven by the build, "
          f"{len(others)} parsed alone, {failed} problems")
    return 1 if failed or not headers else 0


sys.exit(main())
