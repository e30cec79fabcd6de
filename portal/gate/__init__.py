"""The gate: the company's own log-in asks here whether an account must set a new password first."""
