"""A believable company to try things with: people, customers, two years of histories, a pool with stories, a full today."""
