"""Fitness: whether an identity store is reached and can be worked with, in words for whoever set it up."""

from dataclasses import dataclass, field

from portal.reset.stores.protocol import Policy, Store, StoreAway, StoreBusy, StoreUncertain

HINT = "Look at PORTAL_STORE_URL, its user and secret, its certificate, and whether it runs."


@dataclass(frozen=True)
class Fitness:
    """Why it was not reached, what it says of itself, and why no customer could be served; empty where all is well."""

    unreached: str = ""
    said: list[str] = field(default_factory=list)
    unfit: str = ""


def of(store: Store) -> Fitness:
    """Ask the store itself; changes nothing there."""
    try:
        said = store.check()
    except StoreAway:
        return Fitness("was not reached, or does not let us in")
    except (StoreBusy, StoreUncertain):
        return Fitness("does not answer as it should")
    return Fitness(said=said, unfit=_unfit(store.policy, said))


def _unfit(policy: Policy, said: list[str]) -> str:
    if policy.minimum > policy.maximum:
        return "It takes no password as long as we ask for: no customer could set one."
    return "It cannot be used as it is." if any("cannot be used" in one for one in said) else ""
