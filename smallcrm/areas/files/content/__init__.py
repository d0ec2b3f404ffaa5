"""What is in a file, read with distrust: its type by its first bytes, a name that is safe, and what a preview shows. No Flask."""
