"""What the shop does by itself: relay, import, reindex; without GraphQL."""
