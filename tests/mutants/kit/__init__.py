"""Tools of the mutants: calls and answers, edits, the gate around the sandbox."""
