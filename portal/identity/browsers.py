"""Browsers: the family that a letter names, from a fixed list, so that nobody can write into letters."""

HELP_DESK = "help desk"  # what a request says that staff made for somebody

# The first that fits: most browsers also claim to be those further down.
FAMILIES = (
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def family(user_agent: str) -> str:
    """The browser's family, or an empty text where we do not know it."""
    return next((name for mark, name in FAMILIES if mark in user_agent), "")
