"""tokgen's own models, registered as a stranger's would be."""
