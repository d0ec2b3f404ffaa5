"""The leads area's tests."""
