"""Conversations: kept, found, deleted."""
