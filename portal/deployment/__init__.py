"""How the portal stands in the world: files for nginx and systemd, the page that explains them, and the doctor."""
