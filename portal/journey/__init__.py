"""Which page comes next, and what an answer means for a customer."""
