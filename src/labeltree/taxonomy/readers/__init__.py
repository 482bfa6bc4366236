"""Readers of taxonomies, one file per format."""
