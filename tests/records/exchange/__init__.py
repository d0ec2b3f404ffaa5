"""Files in and out: each test makes its own files, or reads the real ones where they lie."""
