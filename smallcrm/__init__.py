"""smallcrm: the CRM a small business puts on its own NAS and then simply uses."""

__version__ = "0.1.0"
