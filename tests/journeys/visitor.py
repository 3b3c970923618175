"""A browser without a window: pages, forms with their hidden fields, cookies, over real HTTP to a real server.

Only what stands on the page can be done: a form is found in the HTML it was sent in, and goes back with everything
its page put into it, the CSRF token included.
"""

import http.client
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

Fields = Mapping[str, Any]
File = tuple[str, bytes]

# Forms of the frame around every page.
_FRAME = re.compile("/sign-out/|/large-type/|/i18n/")


@dataclass
class Form:
    """A form of a page; `values` is what it would send untouched, `buttons` each named button as name=value."""

    action: str
    method: str
    multipart: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: set[str] = field(default_factory=set)
    is_disabled: bool = False


class _Reader(HTMLParser):
    """Collects the text, the links and the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "svg"}:
            self._silent += 1
        elif tag == "a" and "href" in has:
            self.links.append(has["href"])
        elif tag == "form":
            kind = has.get("enctype") == "multipart/form-data"
            self._form = Form(has.get("action", ""), has.get("method", "get").lower(), kind)
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, has)

    def _field(self, form: Form, tag: str, has: dict[str, str]) -> None:
        name = has.get("name", "")
        if tag == "button":
            form.is_disabled = form.is_disabled or "disabled" in has
            if name:
                form.buttons.add(f"{name}={has.get('value', '')}")
            return
        if tag in {"input", "select", "textarea"} and name:
            form.names.add(name)
        if tag == "input" and name:
            chosen = has.get("type") not in {"radio", "checkbox"} or "checked" in has
            if chosen and has.get("type") != "file":
                form.values.append((name, has.get("value", "on" if "checked" in has else "")))
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            form.values.append((name, ""))
        elif tag == "option" and self._select and "selected" in has:
            form.values.append((self._select, has.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "svg"}:
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.values[-1] = (self._area, self._form.values[-1][1] + data)
        if not self._silent:
            self.words.append(data)


@dataclass
class Answer:
    """What a server sent back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    def read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader

    @property
    def text(self) -> str:
        """Return the words of the page, spaces made one, soft ones dropped."""
        words = " ".join("".join(self.read().words).split())
        return words.replace("\u2009", "").replace("\u200a", "")

    def form(self, action: str = "", *, having: Iterable[str] = (), lacking: Iterable[str] = ()) -> Form:
        """Return the one form whose action ends so, with these fields or buttons (`act=in`) and without those.

        Fails when there is none, or more than one.
        """
        wanted = set(having)
        forms = [f for f in self.read().forms if f.method == "post" and not _FRAME.search(f.action)]
        found = [f for f in forms if f.action.endswith(action) and wanted <= f.names | f.buttons]
        found = [f for f in found if not f.names.intersection(lacking)]
        assert len(found) == 1, (self.status, self.path, action, wanted, [f.action for f in found])
        return found[0]


class Visitor:
    """One browser profile: its cookies and where it is."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.cookies: dict[str, str] = {}
        self.page = Answer(0, {}, b"", "/")

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return its answer; redirects are not followed."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept-Language": "zh-CN"}
        link = http.client.HTTPConnection(self.host, timeout=30)
        try:
            link.request(method, path, body, {**sent, **(headers or {})})
            got = link.getresponse()
            answer = Answer(got.status, dict(got.getheaders()), got.read(), path)
            cookies = [value for name, value in got.getheaders() if name.lower() == "set-cookie"]
        finally:
            link.close()
        for line in cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def open(self, path: str) -> Answer:
        """Go to a page, following redirects."""
        answer = self.request("GET", path)
        for _hop in range(5):
            if answer.status not in {301, 302, 303}:
                break
            answer = self.request("GET", self._path(answer.headers["location"], answer.path))
        self.page = answer
        return answer

    def _path(self, location: str, base: str) -> str:
        parts = urlsplit(urljoin(f"http://{self.host}{base}", location))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def send(
        self,
        given: Fields | None = None,
        *,
        to: str = "",
        having: Iterable[str] = (),
        lacking: Iterable[str] = (),
        files: Mapping[str, list[File]] | None = None,
        page: Answer | None = None,
    ) -> Answer:
        """Fill in a form of the page and send it; follow where it leads. `to` is how the form's action ends."""
        page = page or self.page
        given = dict(given or {})
        form = page.form(to, having=having, lacking=lacking)
        buttons = {button.partition("=")[0] for button in form.buttons}
        unknown = set(given) - form.names - buttons
        assert not unknown, (page.path, unknown, sorted(form.names))
        assert not form.is_disabled, f"{page.path}: {form.action} is greyed"
        pairs = [(name, value) for name, value in form.values if name not in given]
        for name, value in given.items():
            pairs += [(name, str(one)) for one in value] if isinstance(value, list) else [(name, str(value))]
        body, kind = _multipart(pairs, files or {}) if form.multipart else _urlencoded(pairs)
        path = self._path(form.action, page.path) if form.action else page.path
        origin = {"Origin": f"http://{self.host}", "Referer": f"http://{self.host}{page.path}", "Content-Type": kind}
        answer = self.request("POST", path, body, origin)
        if answer.status in {301, 302, 303}:
            return self.open(self._path(answer.headers["location"], path))
        self.page = answer
        return answer

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call the API as the script of a page would: same origin, the session's cookie."""
        known = {"Content-Type": "application/json", "Origin": f"http://{self.host}", "Sec-Fetch-Site": "same-origin"}
        data = None if body is None else json.dumps(body).encode()
        return self.request(method, f"/api/v1{path}", data, {**known, **headers})


def _urlencoded(pairs: list[tuple[str, str]]) -> tuple[bytes, str]:
    return urlencode(pairs).encode(), "application/x-www-form-urlencoded"


def _multipart(pairs: list[tuple[str, str]], files: Mapping[str, list[File]]) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in pairs]
    for name, several in files.items():
        for filename, data in several:
            head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + data)
    body = b"".join(b"--" + mark.encode() + b"\r\n" + part + b"\r\n" for part in parts) + f"--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def number_in(path: str, pattern: str) -> int:
    """Return the number `pattern` finds in a path."""
    found = re.search(pattern, path)
    assert found is not None, path
    return int(found[1])
