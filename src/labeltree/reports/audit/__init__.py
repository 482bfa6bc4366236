"""The report of an audit: `kind` is `audit`."""
