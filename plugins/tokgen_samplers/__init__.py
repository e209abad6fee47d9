"""tokgen's own samplers, registered as a stranger's would be."""
