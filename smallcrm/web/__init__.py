"""Flask: who asks, what they get. Pages load within reach, call one verb, respond."""
