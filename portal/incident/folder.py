"""The folder of an incident: its file, and one folder of words for each language."""

from collections.abc import Iterable
from pathlib import Path

from portal.incident.faults import Fault

FILE = "incident.toml"


def read_file(path: Path, name: str, faults: list[Fault]) -> str:
    """The text of one file; what is wrong is added to the faults."""
    try:
        raw = path.read_bytes()
        return raw.decode().replace("\r\n", "\n").removeprefix("\ufeff")
    except OSError:
        faults.append(Fault(name, "the file", f"cannot be read at {path}", "Put it there, or set PORTAL_INCIDENT."))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        faults.append(Fault(name, f"line {line}", "is not UTF-8", "Save the file as UTF-8."))
    return ""


def read_languages(folder: Path, locales: Iterable[str], faults: list[Fault]) -> dict[str, dict[str, str]]:
    """The files of each language by name, such as `updates/2018-06-28-first.md`."""
    return {locale: _read_language(folder / locale, faults) for locale in locales}


def _read_language(folder: Path, faults: list[Fault]) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".toml"))
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: read_file(path, f"{folder.name}/{name}", faults) for name, path in names.items()}
