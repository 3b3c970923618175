"""Pages of meetings. Each view makes one domain call; refusals become sentences through core.web."""
