"""Documentation drift: saved pages of the gateway against the spec, and what the spec explains."""

from pixazo.drift.comparison import compare, compare_pages
from pixazo.drift.contract import Contract
from pixazo.drift.explanations import Explanation, explain, places
from pixazo.drift.faults import DriftError, PageUnreadable, SpecUnusable, UnknownPlace
from pixazo.drift.fetching import fetched_text
from pixazo.drift.findings import Difference, Finding, Kind
from pixazo.drift.insertion import draft_yaml, insert_draft
from pixazo.drift.lines import decoded, page_text
from pixazo.drift.locations import read_spec, shipped_spec
from pixazo.drift.page import Page, read_page
from pixazo.drift.report import Count, Report, render_json, render_text
from pixazo.drift.rulings import Ruling, read_rulings, shipped_rulings
from pixazo.drift.skeleton import Draft, find_part, skeleton
from pixazo.drift.tellings import render_explanation, render_explanation_json

__all__ = [
    "Contract",
    "Count",
    "Difference",
    "Draft",
    "DriftError",
    "Explanation",
    "Finding",
    "Kind",
    "Page",
    "PageUnreadable",
    "Report",
    "Ruling",
    "SpecUnusable",
    "UnknownPlace",
    "compare",
    "compare_pages",
    "decoded",
    "draft_yaml",
    "explain",
    "fetched_text",
    "find_part",
    "insert_draft",
    "page_text",
    "places",
    "read_page",
    "read_rulings",
    "read_spec",
    "render_explanation",
    "render_explanation_json",
    "render_json",
    "render_text",
    "shipped_rulings",
    "shipped_spec",
    "skeleton",
]
