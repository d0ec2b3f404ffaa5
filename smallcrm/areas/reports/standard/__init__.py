"""The figures and reports that come with the program, over the types of the areas that stand here."""

from smallcrm.areas.reports.standard import activities, customers, leads, measured, sales

__all__ = ["activities", "customers", "leads", "measured", "sales"]
