"""Reasons: why a member looks at a record or acts on it; fixed lists, so that they can be counted (STF-11)."""

# Why a member searches, opens a record or uncovers a field.
LOOKING = ("customer-asked", "letter-missing", "result-disputed", "code-trouble", "fraud-suspected", "second-look")

# Why a member reads what a customer wrote.
READING = "customer-asked"

# Why a member acts on a record.
ACTING = ("customer-wants", "letter-missing", "mailbox-unsafe", "fraud-suspected", "our-mistake")

LONGEST_NOTE = 500
