"""For the tests of services that use contracts: assertions, generated events, an in-process registry, faults."""

from typing import TYPE_CHECKING

from moorings.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from moorings.testing import payloads
    from moorings.testing.assertions import assert_compatible, assert_fits, assert_refused, assert_valid
    from moorings.testing.fault_proxy import FaultProxy
    from moorings.testing.faults import Answer, BlackHole, Fault, Latency, Pass, Reset, Truncate
    from moorings.testing.in_process import registry_application, served
    from moorings.testing.project_contracts import ProjectContracts

__all__ = [
    "Answer",
    "BlackHole",
    "Fault",
    "FaultProxy",
    "Latency",
    "Pass",
    "ProjectContracts",
    "Reset",
    "Truncate",
    "assert_compatible",
    "assert_fits",
    "assert_refused",
    "assert_valid",
    "payloads",
    "registry_application",
    "served",
]

# The plugin is in this package, and is loaded into test sessions that do not use it.
__getattr__ = lazy_exports(
    "moorings.testing",
    {
        "Answer": "faults",
        "BlackHole": "faults",
        "Fault": "faults",
        "FaultProxy": "fault_proxy",
        "Latency": "faults",
        "Pass": "faults",
        "ProjectContracts": "project_contracts",
        "Reset": "faults",
        "Truncate": "faults",
        "assert_compatible": "assertions",
        "assert_fits": "assertions",
        "assert_refused": "assertions",
        "assert_valid": "assertions",
        "payloads": "payloads",
        "registry_application": "in_process",
        "served": "in_process",
    },
)
