"""The server: a model answers over HTTP in the shapes that clients of OpenAI's API read.

starlette and uvicorn are imported in `app`, `access`, `endpoints`, `working` and `running` alone.
"""
