"""Asks the simulated Gemini through google-genai, Google's own client: what it sends is taken, and what comes back it can read.

    genai_check.py SIM_ROOT

Exit 1 with a sentence when something differs. Needs: google-genai.
"""

import json
import sys
import urllib.request

from google import genai
from google.genai import errors, types

from pretended import Wrong, expect

KEY = "AQ.sim-gemini-key-0123456789abcdef"
MODEL = "gemini-3.8-flash"


class Gemini:
    """The client, and the simulator's script."""

    def __init__(self, root):
        self.root = root
        self.client = self.with_key(KEY)

    def with_key(self, key):
        return genai.Client(api_key=key, http_options={"base_url": self.root, "api_version": "v1beta"})

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.root}__sim/{path}", data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def plays(self, *plays):
        self.control("script", [{"play": play} for play in plays])

    def says(self, *pieces, **how):
        self.plays({"say": {"pieces": list(pieces), **how}})

    def refused(self, code, call):
        try:
            call()
        except errors.APIError as error:
            expect(error.code == code, f"{error.code} instead of {code}: {error}")
            return error
        raise Wrong(f"nothing was refused with {code}")


def texts(gemini):
    gemini.says({"thought": "Let me see."}, {"text": "Guten Tag, 東京!"})
    answer = gemini.client.models.generate_content(model=MODEL, contents="hello")
    expect(answer.text == "Guten Tag, 東京!", f"the text came as {answer.text!r}")
    expect(answer.candidates[0].content.parts[0].thought is True, "the thought is not told from the answer")
    expect(answer.usage_metadata.thoughts_token_count > 0, "thoughts are not counted")
    expect(answer.model_version == MODEL and answer.candidates[0].finish_reason.value == "STOP", str(answer))
    long = "A longer text, so that it arrives in several pieces. " * 4
    for how in ({}, {"crlf": True}, {"cut": {"bytes": 3}}, {"trailing_signature": True}):
        gemini.says({"text": long}, **how)
        chunks = list(gemini.client.models.generate_content_stream(model=MODEL, contents="hello"))
        expect("".join(chunk.text or "" for chunk in chunks) == long, f"the stream was read wrongly: {how}")
        expect(len(chunks) > 3, "the stream came in one piece")
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    gemini.says({"text": '{"a": "b"}'})
    config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=schema, system_instruction="Be brief.")
    expect(json.loads(gemini.client.models.generate_content(model=MODEL, contents="x", config=config).text) == {"a": "b"}, "no JSON")
    expect(gemini.client.models.count_tokens(model=MODEL, contents="hello").total_tokens > 0, "no tokens were counted")
    names = [model.name for model in gemini.client.models.list()]
    expect(f"models/{MODEL}" in names, f"the models are {names}")


def chat(gemini):
    """The client carries calls out by itself, in parallel, and replays the signatures."""
    seen = []

    def views(channel: str) -> dict:
        """Views of a channel."""
        seen.append(channel)
        return {"views": 12}

    def likes(channel: str) -> dict:
        """Likes of a channel."""
        seen.append(channel)
        return {"likes": 3}

    calls = [{"call": {"name": name, "args": {"channel": name}}} for name in ("views", "likes")]
    gemini.says(*calls)
    gemini.says({"call": {"name": "views", "args": {"channel": "again"}}})
    gemini.says({"text": "12 views."}, trailing_signature=True)
    gemini.says({"text": "Yes."})
    config = types.GenerateContentConfig(tools=[views, likes])
    talk = gemini.client.chats.create(model=MODEL, config=config)
    expect(talk.send_message("How many?").text == "12 views.", "the chat did not reach its end")
    expect(seen == ["views", "likes", "again"], f"the calls carried out were {seen}")
    expect(talk.send_message("Sure?").text == "Yes.", "the chat cannot go on")
    last = gemini.control("asked")["asked"][-1]["body"]["contents"]
    signed = [part for content in last for part in content["parts"] if "thoughtSignature" in part]
    expect(len(signed) == 3, f"the client sent {len(signed)} signatures back, 3 were expected")
    expect(signed[-1]["text"] == "", f"the signature behind the text came back on {signed[-1]}")
    told = [part["functionResponse"]["name"] for content in last for part in content["parts"] if "functionResponse" in part]
    expect(told == ["views", "likes", "views"], f"the simulator was told of {told}")


def refusals(gemini):
    ask = lambda: gemini.client.models.generate_content(model=MODEL, contents="x")  # noqa: E731
    gemini.plays({"exhausted": {"retry_s": 37.5}})
    limited = gemini.refused(429, ask)
    expect(limited.status == "RESOURCE_EXHAUSTED", f"its status is {limited.status}")
    gemini.plays({"refused": [503, "UNAVAILABLE"]})
    expect(isinstance(gemini.refused(503, ask), errors.ServerError), "503 is no error of the server")
    gemini.plays({"refused": [503, "UNAVAILABLE"]})
    gemini.refused(503, lambda: list(gemini.client.models.generate_content_stream(model=MODEL, contents="x")))
    gemini.plays({"blocked": "SAFETY"})
    answer = ask()
    expect(not answer.candidates and answer.prompt_feedback.block_reason.value == "SAFETY", f"not blocked: {answer}")
    wrong = gemini.with_key("AQ.wrong")
    gemini.refused(400, lambda: wrong.models.generate_content(model=MODEL, contents="x"))
    gemini.refused(404, lambda: gemini.client.models.generate_content(model="gemini-2.0-flash", contents="x"))
    call = types.Part(function_call=types.FunctionCall(id="1", name="views", args={}))
    result = types.Part(function_response=types.FunctionResponse(id="1", name="views", response={"output": 1}))
    contents = [
        types.Content(role="user", parts=[types.Part(text="x")]),
        types.Content(role="model", parts=[call]),
        types.Content(role="user", parts=[result]),
    ]
    unsigned = gemini.refused(400, lambda: gemini.client.models.generate_content(model=MODEL, contents=contents))
    expect("thought_signature" in unsigned.message, unsigned.message)
    gemini.says({"call": {"name": "views", "args": {}}})
    asked = ask().candidates[0].content
    result.function_response.id = asked.parts[0].function_call.id
    contents[1:] = [asked, types.Content(role="user", parts=[result])]
    again = lambda: gemini.client.models.generate_content(model=MODEL, contents=contents)  # noqa: E731
    gemini.says({"text": "fine"})
    expect(again().text == "fine", "a call with its own signature was not taken")
    asked.parts[0].thought_signature += b"x"
    changed = gemini.refused(400, again)
    expect("signature is not valid" in changed.message, changed.message)
    warm = types.GenerateContentConfig(temperature=0.5)
    gemini.refused(400, lambda: gemini.client.models.generate_content(model=MODEL, contents="x", config=warm))


def main():
    gemini = Gemini(sys.argv[1])
    for part in (texts, chat, refusals):
        try:
            part(gemini)
        except Wrong as wrong:
            sys.exit(f"genai: {part.__name__}: {wrong}")
    asked = gemini.control("asked")
    # The official client has no way to say store: false; it may break no other rule.
    odd = {rule for rule in asked["violations"] if "store" not in rule}
    if odd:
        sys.exit(f"genai: the client broke {odd}")
    print(f"google-genai {genai.__version__} and the simulated Gemini agree on {len(asked['asked'])} requests")


if __name__ == "__main__":
    main()
