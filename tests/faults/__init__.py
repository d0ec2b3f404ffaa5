"""What happens to a real server process: killed, asked to end, started twice, given a damaged or a read-only folder."""
