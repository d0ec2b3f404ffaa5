"""Customers, the people at them, and how they are related: what every other area is about."""
