"""What does not parse: the column, what was found, what could stand there, the nearest spelling, and the fix."""

from __future__ import annotations

import pytest

from actionkit.asserts import NotUnderstood, parse_assert, parse_capture


def refused(text: str) -> NotUnderstood:
    with pytest.raises(NotUnderstood) as caught:
        parse_assert(text)
    assert str(caught.value).startswith(f"column {caught.value.column}: ")
    return caught.value


@pytest.mark.parametrize(
    ("text", "column", "nearest"),
    [
        ("statu == 200", 1, "status"),
        ("Status == 200", 1, "status"),
        ("json == 1", 1, "jsonpath"),
        ("code == 200", 1, "status"),
        ("cookies exists", 1, "cookie"),
        ('jsonpath "$.a" contians "x"', 16, "contains"),
        ('jsonpath "$.a" exist', 16, "exists"),
        ('jsonpath "$.a" equals "x"', 16, "=="),
        ('jsonpath "$.a" notEquals "x"', 16, "!="),
        ("status greaterThan 1", 8, ">"),
        ("status lessThanOrEquals 1", 8, "<="),
        ('header "X" includes "a"', 12, "contains"),
        ('jsonpath "$.a" countEquals 2', 16, "count =="),
        ("status = 200", 8, "=="),
        ('body !contains "x"', 6, "not"),
        ("status === 200", 8, "=="),
        ("status => 200", 8, ">="),
        ("status <> 200", 8, "!="),
        ("body =~ /x/", 6, "matches"),
        ('body notContains "x"', 6, "not contains"),
        ('jsonpath "$.a" isNull', 16, "== null"),
        ('jsonpath "$.a" isArray', 16, "isList"),
        ('jsonpath "$.a" length == 2', 16, "count"),
        ('jsonpath "$.a" lenght == 2', 16, ""),
        ('jsonpath "$.a" toInteger == 2', 16, "toInt"),
        ('jsonpath "$.a" not contians "x"', 20, "contains"),
        ('cookie "a[Secur]" exists', 11, "Secure"),
        ('cookie "a[secure]" exists', 11, "Secure"),
        ('certificate "Expires" exists', 14, "Expire-Date"),
        ('bytes decode "utf-88" exists', 15, "utf-8"),
        ("zzz == 1", 1, ""),
    ],
)
def test_a_wrong_word_is_told_with_the_nearest_right_one(text: str, column: int, nearest: str) -> None:
    error = refused(text)
    assert (error.column, error.nearest) == (column, nearest)
    assert error.expected
    assert (f"did you mean `{nearest}`?" in str(error)) is bool(nearest)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "the end, expected `status`, `version`"),
        ("   ", 4, "the end"),
        ("# nothing but a comment", 24, "the end"),
        ("status", 7, "the end, expected a filter or a predicate"),
        ('jsonpath "$.a" count', 21, "write `exists` after it"),
        ("status ==", 10, "the end after `==`, expected"),
        ("status not", 11, "the end after `not`"),
        ("header", 7, 'the end after `header`, expected a "string"; write such as `header "name"`'),
        ("status 200", 8, "write `status == 200`"),
        ("status not 200", 12, "write `!= 200`"),
        ("not status == 200", 1, "stands before the predicate"),
        ("status == 200 OK", 15, "`OK` after what is already complete, expected the end"),
        ("status == 200 and body exists", 15, "one assert a line"),
        ("status == 200\nstatus == 200", 14, "another line after what is already complete, expected the end; write"),
        ("header 'X' exists", 8, '`\'X\'` in other quotes, expected a "string"; write `header "X"`'),
        ("header “X” exists", 8, 'write `header "X"`'),
        (
            "header Content-Type exists",
            8,
            '`Content-Type` without quotes, expected a "string"; write `header "Content-Type"`',
        ),
        ("jsonpath $.a == 1", 10, 'write `jsonpath "$.a"`'),
        ("$.a == 1", 1, "write `jsonpath` before a path"),
        ('jsonpath "$.a[" == 1', 15, "is no JSONPath of RFC 9535"),
        ('jsonpath "a.b" == 1', 11, "a path starts with `$`"),
        ('jsonpath "$.a b" == 1', 15, "is no JSONPath"),
        (r'jsonpath "$[\"a\"] b" == 1', 20, "is no JSONPath"),
        ("body == 'a b'", 9, 'write "a b" for a text'),
        ("body == ready", 9, 'write "ready" for a text'),
        ("body == True", 9, "write `true`"),
        ("body == None", 9, "write `null`"),
        ("body == NULL", 9, "write `null`"),
        ("status == 80%", 13, "already complete"),
        ("status == 5apples", 11, "write `5`, a duration such as `5ms` or `5h`"),
        ("status == -", 11, 'write "-" for a text'),
        ("status == == 1", 11, "`==` after `==`"),
        ('body == {"a": 1}', 9, "JSON or XML body as a value is not supported"),
        ("body == <a/>", 9, "JSON or XML body as a value is not supported"),
        ("body == ```json```", 9, "JSON or XML body as a value is not supported"),
        ("body == file,a.txt;", 9, "`file,…;` is not supported"),
        ("body == hex,cafe", 9, "is not closed"),
        ("body == hex,caf;", 13, "is not hex"),
        ("body == base64,?;", 16, "is not base64"),
        ("body == /x/", 9, "write `matches /x/`"),
        ("body startsWith 5", 17, 'write "5" for a text'),
        ("body startsWith true", 17, "`true`"),
        ("status > true", 10, "`true`"),
        ('body == "abc', 9, 'the string "abc is not closed'),
        ("body == `abc", 9, "is not closed"),
        ('body == "a\\d"', 11, r"write `\\d` for a backslash"),
        ('body == "\\u{110000}"', 10, "is no escape"),
        ('body == "\\u{d800}"', 10, "is no escape"),
        ('body == "\\', 10, "is no escape"),
        ("body matches /abc", 14, "the regex /abc is not closed"),
        ("body matches /(abc/", 15, "is no regular expression of RE2"),
        (r"body matches /a\/(?=b)/", 18, "is lookahead, which RE2 does not have"),
        ("body matches /(?<!a)b/", 15, "is lookbehind"),
        ("body matches /(?>a)b/", 15, "atomic groups"),
        (r"body matches /(a)\1/", 18, "is a backreference"),
        (r'body matches "(a)\\1"', 18, "is a backreference"),
        ("regex /abc/ exists", 8, "put the part you want in parentheses: (abc)"),
        ('jsonpath "$.a" nth 1.5 exists', 20, "a whole number"),
        ('jsonpath "$.a" nth x exists', 20, "write it such as `nth 0`"),
        ('jsonpath "$.a" replace /x/ "y" exists', 24, "write `replaceRegex /x/`"),
        ('jsonpath "$.a" split "" exists', 23, "an empty separator"),
        ('jsonpath "$.a" toDate "%Y-%Q" exists', 27, "`%Q` is no part of a date"),
        ('jsonpath "$.a" < 25h', 18, "only `duration` and the filter `age` give a length of time"),
        ('jsonpath "$.a" age count < 25h', 28, "only `duration`"),
        ("duration < 1m1h", 12, "`1m1h`"),
        ('xpath "//a" exists', 1, "XPath is not supported"),
        ('body xpath "//a" exists', 6, "XPath is not supported"),
        ('body == "{{a b}}"', 10, "is no variable"),
        ('body == "x{{a"', 11, "is not closed"),
        ("body == {{a", 9, "is not closed"),
        ("body == {{}}", 9, "is no variable"),
        ('body == "${{ env.X }}"', 11, "GitHub's `${{ }}` is not evaluated here"),
        ("body == \x00", 9, "expected a"),
        ("status == 1" + "0" * 2000, 11, "expected"),
        ("status == " + "1" * 20_000, 16_385, "at most 16384"),
        ('jsonpath "$.a" not count == 1', 20, "`count not …`"),
    ],
)
def test_a_mistake_is_told_with_its_column_and_the_way_out(text: str, column: int, says: str) -> None:
    error = refused(text)
    assert says in str(error)
    assert error.column == column
    assert "\n" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ('jsonpath "$.t" == 1', 16, "a capture has no predicate"),
        ('jsonpath "$.t" not exists', 16, "a capture has no predicate"),
        ('jsonpath "$.t" redacted', 16, "did you mean `redact`?"),
        ('jsonpath "$.t" redact now', 23, "expected the end"),
        ('jsonpath "$.t" 5', 16, "expected a filter, `redact` or the end"),
        ("", 1, "the end"),
    ],
)
def test_a_capture_is_told_off_too(text: str, column: int, says: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse_capture(text)
    assert says in str(caught.value)
    assert caught.value.column == column


def test_columns_count_characters_and_blanks_before_the_assert() -> None:
    assert refused('  body contains "é€😀" nonsense').column == 23
    assert refused('jsonpath "$.\\u{e9}x y" == 1').column == refused('jsonpath "$.éx y" == 1').column + 5
