"""Opportunities on their way through the company's own steps, and what they are likely to bring."""
