"""What happens without a click: timed jobs exactly once a slot, mail and webhooks after commit, long works, notices.

Knows users as plain ids; people and settings come through what ``directory`` and ``outbox.settings`` are given.
"""
