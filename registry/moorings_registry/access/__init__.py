"""Who may do what: verbs on nodes, granted by facts; and what a caller sees of a state."""

from moorings_registry.access.grants import ONE_SEGMENT, UNLIMITED, Access, access_of, is_operator, matches
from moorings_registry.access.lasting import audits, lasting_access, may_subscribe, subscribing_grants
from moorings_registry.access.nodes import EVERYTHING, WHOLE, Node, node_of, target_of
from moorings_registry.access.presets import ANY_PRINCIPAL, PRESETS, Preset
from moorings_registry.access.scopes import Permission, common_node, read_scope, scope_text, without_included
from moorings_registry.access.verbs import ANYWHERE, GRANTABLE, ROOT_ONLY, Verb, included
from moorings_registry.access.views import View
from moorings_registry.access.visible_state import VisibleState, may_read, visible, whole_of

__all__ = [
    "ANYWHERE", "ANY_PRINCIPAL", "EVERYTHING", "GRANTABLE", "ONE_SEGMENT", "PRESETS", "ROOT_ONLY", "UNLIMITED", "WHOLE",
    "Access", "Node", "Permission", "Preset", "Verb", "View", "VisibleState", "access_of", "audits", "common_node",
    "included", "is_operator", "lasting_access", "matches", "may_read", "may_subscribe", "node_of", "read_scope",
    "scope_text", "subscribing_grants", "target_of", "visible", "whole_of", "without_included",
]  # fmt: skip
