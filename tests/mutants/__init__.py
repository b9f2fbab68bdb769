"""Small named changes of the gateway, the wire and the spec: what proves that the suite sees."""
