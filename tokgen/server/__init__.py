"""The server: a model answers over HTTP in the shapes that clients of OpenAI's API read, and shows
a page on which one watches it choose.

starlette and uvicorn are imported in this room alone.
"""
