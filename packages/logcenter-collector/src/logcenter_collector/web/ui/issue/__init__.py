"""Parts of the page of an issue, each a pure function of what the storage says."""
