"""The public pool 公海: customers nobody looks after, waiting to be taken up by somebody else."""
