"""The kernel: one declaration, many readers. Knows no business area."""
