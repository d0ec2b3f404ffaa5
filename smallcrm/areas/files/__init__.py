"""Files on records: dropped, pasted or taken with a phone's camera; previewed where a browser can, found by name."""
