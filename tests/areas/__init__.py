"""Tests of the business areas."""
