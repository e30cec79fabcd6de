"""Small: a file of 200 lines, a function of 30, a template of 80; over that a second noun is hiding."""

from tests.house import sources

FILE, FUNCTION, TEMPLATE = 200, 30, 80


def test_files_are_short() -> None:
    lengths = {source.name: source.text.count("\n") for source in (*sources.portal(), *sources.tests())}
    assert {name: length for name, length in lengths.items() if length > FILE} == {}


def test_functions_are_short() -> None:
    lengths = {
        f"{source.name}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for source in (*sources.portal(), *sources.tests())
        for function in source.functions()
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION} == {}


def test_templates_are_short() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in sources.templates()}
    assert {path.name: length for path, length in lengths.items() if length > TEMPLATE} == {}
