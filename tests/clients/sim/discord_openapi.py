"""Discord's own description of its HTTP API (OpenAPI 3.1) as a judge: of what the simulated Discord answers, and of what somebody asked it.

    discord_openapi.py --openapi FILE SIM_ROOT
    discord_openapi.py --openapi FILE --recorded FOLDER

The first reads every call that the simulator at SIM_ROOT recorded and says which requests or answers are not as described. The second
judges the requests alone in what the Rust tests left in FOLDER, and proves first that it judges: the same requests, spoiled, must be refused.
Exit 1 when anything is wrong.
Needs: jsonschema.
"""

import argparse
import copy
import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

WHERE = {"request": "urn:discord:request", "answer": "urn:discord:answer"}


def corrected(whole, side):
    """The description where Discord's documentation, or what it takes from its most used clients, says otherwise."""
    schemas = copy.deepcopy(whole["components"]["schemas"])
    # Inside `errors` a code is a word (dossier §12).
    schemas["Error"]["properties"]["code"] = {"type": ["integer", "string"]}
    if side == "request":
        # discord.py and serenity send ids as numbers here and there.
        schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": schemas["SnowflakeType"]["pattern"]}
        # Permissions come back as a text, and are sent back as one.
        for schema in schemas.values():
            if "default_member_permissions" in schema.get("properties", {}):
                schema["properties"]["default_member_permissions"] = {"type": ["string", "integer", "null"]}
    return {**whole, "components": {**whole["components"], "schemas": schemas}}


class Description:
    """The description, and what is checked against it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.whole = json.load(file)
        self.registry = Registry().with_resources(
            (where, Resource.from_contents(corrected(self.whole, side), default_specification=DRAFT202012)) for side, where in WHERE.items()
        )
        self.paths = self.whole["paths"]

    def find(self, method, path):
        """The operation of a path below the API's root, and its name in the description."""
        best = None
        for template, operations in self.paths.items():
            if method.lower() not in operations:
                continue
            pattern = "^" + re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template)) + "$"
            # A path without parameters goes before one that has some.
            if re.match(pattern, path) and (best is None or template.count("{") < best.count("{")):
                best = template
        return (self.paths[best][method.lower()], best) if best else (None, None)

    def pointer(self, side, *steps):
        quoted = [step.replace("~", "~0").replace("/", "~1") for step in steps]
        return {"$ref": f"{WHERE[side]}#/" + "/".join(urllib.parse.quote(step) for step in quoted)}

    def problems(self, schema, instance):
        validator = jsonschema.Draft202012Validator(schema, registry=self.registry)
        found = []
        for error in validator.iter_errors(instance):
            worst = jsonschema.exceptions.best_match([error])
            at = "/".join(str(step) for step in worst.absolute_path)
            found.append(f"{at or 'body'}: {worst.message[:300]}")
        return found

    def request(self, method, path, body):
        """What is wrong with a request."""
        operation, template = self.find(method, path)
        if operation is None:
            return [f"{method} {path}: the description has no such route"]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            wants_none = "application/x-www-form-urlencoded" not in content
            return [f"{method} {path}: takes no body"] if body not in (None, {}, []) and wants_none else []
        if body is None:
            return [f"{method} {path}: needs a body"] if operation["requestBody"].get("required") else []
        schema = self.pointer("request", "paths", template, method.lower(), "requestBody", "content", "application/json", "schema")
        return [f"{method} {path}: {problem}" for problem in self.problems(schema, body)]

    def answer(self, method, path, status, body):
        """What is wrong with an answer."""
        operation, template = self.find(method, path)
        if operation is None:
            return [f"{method} {path}: the description has no such route"]
        responses = operation["responses"]
        name = str(status) if str(status) in responses else f"{str(status)[0]}XX"
        if name not in responses:
            return [f"{method} {path}: {status} is not described"]
        response = responses[name]
        if "$ref" in response:
            steps = response["$ref"].removeprefix("#/").split("/")
            inside = self.whole
            for step in steps:
                inside = inside[step]
        else:
            steps, inside = ["paths", template, method.lower(), "responses", name], response
        if "application/json" not in inside.get("content", {}):
            return [f"{method} {path}: {status} has a body"] if body is not None else []
        schema = self.pointer("answer", *steps, "content", "application/json", "schema")
        return [f"{method} {path} {status}: {problem}" for problem in self.problems(schema, body)]


def below_root(path):
    return re.sub(r"^/api(/v10)?", "", path)


def judge_recorded(description, recorded, answers=True):
    """All that is wrong with recorded calls. Requests that were refused are not judged: they were wrong on purpose, or the refusal says so."""
    wrong = []
    for call in recorded:
        path = below_root(call["path"])
        if path.startswith("/oauth2/token"):
            continue  # OAuth's own, not in the description
        if call["status"] < 400:
            wrong += description.request(call["method"], path, call["body"])
        if answers:
            body = call["answer"] if call["answer"] is not None else None
            wrong += description.answer(call["method"], path, call["status"], body)
    return wrong


def fetch(root):
    with urllib.request.urlopen(f"{root}__sim/recorded", timeout=20) as answer:
        return json.load(answer)


def read_folder(folder):
    """What every test left."""
    recorded = []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        recorded += json.loads(path.read_text(encoding="utf-8"))
    return recorded


def first(components):
    """The first thing in a message that is no container."""
    return first(components[0]["components"]) if components[0]["type"] in (1, 17) else components[0]


# How a request that is right is made wrong: what it is, which one it fits, and what is done to its body.
SPOILED = [
    ("a component of a kind that nobody knows", "components", lambda body: first(body["components"]).update(type=99)),
    ("components that are no list", "components", lambda body: body.update(components={"type": 10})),
    ("mentions of a kind that nobody knows", "allowed_mentions", lambda body: body.update(allowed_mentions={"parse": ["everybody"]})),
    ("a flag in words", "flags", lambda body: body.update(flags="private")),
    ("an answer of a kind that nobody knows", "type", lambda body: body.update(type=77)),
    ("somebody who is no id", "recipient_id", lambda body: body.update(recipient_id="Ana")),
    ("a thread without a name", "auto_archive_duration", lambda body: body.pop("name")),
    ("a thread that is put away after an odd while", "auto_archive_duration", lambda body: body.update(auto_archive_duration=7)),
]


def control(description, recorded):
    """What is wrong with the judge: spoiled requests that it takes, and those it has nothing to spoil for."""
    wrong = [] if description.request("POST", "/channels/1/massages", {}) else ["a route that there is not was taken"]
    for what, key, spoil in SPOILED:
        fits = [call for call in recorded if call["status"] < 400 and isinstance(call["body"], dict) and call["body"].get(key)]
        if not fits:
            wrong.append(f"the tests made no request to spoil by {what}")
            continue
        for call in fits[:5]:
            body = copy.deepcopy(call["body"])
            spoil(body)
            if not description.request(call["method"], below_root(call["path"]), body):
                wrong.append(f"{call['method']} {call['path']} with {what} was taken")
    return wrong


def judge_folder(description, folder):
    recorded = read_folder(folder)
    wrong = control(description, recorded) + judge_recorded(description, recorded, answers=False)
    for line in sorted(set(wrong)):
        print(f"discord: {line}", file=sys.stderr)
    kinds = {(call["method"], call["route"]) for call in recorded}
    print(f"discord: {len(recorded)} requests of the server to {len(kinds)} routes, {len(SPOILED) + 1} ways to spoil them, {len(wrong)} wrong")
    return bool(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--openapi", required=True)
    parser.add_argument("--recorded", metavar="FOLDER")
    parser.add_argument("root", nargs="?")
    options = parser.parse_args()
    if (options.recorded is None) == (options.root is None):
        parser.error("SIM_ROOT or --recorded FOLDER")
    if options.recorded is not None:
        sys.exit(judge_folder(Description(options.openapi), options.recorded))
    recorded = fetch(options.root)
    wrong = judge_recorded(Description(options.openapi), recorded)
    for line in wrong:
        print(f"discord: {line}", file=sys.stderr)
    print(f"discord: {len(recorded)} recorded calls, {len(wrong)} not as described")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
