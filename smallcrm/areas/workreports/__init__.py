"""Work reports (日报 周报 月报): what one did, what comes next, what is in the way; read and answered by those who lead."""
