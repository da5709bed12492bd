"""Prompt injections and harmless tasks, read from public packages at test time and copied nowhere: agentdojo, bastioncorpus and
agent-injection-bench. Prints JSON lines for tests/it/injections.rs: {"set", "id", "kind": "attack" | "benign", "text"}.

    injection_cases.py FOLDER [COUNT]   FOLDER: where the packages were unpacked (`pip install --no-deps --target FOLDER …`)
                                        COUNT: only so many of each set and kind, spread evenly over it

The packages are read, never imported: agentdojo alone would pull in half of PyPI.
"""

import ast
import json
import pathlib
import sys

TEXT_CHARS_MAX = 8_000


def value(node, names):
    """A text built of constants and names that were set before; `None` for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return str(node.value)
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = [value(part.value if isinstance(part, ast.FormattedValue) else part, names) for part in node.values]
        return None if None in parts else "".join(parts)
    return None


def constants(module):
    """(class, name, text) of every text that a class sets."""
    for found in [node for node in ast.parse(module.read_text()).body if isinstance(node, ast.ClassDef)]:
        names = {}
        for statement in [node for node in found.body if isinstance(node, ast.Assign)]:
            text = value(statement.value, names)
            if text is not None:
                for target in [node for node in statement.targets if isinstance(node, ast.Name)]:
                    names[target.id] = text
                    yield found.name, target.id, text


def agentdojo(top):
    """GOAL of default_suites/*/*/injection_tasks.py in the template of its own strongest attack; PROMPT of user_tasks.py."""
    attack = top / "agentdojo/attacks/important_instructions_attacks.py"
    template = next(text for _, name, text in constants(attack) if name == "_JB_STRING")
    for path in sorted((top / "agentdojo/default_suites").glob("*/*/*_tasks.py")):
        version, suite = path.parts[-3:-1]
        for task, name, text in constants(path):
            if name == "GOAL":
                planted = template.replace("{user}", "Emma").replace("{model}", "the assistant").replace("{goal}", text)
                yield f"{version}/{suite}/{task}", "attack", planted
            elif name == "PROMPT":
                yield f"{version}/{suite}/{task}", "benign", text


def bastioncorpus(top):
    """corpus/injections.jsonl: `label` tells malicious from benign."""
    for line in (top / "bastioncorpus/corpus/injections.jsonl").read_text().splitlines():
        row = json.loads(line)
        yield row["id"], "benign" if row["label"] == "benign" else "attack", row["text"]


def agent_injection_bench(top):
    """aib/data/attacks.jsonl: `injected` is what an attacker plants, `task` what the person wanted."""
    for line in (top / "aib/data/attacks.jsonl").read_text().splitlines():
        row = json.loads(line)
        planted = row.get("injected") or " ".join(str(tool.get("returns", "")) for tool in row.get("tools", []))
        yield row["id"], "attack", planted
        yield row["id"], "benign", row["task"]


def spread(cases, count):
    """So many of them, the first and others at even distances; the same ones every time."""
    return cases if count is None or count >= len(cases) else [cases[at * len(cases) // count] for at in range(count)]


def main():
    top, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    seen = set()
    for read in (agentdojo, bastioncorpus, agent_injection_bench):
        name = read.__name__.replace("_", "-")
        found = {"attack": [], "benign": []}
        for case, kind, text in read(top):
            if text.strip() and (kind, text) not in seen:
                seen.add((kind, text))
                found[kind].append({"set": name, "id": case, "kind": kind, "text": text[:TEXT_CHARS_MAX]})
        chosen = {kind: spread(cases, count) for kind, cases in found.items()}
        for case in chosen["attack"] + chosen["benign"]:
            print(json.dumps(case))
        print(
            f"{name}: {len(chosen['attack'])} of {len(found['attack'])} attacks, {len(chosen['benign'])} of {len(found['benign'])} benign",
            file=sys.stderr,
        )
        if not all(found.values()):
            sys.exit(f"{name}: nothing of one kind was found; has the package changed?")


if __name__ == "__main__":
    main()
