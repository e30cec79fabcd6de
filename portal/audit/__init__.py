"""The trail: what was done, when and by whom, in pseudonyms, append only."""
