"""What is sold: products and services with their prices."""
