"""Associations are found by resource and by subject as if all of them had been looked at."""

from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_registry.commands import simulate
from moorings_registry.facts import Fact, ResourceAssociated, ResourceDissociated
from moorings_registry.names import Subject
from moorings_registry.state import State

few = st.sampled_from(["a", "b", "c"])


def associated(name: str, id: str, kind: str, subject: str) -> Fact:
    return ResourceAssociated(
        subject=subject, guid="g", resource_name=name, resource_namespace="-", resource_id=id, resource_type="topic",
        association_type=kind, lifecycle="WEAK", frozen=False,
    )  # fmt: skip


def dissociated(name: str, id: str, kind: str) -> Fact:
    return ResourceDissociated(resource_name=name, resource_id=id, resource_type="topic", association_type=kind)


facts = st.one_of(
    st.builds(associated, few, few, st.sampled_from(["key", "value"]), few),
    st.builds(dissociated, few, few, st.sampled_from(["key", "value"])),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(facts, max_size=20))
def test_look_ups_find_what_a_look_at_everything_finds(told: list[Fact]) -> None:
    state = simulate(State(), told)
    everything = [one for listed in state.resources.values() for one in listed]
    for name in "abc":
        by_id = state.associations_of_resource(name)
        by_subject = state.associations_of_subject(Subject.parse(name))
        assert sorted(map(str, by_id)) == sorted(str(one) for one in everything if one.resource_id == name)
        assert sorted(map(str, by_subject)) == sorted(str(one) for one in everything if str(one.subject) == name)
    assert (bool(state.named), bool(state.leading)) == (bool(everything), bool(everything))
