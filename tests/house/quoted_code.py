#!/usr/bin/python3
"""Code quoted in the documentation is the file's own text: quoted_code.py SOURCE_DIR.

A block after the line `<!-- quote: FILE [TAG] -->` must equal what stands in FILE between its two
lines that end in `// [TAG]` or `# [TAG]`; text after the tag on the first of them counts as a comment
line of the quotation. With --update the blocks are rewritten from the files.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- quote: (\S+) \[([^\]]+)\] -->\n```(\w+)\n(.*?)```\n", re.S)


def quotation(path, tag):
    """The text between the marks, or None unless there are exactly two."""
    mark = re.compile(rf"^(\s*)(//|#) \[{re.escape(tag)}\](.*)$")
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = [i for i, line in enumerate(lines) if mark.match(line)]
    if len(marks) != 2:
        return None
    indent, comment, rest = mark.match(lines[marks[0]]).groups()
    head = [f"{indent}{comment}{rest}"] if rest else []
    return "\n".join(head + lines[marks[0] + 1:marks[1]]).strip("\n") + "\n"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    update = "--update" in sys.argv
    blocks = problems = 0
    for page in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")]):
        def check(match):
            nonlocal blocks, problems
            blocks += 1
            file, tag, language, text = match.groups()
            source = root / file
            wanted = quotation(source, tag) if source.exists() else None
            if wanted is None:
                problems += 1
                print(f"{page.relative_to(root)}: {file} has no pair of marks [{tag}]")
                return match.group(0)
            if text != wanted and not update:
                problems += 1
                print(f"{page.relative_to(root)}: not what {file} [{tag}] says:\n{wanted}")
            return f"<!-- quote: {file} [{tag}] -->\n```{language}\n{wanted}```\n"

        before = page.read_text(encoding="utf-8")
        after = BLOCK.sub(check, before)
        if update:
            page.write_text(after, encoding="utf-8")
        if after.count("<!-- quote:") != len(BLOCK.findall(after)):
            problems += 1
            print(f"{page.relative_to(root)}: a quote mark has no code block after it")
    print(f"{blocks} quotations, {problems} problems")
    return 1 if problems or blocks == 0 else 0


sys.exit(main())
