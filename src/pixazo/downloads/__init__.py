"""Fetch media to files without the key, without trusting the server, without losing a byte."""

from __future__ import annotations

from pixazo.downloads.downloader import Downloader
from pixazo.downloads.policy import Policy

__all__ = ["Downloader", "Policy"]
