#!/usr/bin/python3
"""Runs one line of a commands.txt and compares what windtunnel prints with its golden, byte for byte.

    golden_command.py BINARY FOLDER GOLDEN

A line of FOLDER/commands.txt is "GOLDEN: arguments", with shell quoting and, at its end, "< FILE" for
standard input. It runs in FOLDER/scenarios. A golden named *.stderr belongs to input that is
refused: exit status 1, nothing on standard output, no file written, and the golden is all of
standard error. Any other golden is all of standard output, with exit status 0 and nothing on
standard error. "OUT" among the arguments is a folder that must not be there afterwards when the
command fails, and "NESTED:N" a file of N opening brackets.

After an intended change: WINDTUNNEL_UPDATE_GOLDEN=1 ctest ..., then read the difference.
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile


def arguments_of(folder, golden):
    for line in (folder / "commands.txt").read_text().splitlines():
        name, _, arguments = line.partition(":")
        if name.strip() == golden:
            return shlex.split(arguments)
    sys.exit(f"{folder}/commands.txt has no line for {golden}")


def run(binary, folder, arguments, scratch):
    stdin = b""
    if len(arguments) > 1 and arguments[-2] == "<":
        stdin = (folder / "scenarios" / arguments[-1]).read_bytes()
        arguments = arguments[:-2]
    for i, argument in enumerate(arguments):
        if argument == "OUT":
            arguments[i] = str(scratch / "out")
        elif argument.startswith("NESTED:"):
            arguments[i] = str(scratch / "nested.json")
            (scratch / "nested.json").write_bytes(b"[" * int(argument[len("NESTED:"):]))
    environment = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    return subprocess.run([binary, *arguments], cwd=folder / "scenarios", input=stdin,
                          capture_output=True, env=environment, timeout=300)


def main():
    binary, folder, golden = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    refused = golden.endswith(".stderr")
    with tempfile.TemporaryDirectory() as scratch:
        result = run(binary, folder, arguments_of(folder, golden), pathlib.Path(scratch))
        text = result.stderr if refused else result.stdout
        text = text.replace(scratch.encode(), b"SCRATCH")
        problems = []
        if result.returncode != (1 if refused else 0):
            problems.append(f"exit status {result.returncode}")
        if result.stdout if refused else result.stderr:
            problems.append(f"also printed: {(result.stdout if refused else result.stderr)!r}")
        if refused and (pathlib.Path(scratch) / "out").exists():
            problems.append("the folder of --out was made")
        if refused and not text:
            problems.append("refused without a word")
    path = folder / "golden" / golden
    if os.environ.get("WINDTUNNEL_UPDATE_GOLDEN"):
        path.write_bytes(text)
    elif not path.exists() or path.read_bytes() != text:
        problems.append(f"differs from {path}; it printed:\n{text.decode(errors='replace')}")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
