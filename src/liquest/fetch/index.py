"""What an HTML directory index has: the names its links lead to, one level down."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from ..errors import Text
from ..problems import Problem
from .names import refused_name, unsafe
from .web import Web


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [v for k, v in attrs if k == "href" and v]


def index(web: Web, url: str) -> tuple[list[str], list[Problem]]:
    """(names, a folder's with its slash; problems of names refused).

    Links up, to themselves, with a query or to another host are navigation, not names.
    """
    parser = _Links()
    parser.feed(web.text(url))
    here = urlsplit(url)
    names: list[str] = []
    problems: list[Problem] = []
    for link in parser.found:
        parts = urlsplit(link)
        if parts.query or not parts.path or parts.path in ("/", "./", "../", ".."):
            continue
        if parts.netloc and parts.netloc != here.netloc:
            continue
        path = parts.path
        if path.startswith("/"):
            if not path.startswith(here.path) or path == here.path:
                if not here.path.startswith(path):
                    problems.append(_refused(path, url))
                continue
            path = path[len(here.path) :]
        name = unquote(path)
        if unsafe(name) is not None or "/" in name.removesuffix("/"):
            problems.append(_refused(name, url))
        else:
            names.append(name)
    return sorted(set(names)), problems


def _refused(name: str, url: str) -> Problem:
    why = unsafe(name) or Text("the name leaves its folder", "名称超出所在文件夹")
    return refused_name(name, why, url)
