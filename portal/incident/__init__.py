"""What happened: the incident file, its rules and words, its revisions and the public pages."""
