"""JUnit XML as its readers take it: argv XML TESTS FAILURES ERRORS."""
import sys
import xml.etree.ElementTree as tree

root = tree.fromstring(sys.argv[1].encode())
assert root.tag == "testsuites" and len(root) == 1
suite = root[0]
counts = [len(suite.findall("testcase")),
          len(suite.findall("testcase/failure")),
          len(suite.findall("testcase/error"))]
assert counts == [int(n) for n in sys.argv[2:]], counts
assert counts == [int(suite.get(k)) for k in ("tests", "failures", "errors")]
for case in suite:
    assert case.get("classname") and case.get("name")
    for child in case:
        assert child.get("message") and child.get("type")
