"""Copies of the library that live inside another package: made, checked, updated."""

from __future__ import annotations

from pixazo.vendoring.bundle import Bundle, bundle
from pixazo.vendoring.faults import VendorError
from pixazo.vendoring.folder import Manifest, read_manifest
from pixazo.vendoring.report import Report, compare
from pixazo.vendoring.source import LEFT_OUT, Source, installed
from pixazo.vendoring.work import check, inside, update, vendor

__all__ = [
    "LEFT_OUT",
    "Bundle",
    "Manifest",
    "Report",
    "Source",
    "VendorError",
    "bundle",
    "check",
    "compare",
    "inside",
    "installed",
    "read_manifest",
    "update",
    "vendor",
]
