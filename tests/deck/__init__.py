"""The deck: records what client and gateway say to each other on cassettes, and plays it back.

`python -m tests.deck` is the command, `cassettes/README.md` the page. A cassette is a YAML file
that people can review; `tapes` reads it, `persister` writes it, `polls` decides what is played.
"""
