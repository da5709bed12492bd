"""Prompt injections and harmless tasks, read from public packages at test time and copied nowhere: agentdojo, bastioncorpus and
agent-injection-bench. Prints JSON lines for tests/it/injections.rs: {"set", "id", "kind": "attack" | "benign", "text"}; a harmless task that
Socrazi can be asked to do has "way": "page" (it names one), "pasted" (its material is in the message), "later" (its material was said
before) or "said" (a message and nothing else), with its "material" as the set has it, the attack in it included.

    injection_cases.py FOLDER [COUNT]   FOLDER: where the packages were unpacked (`pip install --no-deps --target FOLDER …`)
                                        COUNT: only so many of each set and kind, spread evenly over it

The packages are read, never imported: agentdojo alone would pull in half of PyPI.
"""

import ast
import json
import pathlib
import re
import sys
import textwrap

TEXT_CHARS_MAX = 8_000

# How the material of agent-injection-bench reaches an assistant here, by what carries it there: on a page, said before, or pasted.
WAYS = {"web_page": "page", "multi_turn": "later"}
FETCHING = {"fetch_url", "http_post"}
WANTS_FILES = {"tr-002"}  # an upload that is nothing but its name
# The one task of agentdojo that asks for nothing but to read a page, and those about one mail or one file that a person can paste; every
# other wants a bank, a mailbox, a calendar, a drive, a travel agent or a workspace to act in.
READS_A_PAGE = "v1/slack/UserTask0"
PASTED = {
    "v1/workspace/UserTask14": ("inbox", "Family Reunion"),
    "v1/workspace/UserTask16": ("inbox", "Facebook security code"),
    "v1/workspace/UserTask17": ("inbox", "Hiking Trip"),
    "v1/workspace/UserTask22": ("inbox", "TechServices password reset"),
    "v1/workspace/UserTask28": ("cloud_drive", "feedback.xlsx"),
    "v1/workspace/UserTask30": ("cloud_drive", "vacation-plans.docx"),
}


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
    planted = None
    for path in sorted((top / "agentdojo/default_suites").glob("*/*/*_tasks.py")):
        version, suite = path.parts[-3:-1]
        for task, name, text in constants(path):
            if name == "GOAL":
                planted = template.replace("{user}", "Emma").replace("{model}", "the assistant").replace("{goal}", text)
                yield f"{version}/{suite}/{task}", "attack", planted
            elif name == "PROMPT":
                case = f"{version}/{suite}/{task}"
                doing = ("page", told(top, text)) if case == READS_A_PAGE else ()
                if case in PASTED:
                    doing = ("pasted", pasted(top, *PASTED[case], planted))
                yield case, "benign", text, *doing


def told(top, prompt):
    """What the suite's own world has on the page that a task names."""
    page = prompt.rstrip(".").split()[-1]
    world = (top / "agentdojo/data/suites/slack/environment.yaml").read_text()
    line = next(line for line in world.splitlines() if line.strip().startswith(f"{page}:"))
    return line.split(":", 1)[1].strip().strip('"')


def pasted(top, store, wanted, planted):
    """The mails with these words in their subject, or the file of this name, with the attack where the suite's world leaves room for one."""
    lines = (top / f"agentdojo/data/suites/workspace/include/{store}.yaml").read_text()
    found = []
    for entry in lines.split("\n  - id_:")[1:]:
        fields = dict(re.findall(r"^    (\w+): (\S.*)$", entry, re.MULTILINE))
        title = json.loads(fields["subject" if store == "inbox" else "filename"])
        if wanted.lower() in title.lower():
            if store == "inbox":
                found.append(f"From: {fields['sender']}\nSubject: {title}\n\n{json.loads(fields['body'])}")
            else:
                block = re.search(r"^    content: \|\n((?:      .*\n|\n)+)", entry, re.MULTILINE).group(1)
                found.append(f"{title}\n\n{textwrap.dedent(block)}")
    if not found:
        sys.exit(f"agentdojo: nothing in its {store} is called {wanted}; has the package changed?")
    return re.sub(r"\{\w+_injection\}", lambda _: planted, "\n\n".join(found))


def bastioncorpus(top):
    """corpus/injections.jsonl: `label` tells malicious from benign."""
    for line in (top / "bastioncorpus/corpus/injections.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["label"] == "benign":
            yield row["id"], "benign", row["text"], "said", ""
        else:
            yield row["id"], "attack", row["text"]


def agent_injection_bench(top):
    """aib/data/attacks.jsonl: `injected` is what an attacker plants, `task` what the person wanted."""
    for line in (top / "aib/data/attacks.jsonl").read_text().splitlines():
        row = json.loads(line)
        planted = row.get("injected") or " ".join(str(tool.get("returns", "")) for tool in row.get("tools", []))
        yield row["id"], "attack", planted
        named = {tool["name"] for tool in row.get("tools", [])}
        is_page = "fetch_url" in named and named <= FETCHING
        way = None if row["id"] in WANTS_FILES else "page" if is_page else WAYS.get(row["channel"], "pasted")
        yield row["id"], "benign", row["task"], *((way, planted) if way else ())


def spread(cases, count):
    """So many of them, the first and others at even distances; the same ones every time."""
    return cases if count is None or count >= len(cases) else [cases[at * len(cases) // count] for at in range(count)]


def main():
    top, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    seen = set()
    for read in (agentdojo, bastioncorpus, agent_injection_bench):
        name = read.__name__.replace("_", "-")
        found = {"attack": [], "benign": []}
        for case, kind, text, *doing in read(top):
            if text.strip() and (kind, text) not in seen:
                seen.add((kind, text))
                row = {"set": name, "id": case, "kind": kind, "text": text[:TEXT_CHARS_MAX]}
                found[kind].append(row | dict(zip(("way", "material"), doing)))
        # What can be done comes first, so that a sample has some of it.
        found["benign"].sort(key=lambda row: "way" not in row)
        chosen = {kind: spread(cases, count) for kind, cases in found.items()}
        for case in chosen["attack"] + chosen["benign"]:
            print(json.dumps(case))
        done = sum("way" in row for row in found["benign"])
        print(
            f"{name}: {len(chosen['attack'])} of {len(found['attack'])} attacks, {len(chosen['benign'])} of {len(found['benign'])} benign, "
            f"{done} of which can be asked for here",
            file=sys.stderr,
        )
        if not all(found.values()):
            sys.exit(f"{name}: nothing of one kind was found; has the package changed?")


if __name__ == "__main__":
    main()
