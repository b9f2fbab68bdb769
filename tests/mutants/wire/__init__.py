"""Good answers, changed node by node, held to the spec alone."""
