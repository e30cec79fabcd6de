"""Rules that look at purchases: who bought or tried, when, on which platform, under which brand."""

import re
from pathlib import Path

import pytest

from portal.cohort.deriving import derive
from portal.config import ROOT
from portal.incident import file
from portal.incident.faults import IncidentFaults
from portal.incident.file import Incident

SHEET = (ROOT / "tests" / "data" / "chinook-purchases" / "incident.toml").read_text(encoding="utf-8")
IN_MARCH = "since = 2024-03-01\nbefore = 2024-04-01"  # in Berlin: eight hours behind Tokyo, and seven from 31 March


def incident(folder: Path, conditions: str, columns: str = "", sheet: str = SHEET) -> Incident:
    """The real incident with one rule of these conditions."""
    rule = f'[[rules]]\n{conditions}\nresult = "AFFECTED"\ncategories = ["name"]\n\n[otherwise]'
    begin, end = sheet.index("# Who bought in North"), sheet.index("[otherwise]")
    text = sheet[:begin] + rule + sheet[end + len("[otherwise]") :] + columns
    words = ROOT / "tests" / "data" / "chinook-purchases" / "en"
    folder.joinpath("incident.toml").write_text(text, encoding="utf-8")
    if not folder.joinpath("en").exists():
        folder.joinpath("en").symlink_to(words)
    return file.read(folder)


def affected(
    held: Incident, folder: Path, *purchases: str, header: str = "CustomerId,InvoiceDate,State,On,Shop"
) -> str:
    """The customers who are affected; six of them, a to f, each of another country."""
    people = zip("abcdef", ("Germany", "USA", "France", "", "Spain", "Italy"), strict=True)
    lines = "".join(f"{name},{name}@mail.example,{country},{name}-shop\n" for name, country in people)
    folder.joinpath("c.csv").write_text(f"CustomerId,Email,Country,Shop\n{lines}")
    folder.joinpath("p.csv").write_text("".join(f"{line}\n" for line in (header, *purchases)))
    folder.joinpath("list.csv").unlink(missing_ok=True)
    derive(held, [str(folder / "c.csv")], [str(folder / "p.csv")], folder / "list.csv")
    return "".join(re.findall(r"^(\w),.*,AFFECTED", folder.joinpath("list.csv").read_text(), re.MULTILINE))


def test_dates_are_half_open_in_the_zone_of_the_incident(tmp_path: Path) -> None:
    held = incident(tmp_path, IN_MARCH)
    moments = (
        "a,2024-03-01 07:59:59.999,,,",
        "b,2024-03-01 08:00:00,,,",
        "c,2024-04-01 06:59:59.999,,,",
        "d,2024-04-01 07:00:00,,,",
        "e,2024-03-10,,,",
        "f,2024-04-01T06:59,,,",
    )
    assert affected(held, tmp_path, *moments) == "bcef"


def test_trying_to_buy_is_not_buying_unless_the_rule_says_so(tmp_path: Path) -> None:
    columns = 'state = "State"\n[purchases.values.state]\npaid = "bought"\ndeclined = "tried"\ntest = "neither"\n'
    said = ("a,2024-03-01,paid,,", "b,2024-03-01,declined,,", "c,2024-03-01,test,,")
    assert affected(incident(tmp_path, 'did = "bought"', columns), tmp_path, *said) == "a"
    assert affected(incident(tmp_path, 'did = "tried"', columns), tmp_path, *said) == "b"
    assert affected(incident(tmp_path, 'did = ["bought", "tried"]', columns), tmp_path, *said) == "ab"
    assert affected(incident(tmp_path, "since = 2024-01-01", columns), tmp_path, *said) == "ab"


def test_platforms_and_countries_are_named_or_left_out(tmp_path: Path) -> None:
    columns = 'platform = "On"\n[purchases.values.platform]\n"iOS app" = "app"\n'
    said = ("a,2024-03-01,,iOS app,", "b,2024-03-01,, web ,", "c,2024-03-01,,phone,", "c,2023-01-01,,app,")
    assert affected(incident(tmp_path, 'platform = ["app", "web"]', columns), tmp_path, *said) == "abc"
    assert affected(incident(tmp_path, 'platform = "app"\nsince = 2024-01-01', columns), tmp_path, *said) == "a"
    assert affected(incident(tmp_path, 'not_platform = ["app"]', columns), tmp_path, *said) == "bc"
    assert affected(incident(tmp_path, 'did = "bought"\nnot_country = "FR"', columns), tmp_path, *said) == "ab"
    assert affected(incident(tmp_path, 'not_country = ["FR", "ES"]', columns), tmp_path, *said) == "abdf"


def test_a_purchase_counts_for_its_own_brand_only(tmp_path: Path) -> None:
    start, end = SHEET.index("[[brands]]"), SHEET.index("[[categories]]")
    second = SHEET[start:end].replace('id = "chinook"', 'id = "other"')
    sheet = SHEET[:end] + second + SHEET[end:]
    spelled = "".join(f'"{one}-shop" = "{"other" if one == "b" else "chinook"}"\n' for one in "abcdef")
    sheet = sheet.replace("[mapping.values.country]", f"[mapping.values.brand]\n{spelled}\n[mapping.values.country]")
    sheet = sheet.replace('country = "Country"', 'country = "Country"\nbrand = "Shop"', 1)
    said = ("a,2024-03-01,,,other", "a,2024-03-01,,,chinook", "b,2024-03-01,,,chinook", "c,2024-03-01,,,chinook")
    with_brand = incident(tmp_path, 'did = "bought"', 'brand = "Shop"\n', sheet)
    assert affected(with_brand, tmp_path, *said) == "ac"
    assert affected(incident(tmp_path, 'did = "bought"', "", sheet), tmp_path, *said) == "abc"
    assert affected(incident(tmp_path, 'brand = "other"', "", sheet), tmp_path, *said) == "b"
    assert affected(incident(tmp_path, 'not_brand = "other"', "", sheet), tmp_path, *said) == "acdef"


def test_words_of_the_incident_file_never_leave_their_quotes(tmp_path: Path) -> None:
    columns = 'platform = "O\'n\\"; DROP"\n'
    held = incident(tmp_path, 'platform = "it\'s\\\\"', columns)
    header = 'CustomerId,InvoiceDate,"O\'n""; DROP"'
    assert affected(held, tmp_path, "a,2024-03-01,it's\\", "b,2024-03-01,its", header=header) == "a"


@pytest.mark.parametrize(
    ("conditions", "sheet", "what"),
    [
        ('did = "bought"', SHEET[: SHEET.index("[purchases]")], "whose columns are not named"),
        ('did = "bought"', SHEET.replace('result = "Result"\n', ""), "cannot tell who bought"),
        ('platform = "app"', SHEET, "asks for a platform"),
        ('did = "tried"', SHEET, "asks who tried"),
        ("since = 2024-01-01\nbefore = 2024-01-01", SHEET, "before is not after since"),
        ("", SHEET, "a rule without a condition"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_a_fault(conditions: str, sheet: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(IncidentFaults, match=what):
        incident(tmp_path, conditions, "", sheet)
