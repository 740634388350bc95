"""A process with one thread that forks runs of `prove` and kills them: `python _zygote.py`.

Reads one JSON object a line {root, config…, delay}, answers one line {killed, seconds}.
Forked from here, not from the test, whose servers are threads.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from _chain import SIGNER
from _sealed import Sealed, config

from liquest.run.progress import Silent
from liquest.vault.proofs import ProveConfig, Trust, prove, upgrade
from liquest.vault.proofs.config import ArweaveConfig, EvmConfig

IMPORTED = SIGNER
"""Here once, and not by every child."""


def settings(asked: dict[str, Any]) -> ProveConfig:
    """The configuration that a line describes."""
    evm = EvmConfig(
        asked["rpc"], Path(asked["key"]), asked["chain"], confirmations=0, patience=20.0
    )
    return config(
        tsa=tuple(asked["tsa"]),
        calendars=tuple(asked["calendars"]),
        evm=evm if asked["anchor"] else None,
        arweave=ArweaveConfig(asked["gateway"], Path(asked["wallet"])),
        trust=Trust(Path(asked["roots"])),
    )


def run(asked: dict[str, Any]) -> None:
    """What the child does, until it is done or dead."""
    vault, wanted = Sealed(Path(asked["root"])), settings(asked)
    prove(vault, wanted, Silent())
    upgrade(vault, wanted, Silent())


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        start = time.monotonic()
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(KeyboardInterrupt):
                run(asked)
                code = 0
            os._exit(code)
        killed = False
        while True:
            done, _ = os.waitpid(child, os.WNOHANG)
            if done:
                break
            if time.monotonic() - start >= asked["delay"]:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                killed = True
                break
            time.sleep(0.001)
        answer = {"killed": killed, "seconds": time.monotonic() - start}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
