"""Chooses one version of each skill: PubGrub over index documents, with conflicts explained."""

from tank_core.resolver.explanation import NoResolutionError
from tank_core.resolver.needed import needed_consent
from tank_core.resolver.policy import ResolutionPolicy
from tank_core.resolver.resolution import Resolution, resolve
from tank_core.resolver.universe import Fetch, Prefetch

__all__ = [
    "Fetch",
    "NoResolutionError",
    "Prefetch",
    "Resolution",
    "ResolutionPolicy",
    "needed_consent",
    "resolve",
]
