"""Backup: the database at one moment and the key rings that open it, in one folder, and the way back."""
