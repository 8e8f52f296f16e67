"""The detectors that rules name: facts that patterns over syntax trees cannot state.

Each takes the package and yields hits; its rule says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tank_core.analysis.detectors import (
    advice,
    agent_files,
    agent_settings,
    chains,
    downloads,
    egress,
    encoded,
    files,
    hidden_text,
    hostile_code,
    instructions,
    prerequisites,
    reviewer_talk,
    secrets_left_in,
    shell_flows,
    shell_pipes,
    standing_orders,
    supply_chain,
)
from tank_core.analysis.detectors.hit import Hit
from tank_core.analysis.package import Package

Detector = Callable[[Package], Iterable[Hit]]

DETECTORS: Mapping[str, Detector] = {
    "addressed-to-reviewer": reviewer_talk.addressed_to_reviewer,
    "agent-hooks": agent_settings.hooks,
    "agent-hooks-with-network": agent_settings.hooks_with_network,
    "backdoor-account": advice.backdoor_accounts,
    "bent-results": advice.bends_results,
    "bidirectional-controls": hidden_text.bidirectional_controls,
    "concealed-acts": instructions.concealed_acts,
    "concealed-steps": instructions.concealed_steps,
    "configured-dump": agent_files.configured_dump,
    "credential-file-near-egress": egress.credential_file_near_egress,
    "decode-to-shell": shell_pipes.from_decoder,
    "decoded-and-run": chains.decoded_and_run,
    "defences-off": hostile_code.defences_off,
    "drop-hosts": egress.drop_hosts,
    "encoded-code": encoded.decodes_to_code,
    "fetched-and-run": chains.fetched_and_run,
    "files-collected-and-sent": chains.files_collected_and_sent,
    "foreign-package-index": downloads.foreign_package_index,
    "hidden-comments": instructions.hidden_comments,
    "hidden-powershell": egress.hidden_powershell,
    "hijacked-agent": instructions.hijacks,
    "imitated-packages": supply_chain.imitated_packages,
    "imitated-vendors": supply_chain.imitated_vendors,
    "life-cycle-network": agent_settings.life_cycle_network,
    "locked-files": advice.locks_and_deletes,
    "miners": hostile_code.miners,
    "nested-layers": encoded.nested_layers,
    "other-skills": agent_files.other_skills,
    "out-of-sight": hostile_code.out_of_sight,
    "override-phrases": instructions.overrides,
    "password-protected-archive": prerequisites.password_protected_archive,
    "permissions-off": agent_files.permissions_off,
    "pipe-to-shell-dangerous-host": shell_pipes.from_dangerous_host,
    "pipe-to-shell-known-host": shell_pipes.from_known_host,
    "pipe-to-shell-unusual-host": shell_pipes.from_unusual_host,
    "planted-rules": agent_files.planted_rules,
    "prefers-itself": advice.prefers_itself,
    "prerequisite-paste-site": prerequisites.from_paste_site,
    "prerequisite-release-archive": prerequisites.from_release_archive,
    "prerequisite-unusual-host": prerequisites.from_unusual_host,
    "programs": files.programs,
    "prose-secrets-sent": instructions.secrets_sent,
    "ransom-notes": hostile_code.ransom_notes,
    "raw-addresses": egress.raw_addresses,
    "remote-instructions": agent_files.remote_instructions,
    "reverse-shells": shell_flows.reverse_shells,
    "run-from-dump": downloads.run_from_dump,
    "run-from-foreign-host": downloads.run_from_foreign_host,
    "runs-on-load": hostile_code.runs_on_load,
    "secret-across-files": chains.secret_across_files,
    "secret-to-computed-host": chains.secret_to_computed_host,
    "secret-to-foreign-host": chains.secret_to_foreign_host,
    "secrets-left-in": secrets_left_in.secrets_left_in,
    "shell-secrets-sent": shell_flows.secrets_sent,
    "spreading-order": advice.spreads,
    "standing-order-data": standing_orders.sends_data,
    "standing-order-destroys": advice.destroys,
    "standing-order-private": standing_orders.sends_private_data,
    "standing-order-script": standing_orders.runs_harmful_script,
    "suppressions": reviewer_talk.suppressions,
    "tag-characters": hidden_text.tag_characters,
    "unread": files.unread,
    "watched-and-sent": chains.watched_and_sent,
    "weakened-security": advice.weakens_security,
    "zero-width-characters": hidden_text.zero_width_characters,
}
# Named by rules but found by the pattern scanner itself, not by a function here.
SCANNER_DETECTORS = frozenset({"partial-parse"})
