"""The search index: for each term (a piece of text, a project, a release, a month of activity) the issues that have it.

Our own, because it has to find two Chinese characters as well as a word that half of all issues contain, on every
database, and to answer every filter of a list, not text alone.

- ``grams``: which pieces a text is indexed by, and which of them a search needs
- ``terms``: everything an issue is indexed by, as numbers
- ``blocks``: sets of issues as bitmaps, in blocks of 32,000 ids
- ``queue``: which issues are not indexed as they are now
- ``indexing``: the queue into the blocks, in the background
- ``candidates``: a query into the set of issues that may match it
"""
