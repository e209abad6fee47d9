"""Which texts are within a few edits of the rows of a corpus."""
