"""Turns spec/openapi.yaml into generated/pixazo_openapi: run ``python -m codegen``."""
