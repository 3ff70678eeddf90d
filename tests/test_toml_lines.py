"""The index of lines finds every key that tomllib finds, where it stands."""

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expansion_sim.scenario.render import toml_text
from expansion_sim.toml_lines import key_lines

TRICKY = '''\
# comment with [brackets] and = signs
top = "a # b = [c]"        # 2
"quoted key".inner = 1     # 3
'literal' = 'x'            # 4
text = """
[not.a.table]
fake = 1
"""                        # 5 to 8
ends_in_quotes = """a""""" # 9
raw = \'\'\'
more = 2\'\'\'                # 10 and 11
list = [                   # 12
  1, # one
  [2,
   3],
  { a = 1, b = [ { c = 5 } ] },   # 16
]
date = 1979-05-27 07:32:00Z
[a.b]                      # 19
c.d = true
[[arr]]                    # 21
x = 1
[[arr]]                    # 23
x = 2
[arr.sub]                  # 25
y = 3
[[arr.deep]]               # 27
z = 4
[a]                        # 29
late = inf
'''


def paths(value, path=()):
    """Every path of a parsed document."""
    yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from paths(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from paths(part, (*path, index))


def test_every_parsed_path_has_a_line():
    assert set(paths(tomllib.loads(TRICKY))) == set(key_lines(TRICKY))


@pytest.mark.parametrize(("path", "line"), [
    (("top",), 2), (("quoted key", "inner"), 3), (("literal",), 4), (("text",), 5), (("ends_in_quotes",), 9), (("raw",), 10),
    (("list",), 12), (("list", 0), 13), (("list", 1), 14), (("list", 1, 1), 15), (("list", 2, "b", 0, "c"), 16), (("date",), 18),
    (("a", "b"), 19), (("a", "b", "c", "d"), 20), (("arr", 0), 21), (("arr", 0, "x"), 22), (("arr", 1, "x"), 24),
    (("arr", 1, "sub"), 25), (("arr", 1, "sub", "y"), 26), (("arr", 1, "deep", 0, "z"), 28), (("a", "late"), 30),
])
def test_lines_of_a_tricky_text(path, line):
    assert key_lines(TRICKY)[path] == line


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.booleans(), numbers, st.text(max_size=8))
names = st.text("abc-_ #.=\"'[]\u3042", min_size=1, max_size=4)
flat_names = st.text("abcxyz_", min_size=1, max_size=4)
tables = st.recursive(
    st.dictionaries(flat_names, st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4),
    lambda inner: st.dictionaries(flat_names, st.one_of(scalars, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4),
    max_leaves=12,
)


@few
@given(tables)
def test_written_tables_are_read_back_and_indexed(table):
    text = toml_text(table)
    parsed = tomllib.loads(text)
    assert without_empty(parsed) == without_empty(table)
    assert set(paths(parsed)) == set(key_lines(text))


@few
@given(names, scalars)
def test_quoted_keys_are_indexed(name, value):
    import json

    text = f"\n{json.dumps(name, ensure_ascii=False)} = {toml_text({'v': value}).removeprefix('v = ')}"
    assert key_lines(text)[tuple(tomllib.loads(text))] == 2


def without_empty(value):
    """Tables without empty tables, which need not be written."""
    if isinstance(value, dict):
        kept = {name: without_empty(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part != {}}
    return [without_empty(part) for part in value] if isinstance(value, list) else value
