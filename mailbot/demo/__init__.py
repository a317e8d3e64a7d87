"""The demo: the real pipeline over real protocols on loopback."""
