"""What an administrator does: make and restore backups, bring single records back out of one."""
