"""Leads 线索: who might become a customer; caught by hand, file, web form and mail, shared out, followed up, converted."""
