"""Here is the offer: pools of the provider's codes, one code for each person, and the line of those who wait."""
