"""Every spec is the same after its way through JSON: what a version stores is what runs."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cases.engine import spec as spec_module
from cases.engine.plain_data import Spec

# What JSON gives back as it was: NaN is not equal to itself, a key is a text.
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)
PLAIN = {
    str: st.text(max_size=5),
    int: st.integers(),
    bool: st.booleans(),
    type(None): st.none(),
}


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a field of this type may hold."""
    if hint is Any:
        return values
    if hint in PLAIN:
        return PLAIN[hint]
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*map(of, arguments))
    if get_origin(hint) is tuple and arguments[1:] == (...,):
        return st.lists(of(arguments[0]), max_size=2).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*map(of, arguments))
    return any_spec(hint)


@cache
def any_spec(cls: type[Spec]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: of(hints[field.name]) for field in fields(cls)})


# By their names: a class with slots leaves the one behind that it was made from.
NAMED = {cls.__name__: getattr(spec_module, cls.__name__) for cls in Spec.__subclasses__()}
EACH = pytest.mark.parametrize("cls", NAMED.values(), ids=NAMED)

# A smaller example would take minutes to find and say no more than the fields that differ.
BRIEFLY = settings(max_examples=30, phases=[Phase.reuse, Phase.generate])


@EACH
@BRIEFLY
@given(data=st.data())
def test_a_spec_comes_back_from_json_as_it_was(cls: type[Spec], data: st.DataObject) -> None:
    spec = data.draw(any_spec(cls))
    written = json.dumps(spec.to_dict())
    read = cls.from_dict(json.loads(written))
    assert read == spec
    assert json.dumps(read.to_dict()) == written  # what a digest is taken from


@EACH
@BRIEFLY
@given(data=st.data())
def test_what_is_not_written_is_what_it_is_by_default(
    cls: type[Spec], data: st.DataObject
) -> None:
    spec = data.draw(any_spec(cls))
    defaults = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    left_out = data.draw(st.sets(st.sampled_from(sorted(defaults)))) if defaults else set()
    written = json.loads(json.dumps(spec.to_dict()))
    kept = {name: value for name, value in written.items() if name not in left_out}
    read = cls.from_dict({**kept, "of a later version": 1})
    assert read == replace(spec, **{name: defaults[name] for name in left_out})
