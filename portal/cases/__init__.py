"""What a customer needs a person for: cases, their messages, and the words that lead back to them."""
