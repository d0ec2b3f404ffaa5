"""Tests of the log line."""
