"""Modules that are copied into the generated package as they stand; they are checked here."""
