"""Admissions: intakes, what becomes of applications, documents, guardians and siblings, tours, the next term."""
