"""Guards: what stands between the core and every plugin, so that the one that is wrong is named.

`registry` makes of each plugin's class a subclass with a mixin of this folder in front of it. What
goes out is read-only; what comes back is held against the contract once, here and nowhere else.
"""
