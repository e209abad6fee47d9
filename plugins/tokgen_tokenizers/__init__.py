"""tokgen's own tokenizers, registered as a stranger's would be."""
