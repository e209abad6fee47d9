from tokgen.testing import conformance

test_conformance = conformance("models", "ppm")
