# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
"""Contains endpoint functions for accessing the API"""
