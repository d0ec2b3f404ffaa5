"""People who work here: users, teams, roles, signing in. Every other area stands on this one."""
