"""Measurements beside other clients."""
