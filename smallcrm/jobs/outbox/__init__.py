"""What is to leave the house: written with the change it speaks of, tried again, never doubled in silence."""

from smallcrm.jobs.outbox.delivery import deliver_due, due, mail_trouble
from smallcrm.jobs.outbox.failure import explain
from smallcrm.jobs.outbox.queue import (
    Attachment,
    about,
    accept,
    call,
    cancel,
    counts,
    erase,
    get,
    hold_all,
    in_use,
    listing,
    mail,
    post,
    prunable,
    prune,
    put,
    retry,
    valid,
)
from smallcrm.jobs.outbox.rows import expire, expired
from smallcrm.jobs.outbox.table import BULK, NORMAL, URGENT, Message, Outbox

__all__ = [
    "BULK",
    "NORMAL",
    "URGENT",
    "Attachment",
    "Message",
    "Outbox",
    "about",
    "accept",
    "call",
    "cancel",
    "counts",
    "deliver_due",
    "due",
    "erase",
    "expire",
    "expired",
    "explain",
    "get",
    "hold_all",
    "in_use",
    "listing",
    "mail",
    "mail_trouble",
    "post",
    "prunable",
    "prune",
    "put",
    "retry",
    "valid",
]
