#!/usr/bin/python3
"""The coroutine laws of libsim/engine/process.hpp, which g++ 12 breaks memory without:

1. no braces (aggregates) inside a co_await expression, and awaitable types declare a constructor;
2. no lambda and no std::function inside one, and no capturing lambda is itself a coroutine;
3. co_await stands alone: a whole statement, or the whole right-hand side of one;
4. await_suspend returns void: resuming is the event loop's business (no symmetric transfer).

A heuristic on text: it reads formatted code, not any code.
"""
import pathlib
import re
import sys

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
LAMBDA = re.compile(r"(?<![\w)\]])\[[^\[\]]*\]\s*[({]")
# What may stand between the last ; { or } and a co_await: nothing, an assignment, a loop's head.
ALONE = re.compile(r"(?:else|do|(?:else )?(?:if|for|while|switch) ?\(.*\)|[^()]*\))?$", re.S)
ASSIGNED = re.compile(r"(?:const )?[\w:<>,&*.\->\[\] ]+ ?=$")
# An operator, with spaces around it as the formatter puts them.
OPERATOR = re.compile(r"\s(?:[-+*/%&|^<>=!?:]{1,3})\s|,")
COROUTINE_LAMBDA = re.compile(
    r"(?<![\w)\]])\[[^\[\]]+\]\s*(?:\([^()]*\))?[^;{}()]*->\s*(?:[\w:]*::)?Process\b")
SUSPEND = re.compile(r"([\w:<>]+)\s+await_suspend\s*\(")
AWAITABLE = re.compile(r"\b(?:class|struct)\s+([\w:<>]+?)(?:\s+final)?\s*(?:(?<!:):(?!:)[^;{]*)?\{")


def blank(match):
    """Comments and literals become spaces, line breaks stay."""
    return re.sub(r"[^\n]", " ", match.group())


def outermost(text):
    """`text` without what stands in parentheses, brackets or template arguments of calls."""
    depth, kept = 0, []
    for c in text:
        depth -= c in ")]}"
        if depth == 0:
            kept.append(c)
        depth += c in "([{"
    return "".join(kept)


def body_of(text, opening):
    """From the brace at `opening` to its partner."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[opening:at]
    return text[opening:]


def expression_problems(code, at):
    """What is wrong with the co_await at offset `at`."""
    before = re.split(r"[;{}]", code[:at])[-1]
    before = re.sub(r"\b(case [^:]*|default):", "", before)
    before = re.sub(r"\s+", " ", before).strip()
    operand = code[at + len("co_await"):].split(";")[0]
    if LAMBDA.search(operand):
        yield "a lambda inside"
    elif "{" in operand:
        yield "braces inside: name the value first"
    if "std::function" in operand:
        yield "a std::function inside"
    head, _, last = before.rpartition(") ")
    alone = ALONE.match(before) or ASSIGNED.match(before) or (head and ASSIGNED.match(last))
    if not alone or OPERATOR.search(outermost(operand)) or "co_await" in operand \
            or operand.count("(") != operand.count(")"):
        yield "not a whole statement or right-hand side"


def problems_of(path, text):
    code = NOISE.sub(blank, text)
    found = []

    def report(offset, what):
        found.append(f"{path}:{code.count(chr(10), 0, offset) + 1}: {what}")

    for match in re.finditer(r"\bco_await\b", code):
        for what in expression_problems(code, match.start()):
            report(match.start(), f"co_await: {what}")
    for match in COROUTINE_LAMBDA.finditer(code):
        report(match.start(), "a capturing lambda is a coroutine")
    for match in SUSPEND.finditer(code):
        if match.group(1) != "void":
            report(match.start(), "await_suspend does not return void")
    for match in AWAITABLE.finditer(code):
        body = body_of(code, match.end() - 1)
        name = re.sub(r"<.*>", "", match.group(1)).split("::")[-1]
        inner = re.sub(r"\{[^{}]*\}", "{}", body[1:])
        while inner != (inner := re.sub(r"\{(?:[^{}]|\{\})+\}", "{}", inner)):
            pass  # members of members are theirs
        if re.search(r"\bawait_ready\b|\bawaiter\s*\(\s*ProcessState", inner) \
                and not re.search(rf"(?<![~\w]){name}\s*\((?!const {name}&|{name}&&)", inner):
            report(match.start(), f"awaitable {name} declares no constructor")
    return found


BAD = [
    "co_await Pair{1, 2};",
    "co_await wait({a, b});",
    "co_await run([&] { return 1; });",
    "co_await run([x] (int i) { return i; });",
    "co_await run(std::function<void()>(f));",
    "return co_await get();",
    "use(co_await get());",
    "if (co_await get()) go();",
    "int x = 1 + co_await get();",
    "const int x = co_await get() + 1;",
    "int x = flag ? co_await a : 2;",
    "x = co_await (co_await b).c();",
    "co_await a, co_await b;",
    "auto f = [&sim](int i) -> Process { go(); };",
    "std::coroutine_handle<> await_suspend(Handle h);",
    "bool await_suspend(Handle h) { return true; }",
    "struct Gate { Event e; bool await_ready() { return false; } };",
    "class Store<T>::Ask { public: Store& s; Awaiter awaiter(ProcessState& p) { return Awaiter(s, p); } };",
]
GOOD = [
    "co_await seconds(3);",
    "Lease lease = co_await counter.request();",
    "const Lease lease =\n    co_await counter.request(1);",
    "std::optional<int> x = co_await queue.get();",
    "item_.value = co_await queue.get();",
    "for (int i = 0; i < n; ++i) co_await step;",
    "for (;;) {\n  // {why}\n  co_await step;\n}",
    "if (late) co_await delay; else co_await other;",
    "while (go(a, b)) co_await items[i].get(a, b);",
    "case 3: co_await step;",
    "// return co_await [&]{}\nco_await done(p);",
    'log("co_await {x}");',
    "auto f = [](int i) -> Process { go(); };",
    "auto name = [this](Process p) { return 1; };",
    "void await_suspend(Process::Handle);",
    "template <class T> class Store<T>::Ask : Base { public: explicit Ask(Store& s) : s_(s) {} Awaiter awaiter(ProcessState& p); };",
    "class Wait { class Awaiter { public: Awaiter(int i) { use({i}); } bool await_ready(); }; };",
]


def self_test():
    for text in BAD:
        assert problems_of("bad", text), f"not seen: {text}"
    for text in GOOD:
        assert not problems_of("good", text), f"wrongly seen: {problems_of('good', text)}: {text}"


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    found, coroutines = [], 0
    for top in ("libsim", "models", "scenarios", "python", "bench", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in (".hpp", ".cpp"):
                text = file.read_text(encoding="utf-8")
                coroutines += "co_await" in text
                found += problems_of(file.relative_to(root).as_posix(), text)
    print("\n".join(found) if found else f"{coroutines} files with co_await keep the laws")
    return 1 if found or coroutines == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
