"""What changed since the last release, how grave it is, and which version that makes."""
