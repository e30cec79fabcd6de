"""What every section of an incident file shares: frozen, strict about keys, and checked against what the file names."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from portal.incident.countries import is_country
from portal.incident.known import Known

T = TypeVar("T")


class Section(BaseModel):
    """A table of an incident file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """A fault to raise from a check: what is wrong, and what to do."""
    return PydanticCustomError("fault", "{what}", {"what": what, "remedy": remedy})


def _named(kind: str, one: str) -> Callable[[str, ValidationInfo], str]:
    def check(value: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known) and value not in (names := info.context.names(kind)):
            raise wrong(f"“{value}” is not {one} of this incident", f"Use one of: {', '.join(names) or 'none yet'}")
        return value

    return check


def _country(value: str) -> str:
    if not is_country(value):
        raise wrong(f"“{value}” is not a country code", 'Use two capital letters as in ISO 3166, such as "GB"')
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise wrong("holds a line break or a control character", "Write it on one line")
    return value


def _some(value: tuple[T, ...]) -> tuple[T, ...]:
    if not value:
        raise wrong("is empty", "Give at least one")
    return value


def listed(value: object) -> object:
    """One word is a list of one."""
    return [value] if isinstance(value, str) else value


# Not a length: that would count broken items as absent, and name a fault that is none.
AtLeastOne = Annotated[tuple[T, ...], AfterValidator(_some)]

Line = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
# Category ids are joined by commas in the answers that are kept, so none may hold one.
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
WebAddress = Annotated[str, Field(pattern=r"^https://[^\s]+$")]
MailAddress = Annotated[str, Field(pattern=r"^[^@\s\"<>(),;:]+@[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=254)]

BrandId = Annotated[str, AfterValidator(_named("brands", "a brand"))]
CategoryId = Annotated[str, AfterValidator(_named("categories", "a category"))]
Locale = Annotated[str, AfterValidator(_named("locales", "a language"))]
Country = Annotated[str, AfterValidator(_country)]

Brands = Annotated[tuple[BrandId, ...], BeforeValidator(listed)]
Categories = Annotated[tuple[CategoryId, ...], BeforeValidator(listed)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(listed)]
Countries = Annotated[tuple[Country, ...], BeforeValidator(listed)]
