"""One file per source of images; the table of known sets is `labeltree.data.SOURCES`."""
