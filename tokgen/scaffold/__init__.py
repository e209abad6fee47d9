"""What `tokgen plugins new` writes: a distribution or a file that works and explains itself.

`templates` holds what is written. Its Python files are working plugins with names of their own,
which give way to the author's; so they are linted, typed and tested where they stand.
"""
