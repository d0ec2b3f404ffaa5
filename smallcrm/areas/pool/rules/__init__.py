"""The pool's rules, a file a noun. Importing this registers what must hold whoever writes a record."""

from smallcrm.areas.pool.rules import due, leaver, ownership, pooled, pools, refresh, rights

__all__ = ["due", "leaver", "ownership", "pooled", "pools", "refresh", "rights"]
