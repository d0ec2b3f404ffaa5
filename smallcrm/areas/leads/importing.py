"""A list of leads from Excel: which words its headers use, and by what a row is recognised."""

from __future__ import annotations

from smallcrm.records.importing import extras

extras.concepts("lead", {"name": ("person",), "company": ("company",), "website": ("website",), "title": ("title",)})
extras.keys("lead", ("email",), ("mobile",), ("phone",), ("name", "company"))
