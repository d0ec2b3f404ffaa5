"""One person's data: given out as a file, restricted, erased with a list of what stays and why; requests and their due days."""
