"""Look-ups: who of the staff searched for which customer, looked at whose record, and why."""
