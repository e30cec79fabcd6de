"""Make you safe: the forced reset of a password, in the store where the company's identities live."""
