"""Approvals: what one person proposes and a second one must agree to, bound to exactly what was proposed."""
