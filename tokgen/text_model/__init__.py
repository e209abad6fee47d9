"""Text in, text out: a model with its tokenizer, and what can be asked of it."""
