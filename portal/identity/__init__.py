"""Who are you: accounts, addresses, link requests and proven visits."""
