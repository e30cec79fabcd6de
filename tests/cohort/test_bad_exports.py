"""Bad exports: refused whole, with file and line, and never with what stands in the cells."""

import gzip
from pathlib import Path

import duckdb
import pytest

from portal.cohort.deriving import derive
from portal.cohort.exports import ExportRefused
from portal.config import ROOT
from portal.incident import file
from tests.requirements import requirement

INCIDENT = file.read(ROOT / "tests" / "data" / "chinook-purchases")
CUSTOMERS = "CustomerId,Email,Country\n1,amara@mail.example,Germany\n"
PURCHASES = "CustomerId,InvoiceDate\n1,2024-01-01\n"


def refusal(folder: Path, customers: str | bytes = CUSTOMERS, purchases: str | bytes = PURCHASES, end: str = "") -> str:
    """What is said of such exports, with the folder left out."""
    for name, text in (("c.csv", customers), (f"p.csv{end}", purchases)):
        folder.joinpath(name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ExportRefused) as refused:
        derive(INCIDENT, [str(folder / "c.csv")], [str(folder / "p*")], folder / "list.csv")
    assert not (folder / "list.csv").exists()
    assert "amara" not in str(refused.value)
    return str(refused.value).replace(str(folder), "")


@requirement("USE-09")
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",bo@mail.example,Germany", "line 4: no reference"),
        ("2,bo@mail.example,Atlantis", "line 4: an unknown country"),
        ("1,bo@mail.example,Germany", "line 4: the same brand and reference as an earlier row"),
        ("2,bo@mail.example", "line 4: 2 columns where the header has 3"),
        ("2,bo@mail.example,Germany,1", "line 4: 4 columns where the header has 3"),
        ('2,"bo@mail.example,Germany', "line 4: a quote that is never closed"),
    ],
)
def test_bad_customers_are_named_by_line(row: str, said: str, tmp_path: Path) -> None:
    # A line break within quotes, so that rows and lines are not the same.
    customers = f'CustomerId,Email,Country\n1,"amara@\nmail.example",Germany\n{row}\n'
    assert f"/c.csv:\n  {said}" in refusal(tmp_path, customers)


@requirement("USE-09")
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",2024-01-01", "line 3: no customer"),
        ("1,", "line 3: a moment that is not spelled like"),
        ("1,01/02/2024", "line 3: a moment that is not spelled like"),
        ("1,2024-02-30", "line 3: a moment that is not spelled like"),
        ("1,2024-02-01T00:00:00Z", "line 3: a moment that is not spelled like"),
        ("1,2024-02-01 00:00:00+02", "line 3: a moment that is not spelled like"),
        ("1", "line 3: 1 columns where the header has 2"),
    ],
)
def test_bad_purchases_are_named_by_line(row: str, said: str, tmp_path: Path) -> None:
    assert f"/p.csv:\n  {said}" in refusal(tmp_path, purchases=f"{PURCHASES}{row}\n")
    packed = gzip.compress(f"{PURCHASES}{row}\n".encode())
    (tmp_path / "p.csv").unlink()
    assert f"/p.csv.gz:\n  {said}" in refusal(tmp_path, purchases=packed, end=".gz")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("NULL::INT, TIMESTAMP '2025-06-01'", "no customer"),
        ("1, NULL::TIMESTAMP", "a moment that is not spelled like"),
        ("1, 20250601", "a moment that is not spelled like"),
    ],
)
def test_bad_purchases_as_parquet_are_named_by_row(row: str, said: str, tmp_path: Path) -> None:
    duckdb.execute(f"COPY (SELECT * FROM (VALUES ({row})) t(CustomerId, InvoiceDate)) TO '{tmp_path / 'rows.parquet'}'")
    packed = (tmp_path / "rows.parquet").read_bytes()
    assert f"/p.csv.parquet:\n  line 1: {said}" in refusal(tmp_path, purchases=packed, end=".parquet")


def test_files_that_were_cut_off_or_are_none_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress((PURCHASES + "".join(f"{number},2024-01-01\n" for number in range(1000))).encode())
    assert "the file cannot be" in refusal(tmp_path, purchases=packed[:-200], end=".gz")
    (tmp_path / "p.csv.gz").unlink()
    assert "the file cannot be read as Parquet" in refusal(tmp_path, purchases=b"PAR1", end=".parquet")
    (tmp_path / "p.csv.parquet").unlink()
    assert "/p.csv:\n  line 2: the file ends within this line" in refusal(tmp_path, purchases=PURCHASES[:-1])
    assert "line 1: the column “InvoiceDate” is missing" in refusal(tmp_path, purchases="CustomerId\n1\n")
    assert "line 1: not UTF-8" in refusal(tmp_path, customers=CUSTOMERS.encode("utf-16"))
    assert "line 2: not UTF-8" in refusal(
        tmp_path, customers=CUSTOMERS.replace("Germany", "Österreich").encode("latin-1")
    )


def test_a_file_that_the_engine_gives_up_on_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, purchases=f"{PURCHASES}1,2024-01-01\r\n1,2024-01-01\n")
    assert "/p.csv:\n  the file cannot be read to its end" in said


def test_exports_without_a_row_are_refused(tmp_path: Path) -> None:
    assert "/p.csv:\n  there is nothing below the header" in refusal(tmp_path, purchases="CustomerId,InvoiceDate\n")
    assert "/c.csv:\n  there is nothing below the header" in refusal(tmp_path, customers="CustomerId,Email,Country\n")


def test_a_name_that_no_file_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="there is no such file"):
        derive(INCIDENT, [str(tmp_path / "none*.csv")], [str(tmp_path / "none.csv")])


def test_an_account_in_two_files_is_named_where_it_comes_again(tmp_path: Path) -> None:
    (tmp_path / "c-1.csv").write_text(CUSTOMERS)
    (tmp_path / "c-2.csv").write_text("Country,CustomerId,Email\nSpain,2,bo@mail.example\nSpain,1,bo@mail.example\n")
    (tmp_path / "p.csv").write_text(PURCHASES)
    with pytest.raises(ExportRefused, match=r"c-2.csv:\n  line 3: the same brand and reference as an earlier row"):
        derive(INCIDENT, [str(tmp_path / "c-*.csv")], [str(tmp_path / "p.csv")])
