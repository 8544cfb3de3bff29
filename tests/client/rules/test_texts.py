"""The functions of texts in CEL expressions."""

import pytest

from moorings.rules.cel.engine import CannotRun, Program
from moorings.rules.cel.values import Size

TRUE = [
    "'ann@example.org'.isEmail()",
    "!'ann@example..org'.isEmail() && !'ann'.isEmail() && !'.ann@example.org'.isEmail() && !'a b@x.org'.isEmail()",
    "'example.org'.isHostname() && 'example.org.'.isHostname() && !'-a.org'.isHostname() && !'1.2.3.4'.isHostname()",
    "'127.0.0.1'.isIpv4() && !'127.0.0.256'.isIpv4() && !'::1'.isIpv4() && !'127.1'.isIpv4()",
    "'::1'.isIpv6() && '2001:db8::ff'.isIpv6() && !'127.0.0.1'.isIpv6() && !'fe80::1%eth0'.isIpv6()",
    "'https://example.org/a?b=c#d'.isUri() && 'urn:isbn:1'.isUri() && !'/a/b'.isUri() && !'http://a b'.isUri()",
    "'https://[::1]:80/'.isUri() && !'https://[::1'.isUri() && !'a:%zz'.isUri() && !'a:'.isUri()",
    "'/a/b'.isUriRef() && '../c?d'.isUriRef() && ''.isUriRef() && !'1:b'.isUriRef() && !'a#b#c'.isUriRef()",
    "'123e4567-e89b-12d3-a456-426614174000'.isUuid() && !'123e4567e89b12d3a456426614174000'.isUuid()",
    "'tacocat'.charAt(3) == 'o' && 'ab'.charAt(2) == ''",
    "'hello mellow'.indexOf('ello') == 1 && 'hello mellow'.indexOf('ello', 2) == 7 && 'a'.indexOf('z') == -1",
    "'hello mellow'.lastIndexOf('ello') == 7 && 'hello mellow'.lastIndexOf('ello', 6) == 1",
    "'TacoCÆt'.lowerAscii() == 'tacocÆt' && 'tacoCæt'.upperAscii() == 'TACOCæT'",
    "'hello hello'.replace('he', 'we') == 'wello wello' && 'hello hello'.replace('he', 'we', 1) == 'wello hello'",
    "'a b c'.split(' ') == ['a', 'b', 'c'] && 'a b c'.split(' ', 2) == ['a', 'b c'] && 'a b'.split(' ', 0) == []",
    "'abc'.split('') == ['a', 'b', 'c'] && 'abc'.split('', 2) == ['a', 'bc']",
    "'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco'",
    "['x', 'y'].join() == 'xy' && ['x', 'y'].join('-') == 'x-y'",
    "'  trim  '.trim() == 'trim' && 'gums'.reverse() == 'smug'",
    "'%s is %d, %.2f, %x, %X, %o, %b, %%'.format(['n', 5, 1.5, 255, 255, 8, 5]) == 'n is 5, 1.50, ff, FF, 10, 101, %'",
    "'%s %s %s %s'.format([null, true, [1, 'a'], {'k': 2.0}]) == 'null true [1, a] {k: 2}'",
    "'%e %x %s %s'.format([1052.5, 'hi', b'b', 0.25]) == '1.052500e+03 6869 b 0.25'",
    "'%s %s'.format([timestamp('2026-01-02T03:04:05Z'), duration('90s')]) == '2026-01-02T03:04:05Z 90s'",
    "now > timestamp('2026-01-01T00:00:00Z')",
    "dyn(1) == 1.0 && size('é😀') == 2 && {'a': 1}.a == 1",
]
FAIL = [
    "'abc'.charAt(9) == ''",
    "'abc'.indexOf('a', 9) == 0",
    "'abc'.lastIndexOf('a', 9) == 0",
    "'abc'.substring(2, 1) == ''",
    "[1].join() == ''",
    "'%d'.format(['x']) == ''",
    "'%f'.format(['x']) == ''",
    "'%d'.format([]) == ''",
    "'%y'.format([1]) == ''",
    "'%'.format([1]) == ''",
]


@pytest.mark.parametrize("text", TRUE)
def test_an_expression_about_texts_holds(text: str) -> None:
    assert Program(text).run({}, Size()) is True


@pytest.mark.parametrize("text", FAIL)
def test_an_expression_about_texts_fails(text: str) -> None:
    with pytest.raises(CannotRun):
        Program(text).run({}, Size())
