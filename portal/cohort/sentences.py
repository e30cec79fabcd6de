"""Sentences: what `flask cohort` says where more than a number must be said."""

STANDS = (
    "Another list is being loaded, was left half loaded, or waits for a second person. "
    "Nothing was changed by this one.\n"
    "Load that list again to go on with it, or remove what it left with `flask cohort discard`, then load this one.\n"
    "If it is the same list, keys were changed since, or the portal; then only the second way is left."
)
LOST = "Somebody else discarded this draft, or goes on with it. No answer was changed by this load."
INTERRUPTED = (
    "The load was interrupted. No answer has changed.\n"
    "Load the same list again to go on, or remove the draft with `flask cohort discard`."
)
NOT_WHOLE = (
    "The draft is not whole: it is still being loaded, or was interrupted or changed. Nothing was changed.\n"
    "If no load is running, remove it with `flask cohort discard`, then load again."
)
NO_FOLDER = (
    "What the list says could not be kept while it is checked: {1}. Nothing was changed.\n"
    "It needs one and a half times the room of the list, unpacked, in {0}; name another folder in TMPDIR."
)
OUTAGE = (
    "The database did not answer. No answer has changed.\n"
    "When it is back, load the same list again to go on, or remove the draft with `flask cohort discard`."
)
WAREHOUSE = """\
-- The tables are called customers and purchases; moments are those of the clocks of {0}, without a zone.
-- Export the answer as CSV, for `flask cohort load`."""
DERIVED = "The list is in {0}; look at it with `flask cohort load {0}`. No answer has changed."
NO_ROOM = (
    "The query engine gave up; nothing was written. Is there room in memory, and on the disk for twice the exports?"
)
EXPLAINED = "Nothing was written; say --to FILE for the list."
NO_PURCHASES = (
    "The incident file does not say how. Add [purchases] with the names of its columns,\n"
    "and in [mapping] name the columns result and categories, where the answers will stand."
)
