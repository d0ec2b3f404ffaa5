"""How a content leaves: which types a browser may show by itself, and the headers that keep all of them harmless."""

from __future__ import annotations

# Shown in place; everything else is saved. Markup of any kind is never here.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SOUND = frozenset({"audio/mpeg", "audio/ogg", "audio/wav", "audio/flac", "audio/mp4", "audio/aac"})
MOVING = frozenset({"video/mp4", "video/webm", "video/ogg", "video/quicktime"})
PLAIN = frozenset({"text/plain", "text/csv", "text/tab-separated-values", "text/markdown"})
INLINE = PICTURES | SOUND | MOVING | PLAIN | {"application/pdf"}

# Types that are told as they are when saved. A browser that ignores "attachment" still runs none of them.
_TOLD = ("image/", "audio/", "video/", "font/", "application/vnd.", "application/msword", "application/rtf")
_NEVER_TOLD = frozenset({"image/svg+xml"})

# Without scripts, forms, an origin of its own or anything loaded; our own pages may frame it.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
MEDIA_POLICY = "sandbox; default-src 'none'; media-src 'self'; frame-ancestors 'self'"


def may_be_inline(media_type: str) -> bool:
    """Whether a browser may show the type in place."""
    return media_type in INLINE


def told_as(media_type: str, *, inline: bool) -> str:
    """The Content-Type of an answer. Text that is shown is plain text, whatever else it may be called."""
    if inline:
        return "text/plain" if media_type in PLAIN else media_type
    known = media_type.startswith(_TOLD) and media_type not in _NEVER_TOLD
    return (
        media_type if known or media_type in INLINE or media_type == "application/zip" else "application/octet-stream"
    )


def policy(media_type: str) -> str:
    """The Content-Security-Policy of an answer."""
    return MEDIA_POLICY if media_type in SOUND | MOVING else POLICY
