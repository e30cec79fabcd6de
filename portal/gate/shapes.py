"""Shapes: what the gate takes and answers, for programs and for its description (OpenAPI 3.1)."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from portal.gate.standing import State

MOST = 1000
LARGEST_EPOCH = 2**31 - 1
Reference = Annotated[
    str,
    Field(min_length=1, max_length=200, description="The company's own reference of an account."),
]

# For JSON 7.0 is a whole number too (JSON Schema 2020-12, 6.3); a text or a yes is none.
Whole = Annotated[int, BeforeValidator(lambda told: int(told) if isinstance(told, float) and told % 1 == 0 else told)]


class Taken(BaseModel):
    """What a request brings; nothing in it is guessed, and nothing unknown is overlooked."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Named(BaseModel):
    """Which account."""

    ref: Reference


class Many(Taken):
    """Which accounts; each is answered in its place."""

    refs: list[Reference] = Field(min_length=1, max_length=MOST)


class Since(BaseModel):
    """From where on."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="The cursor of the answer before; without it, from the beginning.",
    )
    limit: int = Field(500, ge=1, le=MOST)


class Done(Taken):
    """As of which epoch the account has a new password."""

    epoch: Whole = Field(
        ge=0, le=LARGEST_EPOCH, description="As the gate told it; if it has grown since, the answer is 409."
    )


class Account(BaseModel):
    """How an account stands."""

    ref: str
    state: State
    epoch: int = Field(ge=0, description="Grows with each change of this account; keep what has the greater one.")
    since: AwareDatetime | None = Field(description="Since when it stands so.")


class Show(BaseModel):
    """What to show to somebody who must set a new password, in the language of Accept-Language or `lang`."""

    language: str
    text: str
    address: str


class Answer(Account):
    """How an account stands, and what to show where it must reset."""

    show: Show | None


class Answers(BaseModel):
    """How accounts stand, in the order of the question, and what to show where one must reset."""

    accounts: list[Account]
    show: Show


class Changes(BaseModel):
    """Accounts that changed, in their order, as they stand now; ask again with the cursor, at once if there is more."""

    changes: list[Account]
    cursor: str
    more: bool


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
