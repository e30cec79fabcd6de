"""Were you affected: revisions of the list, and each account's answer."""
