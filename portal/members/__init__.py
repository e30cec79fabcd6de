"""Members: the people of the staff, their roles, invitations, passkeys and sessions."""
