"""Customers (companies and persons, also suppliers and partners), their contacts, and relations between any two."""

from smallcrm.areas.customers.records.choices import RECYCLE_REASONS
from smallcrm.areas.customers.records.contact import Contact
from smallcrm.areas.customers.records.customer import Customer
from smallcrm.areas.customers.records.relation import Relation

__all__ = ["RECYCLE_REASONS", "Contact", "Customer", "Relation"]
