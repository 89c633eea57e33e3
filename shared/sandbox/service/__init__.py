"""A shop on real sockets that health-wait and smoke-test are held against. `Service` is the door."""

from .faults import Fault, Kind, NoSuchFaultError, Schedule
from .replica import Replica, Seen
from .rollout import Rollout, UnderWayError
from .service import Service
from .shop import USERS, Shop
from .tls import Authority
from .transitions import Gap, Transition, release

__all__ = [
    "USERS",
    "Authority",
    "Fault",
    "Gap",
    "Kind",
    "NoSuchFaultError",
    "Replica",
    "Rollout",
    "Schedule",
    "Seen",
    "Service",
    "Shop",
    "Transition",
    "UnderWayError",
    "release",
]
