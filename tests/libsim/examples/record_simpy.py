#!/usr/bin/env python3
"""Records the transcripts in golden/ by running SimPy's own examples, and counts their code lines.

    python3 -m venv build/simpy && build/simpy/bin/pip install simpy==4.1.2
    build/simpy/bin/pip download --no-deps --no-binary :all: simpy==4.1.2 -d build/simpy
    tar xf build/simpy/simpy-4.1.2.tar.gz -C build/simpy
    build/simpy/bin/python tests/libsim/examples/record_simpy.py \\
        build/simpy/simpy-4.1.2/docs/examples/code
"""
import ast
import io
import pathlib
import subprocess
import sys
import tokenize

EXAMPLES = {  # SimPy's file: ours
    "bank_renege": "bank_renege", "carwash": "car_wash", "latency": "event_latency",
    "gas_station_refuel": "gas_station", "machine_shop": "machine_shop",
    "movie_renege": "movie_renege", "process_communication": "process_communication"}
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
          tokenize.ENDMARKER}


def code_lines(text):
    """Lines of a Python program that are neither blank nor all comment nor docstring."""
    docstrings = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) \
                and ast.get_docstring(node):
            docstrings |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def main(folder):
    golden = pathlib.Path(__file__).parent / "golden"
    for theirs, ours in EXAMPLES.items():
        program = pathlib.Path(folder) / f"{theirs}.py"
        printed = subprocess.run([sys.executable, program], capture_output=True, text=True,
                                 check=True).stdout
        (golden / f"{ours}.txt").write_text(printed)
        print(f"{ours} {code_lines(program.read_text())}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
