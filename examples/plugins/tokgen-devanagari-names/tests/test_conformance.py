from tokgen.testing import conformance

test_conformance = conformance("corpora", "devanagari-names")
