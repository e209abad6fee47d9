"""Millions of documents from a table."""
