"""Running smallcrm: settings pages, jobs, backups, audit."""
