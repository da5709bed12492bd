"""A browser in a few lines: cookies, forms, redirects, and the headers a browser adds. Standard library only, loopback only."""

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

TIMEOUT_S = 20


@dataclass
class Form:
    """A form with everything it would send if nothing were changed; `choices` are its submit buttons."""

    method: str
    action: str
    fields: dict = field(default_factory=dict)
    choices: list = field(default_factory=list)

    def offers(self, word):
        """Whether sending it (or pressing one of its buttons) means `word`."""
        last = urllib.parse.urlsplit(self.action).path.rstrip("/").rpartition("/")[2]
        values = [*self.fields.values(), *(value for _, value in self.choices)]
        return word == last or word in values


class _Forms(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.forms = []
        self._open = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(attrs.get("method", "get").lower(), attrs.get("action", ""))
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag in ("input", "button"):
            kind = attrs.get("type", "submit" if tag == "button" else "text")
            if kind == "submit":
                self._open.choices.append((attrs.get("name", ""), attrs.get("value", "")))
            elif attrs.get("name") and (kind not in ("checkbox", "radio") or "checked" in attrs):
                self._open.fields[attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


@dataclass
class Page:
    """What came back in the end, after redirects."""

    status: int
    url: str
    text: str
    headers: dict

    @property
    def forms(self):
        return _Forms(self.text).forms

    def form(self, word):
        """The one form that means `word`."""
        found = [form for form in self.forms if form.offers(word)]
        if len(found) != 1:
            raise AssertionError(f"{self.url} ({self.status}) has {len(found)} forms for {word!r}:\n{self.text[:2000]}")
        return found[0]


class Browser:
    """One person's browser. `cookie_file` keeps the session for another process."""

    def __init__(self, cookie_file=None):
        self.jar = http.cookiejar.MozillaCookieJar(cookie_file)
        if cookie_file:
            try:
                self.jar.load(ignore_discard=True)
            except FileNotFoundError:
                pass
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def save(self):
        self.jar.save(ignore_discard=True)

    def get(self, url):
        return self._moved(self._open(urllib.request.Request(url, headers={"Accept": "text/html"})))

    def _moved(self, page):
        """Goes on where a page that only moves on says (`meta refresh`), as a browser does."""
        found = re.search(r'<meta http-equiv="refresh" content="0;url=([^"]+)"', page.text)
        return self.get(urllib.parse.urljoin(page.url, html.unescape(found.group(1)))) if found else page

    def post(self, url, fields):
        parts = urllib.parse.urlsplit(url)
        headers = {
            "Accept": "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate",
        }
        body = urllib.parse.urlencode(fields).encode()
        return self._moved(self._open(urllib.request.Request(url, body, headers, method="POST")))

    def press(self, page, word):
        """Sends the form that means `word`, with its hidden fields, as pressing that button does."""
        form = page.form(word)
        pressed = {name: value for name, value in form.choices if name and value == word}
        action = urllib.parse.urljoin(page.url, form.action)
        return self.post(action, {**form.fields, **pressed})

    def _open(self, request):
        try:
            with self.opener.open(request, timeout=TIMEOUT_S) as answer:
                return Page(answer.status, answer.url, answer.read().decode("utf-8", "replace"), dict(answer.headers))
        except urllib.error.HTTPError as answer:
            return Page(answer.code, answer.url, answer.read().decode("utf-8", "replace"), dict(answer.headers))
