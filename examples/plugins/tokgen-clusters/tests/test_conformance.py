from tokgen.testing import conformance

test_conformance = conformance("samplers", "no_clusters")
