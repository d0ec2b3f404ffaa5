"""The JSON API, ``/api/v1``: made from the record declarations, with the rights of whoever the token belongs to."""

from smallcrm.web.api.verbs import Verb

__all__ = ["Verb"]
