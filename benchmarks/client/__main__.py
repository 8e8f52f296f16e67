"""How fast `tank` is beside npm, pnpm, bun and uv: the same content, in the same run, on tmpfs.

    make bench-client         (or python -m benchmarks.client)

100 skills of 2,000 files and 5 MB, signed and attested, from a lock: cold, cold over a
network 25 ms away, warm, and with nothing to do; and 764 pins out of 1,000 packages with
20 versions each, resolved and locked. Each round runs every tool in every scenario, one
after the other; a ratio is the median of the rounds' ratios. Nothing outside of
``build/`` and the work folder is written, and every server ends with the run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from benchmarks.client import figures, npm_packages, tank_registry, tools, wheels
from benchmarks.client.corpus import Skill, corpus
from benchmarks.client.graph import Graph, graph
from benchmarks.client.processes import FailedRunError, Measured, background, serving
from benchmarks.client.tools import PEERS, PROJECT, Tool

_SCENARIOS = (
    "version",
    "help",
    "cold",
    "warm",
    "no-op",
    "hash",
    "verify files",
    "verify",
    "cold far",
    "resolve",
)
_ROUNDS = 5
_FROM_NPM = (tools.npm, tools.pnpm, tools.pnpm_js, tools.bun)
_FAR_MILLISECONDS = 25.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument(
        "--tank", type=Path, default=PROJECT / ".venv-cli" / "bin" / "tank", help="the command"
    )
    parser.add_argument(
        "--only", choices=_SCENARIOS, action="append", help="only this scenario; may be repeated"
    )
    parser.add_argument("--work", type=Path, default=Path("/dev/shm"), help="a folder on tmpfs")  # noqa: S108
    parser.add_argument("--json", action="store_true", help="every run, as one document on stdout")
    options = parser.parse_args()
    if not PEERS.is_dir() or not tools.UV.exists():
        parser.error("the peers are not installed: make bench-client")
    with tempfile.TemporaryDirectory(prefix="tank-bench-", dir=options.work) as folder:
        runs = _measured(Path(folder), options.tank.absolute(), options.rounds, options.only or _SCENARIOS)
    if options.json:
        print(json.dumps([[*key, [[m.seconds, m.peak_bytes] for m in all_]] for key, all_ in runs.items()]))
    else:
        print("\n".join([*figures.target_lines(runs), "", *figures.time_lines(runs)]))


def _measured(
    folder: Path, tank: Path, rounds: int, scenarios: tuple[str, ...]
) -> dict[tuple[str, str], list[Measured]]:
    runs: dict[tuple[str, str], list[Measured]] = {}
    with contextlib.ExitStack() as stack:
        ready = _installing(stack, folder, tank)
        machines = {name: ready for name in scenarios if name not in ("cold far", "resolve")}
        if "cold far" in scenarios:
            machines["cold far"] = _installing(stack, folder / "far", tank, _FAR_MILLISECONDS)
        if "resolve" in scenarios:
            machines["resolve"] = _resolving(stack, folder / "resolve", tank)
        for number in range(rounds):
            _say(f"round {number + 1} of {rounds} ...")
            for scenario in scenarios:
                for tool in figures.rotated(machines[scenario], number):  # nobody is always first
                    if scenario in tool.commands:
                        runs.setdefault((scenario, tool.name), []).append(tool.run(scenario))
    return runs


def _installing(
    stack: contextlib.ExitStack, folder: Path, tank: Path, far_milliseconds: float = 0.0
) -> list[Tool]:
    """Returns the tools with a project that has a lock and everything installed, and starts what they ask."""
    skills = corpus()
    _say(
        f"making and publishing {len(skills)} skills{' for the far registry' if far_milliseconds else ''} ..."
    )
    objects, storage, index = folder / "objects", folder / "verdaccio", folder / "index"
    objects.mkdir(parents=True)
    storage.mkdir()
    requirements = wheels.write_corpus(skills, index)
    port, verdaccio = _free_port(), _free_port()
    _serve_verdaccio(stack, storage, verdaccio, skills)
    ports = [port, verdaccio, _serve_static(stack, index)]
    if far_milliseconds:
        ports = [_serve_far(stack, each, far_milliseconds) for each in ports]
    url = f"http://127.0.0.1:{ports[0]}"
    fingerprint = tank_registry.write_corpus(skills, {url: objects})[url]
    _serve_static(stack, objects, port)
    registry = f"http://127.0.0.1:{ports[1]}/"
    wanted = {skill.full_name: f"^{skill.version}" for skill in skills}
    ours = tools.tank(tank, folder / "tank", url, fingerprint, tools.skills_manifest(skills))
    ours.set_up(tank, "install")
    uv = tools.uv(folder / "uv", f"http://127.0.0.1:{ports[2]}", requirements)
    uv.run("cold")
    made = [ours, tools.floor(tank.parent / "python", ours), uv]
    for make in _FROM_NPM:
        peer = make(folder / make.__name__, registry, wanted)
        peer.set_up(*peer.commands["lock"])
        made.append(peer)
    return made


def _resolving(stack: contextlib.ExitStack, folder: Path, tank: Path) -> list[Tool]:
    """Returns the tools with a project that has no lock yet, and starts what they ask."""
    made = graph()
    _say("making the graph ...")
    objects, documents, index = folder / "objects", folder / "documents", folder / "index"
    for path in (objects, documents, index):
        path.mkdir(parents=True)
    port = _free_port()
    fingerprint = tank_registry.write_graph(_tank_graph(made), f"http://127.0.0.1:{port}", objects)
    _serve_static(stack, objects, port)
    documents_port = _free_port()
    registry = f"http://127.0.0.1:{documents_port}/"
    npm_packages.write_graph(made, documents, registry.rstrip("/"))
    _serve_static(stack, documents, documents_port)
    requirements = wheels.write_graph(made, index)
    uv_index = f"http://127.0.0.1:{_serve_static(stack, index)}"
    wanted = {made.name(number): f"^1.{least}.0" for number, least in made.roots.items()}
    manifest = tools.graph_manifest(made)
    url = f"http://127.0.0.1:{port}"
    found = [
        tools.tank(tank, folder / "tank", url, fingerprint, manifest),
        tools.uv(folder / "uv", uv_index, requirements),
    ]
    found += [make(folder / make.__name__, registry, wanted) for make in _FROM_NPM]
    locks = ("skills.lock", "package-lock.json", "pnpm-lock.yaml", "bun.lock")
    for tool in found:
        tool.trees = (*tool.trees, *locks)
    return found


def _tank_graph(made: Graph) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return {
        f"@bench/{made.name(number)}": {
            f"1.{minor}.0": {f"@bench/{made.name(other)}": f"^1.{least}.0" for other, least in needs.items()}
            for minor, needs in enumerate(versions)
        }
        for number, versions in enumerate(made.packages)
    }


def _serve_static(stack: contextlib.ExitStack, root: Path, port: int = 0) -> int:
    command = (sys.executable, "-m", "benchmarks.client.static_server", "--root", root, "--port", str(port))
    return stack.enter_context(serving(command, cwd=PROJECT, environment=_servers_environment(root.parent)))


def _serve_far(stack: contextlib.ExitStack, target: int, milliseconds: float) -> int:
    words = ("--target", str(target), "--milliseconds", str(milliseconds))
    command = (sys.executable, "-m", "benchmarks.client.delay_proxy", *words)
    return stack.enter_context(serving(command, cwd=PROJECT, environment=_servers_environment(PROJECT)))


def _serve_verdaccio(
    stack: contextlib.ExitStack, storage: Path, port: int, skills: tuple[Skill, ...]
) -> None:
    config = storage.parent / "verdaccio.yaml"
    config.write_text(npm_packages.verdaccio_config(storage))
    script = PEERS / "verdaccio" / "bin" / "verdaccio"
    stack.enter_context(
        background(
            ("node", script, "--config", config, "--listen", f"127.0.0.1:{port}"),
            cwd=storage,
            environment=_servers_environment(storage),
            output=subprocess.DEVNULL,
        )
    )
    _wait_for(f"http://127.0.0.1:{port}/-/ping")
    npm_packages.publish(skills, port)


def _servers_environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": f"{PROJECT / 'cli'}:{PROJECT}"}


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310  # our own, on loopback
            return
        time.sleep(0.1)
    raise FailedRunError(f"{url} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
