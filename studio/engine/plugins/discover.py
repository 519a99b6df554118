"""Plugins are asked one by one what they offer; one that fails is named and the others live."""

import traceback
from collections.abc import Collection

import studio
from studio.api.errors import StudioError
from studio.engine.engine import PluginInfo
from studio.engine.plugins.find import OWN, Candidate, find
from studio.engine.plugins.offers import Offers, ask
from studio.engine.plugins.registry import Registry

SWITCHED_OFF = "It is switched off in the settings."
NOT_INSTALLED = "The studio itself is not installed, so its methods are not known. Run: python3 packaging/run.py"


def discover(disabled: Collection[str] = frozenset()) -> Registry:
    """Everything that the installed plugins offer.

    Args:
        disabled: names of plugins that are listed but neither imported nor used.
    """
    registry = Registry()
    candidates = find()
    for candidate in candidates:
        registry.plugins.append(_admit(candidate, registry, disabled))
    if not any(candidate.distribution == OWN for candidate in candidates):
        registry.plugins.append(
            PluginInfo(name=OWN, version=studio.__version__, module="studio", healthy=False, error=NOT_INSTALLED)
        )
    return registry


def _admit(candidate: Candidate, registry: Registry, disabled: Collection[str]) -> PluginInfo:
    info = PluginInfo(name=candidate.name, version=candidate.version, module=candidate.value, healthy=False)
    if candidate.name in disabled:
        return info.model_copy(update={"error": SWITCHED_OFF})
    try:
        offers = ask(candidate.entry())
        registry.admit(candidate.name, offers)
    except StudioError as error:
        return info.model_copy(update={"error": str(error)})
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code may raise anything
        return info.model_copy(update={"error": _words(error), "traceback": "".join(traceback.format_exception(error))})
    return info.model_copy(update={"healthy": True, **_ids(offers)})


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _ids(offers: Offers) -> dict[str, tuple[str, ...]]:
    return {
        "methods": tuple(card.id for card in offers.methods),
        "datasets": tuple(card.id for card in offers.datasets),
        "metrics": tuple(card.id for card in offers.metrics),
        "importers": tuple(card.id for card in offers.importers),
        "nodes": tuple(node.type.id for node in offers.nodes),
    }
