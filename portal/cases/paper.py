"""Paper: a letter as a PDF on A4, to print and post; the address of its reader is not ours to know."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

FONT, MARGIN, LINE = "Helvetica", 25, 6  # millimetres
# What the fonts that every reader of PDF has spell otherwise.
PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u00a0\u202f", "''\"\"--  ")


class UnfitLetters(ValueError):
    """The fonts that every reader of PDF has do not spell this language."""


@dataclass(frozen=True)
class Sheet:
    """What stands on it, from top to bottom; one of the paragraphs is the code."""

    language: str
    sender: Sequence[str]
    title: str
    paragraphs: Sequence[str]
    code: str
    made_at: datetime


def pdf(sheet: Sheet) -> bytes:
    """The letter; raises UnfitLetters."""
    # By name, so that only who makes a letter waits until the library is read.
    page = import_module("fpdf").FPDF(format="A4")
    page.set_compression(False)  # a page of text; what stands in it can be looked for
    page.set_margin(MARGIN)
    page.set_title(_fit(sheet.title))
    page.set_lang(sheet.language)
    page.set_creation_date(sheet.made_at)
    page.add_page()
    page.set_font(FONT, size=9)
    page.multi_cell(0, 4.5, _fit("\n".join(sheet.sender)), new_x="LMARGIN", new_y="NEXT")
    # Below the window of an envelope (DIN 5008).
    page.set_y(105)
    page.set_font(FONT, "B", 15)
    page.multi_cell(0, 8, _fit(sheet.title), new_x="LMARGIN", new_y="NEXT")
    page.ln(LINE)
    for paragraph in sheet.paragraphs:
        is_code = paragraph == sheet.code
        page.set_font(*(("Courier", "B", 24) if is_code else (FONT, "", 11)))
        page.multi_cell(0, LINE * 2 if is_code else LINE, _fit(paragraph), align="L", new_x="LMARGIN", new_y="NEXT")
        page.ln(LINE / 2)
    return bytes(page.output())


def _fit(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).translate(PLAIN)
    try:
        plain.encode("latin-1")
    except UnicodeEncodeError:
        raise UnfitLetters from None
    return plain
