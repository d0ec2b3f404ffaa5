"""Tests of the pages and their parts."""
