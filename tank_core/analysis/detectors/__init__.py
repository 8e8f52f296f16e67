"""The detectors that rules name: facts that patterns over syntax trees cannot state.

Each takes the package and yields hits; its rule says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tank_core.analysis.detectors import (
    agent_settings,
    egress,
    encoded,
    files,
    hidden_text,
    instructions,
    prerequisites,
    secrets_left_in,
    shell_flows,
    shell_pipes,
)
from tank_core.analysis.detectors.hit import Hit
from tank_core.analysis.package import Package

Detector = Callable[[Package], Iterable[Hit]]

DETECTORS: Mapping[str, Detector] = {
    "agent-hooks": agent_settings.hooks,
    "agent-hooks-with-network": agent_settings.hooks_with_network,
    "bidirectional-controls": hidden_text.bidirectional_controls,
    "concealed-acts": instructions.concealed_acts,
    "credential-file-near-egress": egress.credential_file_near_egress,
    "decode-to-shell": shell_pipes.from_decoder,
    "drop-hosts": egress.drop_hosts,
    "encoded-code": encoded.decodes_to_code,
    "hidden-comments": instructions.hidden_comments,
    "hidden-powershell": egress.hidden_powershell,
    "life-cycle-network": agent_settings.life_cycle_network,
    "nested-layers": encoded.nested_layers,
    "override-phrases": instructions.overrides,
    "password-protected-archive": prerequisites.password_protected_archive,
    "pipe-to-shell-dangerous-host": shell_pipes.from_dangerous_host,
    "pipe-to-shell-known-host": shell_pipes.from_known_host,
    "pipe-to-shell-unusual-host": shell_pipes.from_unusual_host,
    "prerequisite-paste-site": prerequisites.from_paste_site,
    "prerequisite-release-archive": prerequisites.from_release_archive,
    "prerequisite-unusual-host": prerequisites.from_unusual_host,
    "programs": files.programs,
    "prose-secrets-sent": instructions.secrets_sent,
    "raw-addresses": egress.raw_addresses,
    "reverse-shells": shell_flows.reverse_shells,
    "secrets-left-in": secrets_left_in.secrets_left_in,
    "shell-secrets-sent": shell_flows.secrets_sent,
    "tag-characters": hidden_text.tag_characters,
    "unread": files.unread,
    "zero-width-characters": hidden_text.zero_width_characters,
}
# Named by rules but found by the pattern scanner itself, not by a function here.
SCANNER_DETECTORS = frozenset({"partial-parse"})
