"""What is looked at on every page that a test opens (habit 24 of the house)."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

# Tells the class of the post at a path ("public", "visit", "case", "staff"), or None where nobody can know.
PostClass = Callable[[str], str | None]

BOUND = {"visit", "case", "staff"}  # the classes whose forms carry a token
LINKS = {"href", "src", "action", "formaction"}
SECRET = re.compile(r"(?<![0-9a-z])[0-9a-z]{20}(?:[0-9a-z]{30})?(?![0-9a-z])")
LETTERS_PAGE = "/dev/"  # the inbox of development shows letters, and letters hold links


@dataclass
class Form:
    """A form as the page holds it."""

    method: str
    action: str
    fields: list[str] = field(default_factory=list)


@dataclass
class Page(HTMLParser):
    """A page, taken apart."""

    html: str
    language: str = ""
    title: str = ""
    headings: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what this element adds to the page."""
        held = {name: value or "" for name, value in attrs}
        self.ids += [held["id"]] if "id" in held else []
        self.links += [value for name, value in held.items() if name in LINKS]
        self.inline += [f"{tag} {name}=" for name in held if name == "style" or name.startswith("on")]
        self.inline += [f"<{tag}>"] if tag == "style" or (tag == "script" and "src" not in held) else []
        if tag == "html":
            self.language = held.get("lang", "")
        if tag == "h1":
            self.headings.append("")
        if tag == "form":
            self.forms.append(Form(held.get("method", "get").lower(), held.get("action", "")))
        if tag in ("input", "button", "select", "textarea") and self.forms:
            self.forms[-1].fields.append(held.get("name", ""))
        self._inside = tag if tag in ("title", "h1") else self._inside

    def handle_endtag(self, tag: str) -> None:
        """Leave the title or the heading."""
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        """Collect the words of title and heading."""
        if self._inside == "h1":
            self.headings[-1] += data
        # An SVG may have a title of its own; the page's is the first.
        elif self._inside == "title" and not self.headings:
            self.title += data


def faults(html: str, path: str, post_class: PostClass = lambda _: None) -> list[str]:
    """Everything that is wrong with a page, in words."""
    page = Page(html)
    found = [*_frame(page), *(f"inline: {what}" for what in page.inline)]
    if not path.startswith(LETTERS_PAGE):
        found += [f"link tells too much: {link}" for link in page.links if _tells(link)]
    for form in page.forms:
        found += _form(form, path, post_class)
    return [f"{path}: {fault}" for fault in found]


def _frame(page: Page) -> list[str]:
    heading = " ".join(page.headings[0].split()) if page.headings else ""
    repeated = [name for name, times in Counter(page.ids).items() if times > 1]
    return [
        *([] if len(page.headings) == 1 and heading else [f"{len(page.headings)} headings of the first order"]),
        *([] if " ".join(page.title.split()).startswith(heading) else [f"title {page.title!r}, heading {heading!r}"]),
        *([] if page.language else ["no language"]),
        *(f"id {name} stands there twice" for name in repeated),
    ]


def _form(form: Form, path: str, post_class: PostClass) -> list[str]:
    if form.method != "post":
        return []
    target = urlsplit(form.action).path or path
    bound = "csrf_token" in form.fields
    if form.fields.count("csrf_token") > 1:
        return [f"form {target} has two tokens"]
    wanted = post_class(target)
    if wanted is not None and (wanted in BOUND) != bound:
        return [f"form {target} is {wanted}, but has {'a' if bound else 'no'} token"]
    return []


def _tells(link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme in ("mailto", "tel"):
        return link.endswith("@mail.example") or bool(parts.query)
    if parts.path.startswith("/static/"):
        return False
    questions = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - {"lang"}
    spoken = parts.scheme in ("http", "https", "") and bool(parts.path or parts.query or parts.fragment)
    return spoken and ("@" in link or bool(SECRET.search(link)) or (bool(questions) and not parts.netloc))
