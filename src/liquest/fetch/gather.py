"""Files as they arrive, several on their way at once, the first failure of the disk an end."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import LiquestError, OutputError, Text
from ..vault.disk import output_error
from .failures import Refused, Stopped
from .transfer import Obtained, Source
from .wanted import Wanted
from .web import Web


def gather(
    web: Web, sources: Mapping[str, Source], wanted: Iterable[Wanted], parts: Path
) -> Generator[tuple[Wanted, Obtained | LiquestError], None, None]:
    """Each file with its bytes or with why there are none, in the order of their arrival.

    Raises OutputError when the part folder cannot be written; whoever closes it, stops
    the downloads.
    """
    todo = iter(wanted)
    running: dict[Future[Obtained | LiquestError], Wanted] = {}
    with ThreadPoolExecutor(web.limits.concurrency, thread_name_prefix="liquest-fetch") as pool:
        try:
            while True:
                while len(running) < web.limits.concurrency:
                    one = next(todo, None)
                    if one is None:
                        break
                    running[pool.submit(_obtain, sources, one, parts)] = one
                if not running:
                    return
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield running.pop(future), future.result()
        except BaseException:
            web.stop.set()
            for future in running:
                future.cancel()
            raise


def _obtain(sources: Mapping[str, Source], one: Wanted, parts: Path) -> Obtained | LiquestError:
    scheme = urlsplit(one.url).scheme
    if scheme not in sources:
        return Refused(Text(f"'{scheme}' is not fetched", f"不支持“{scheme}”地址"), where=one.url)
    try:
        return sources[scheme].obtain(one, parts)
    except (OutputError, Stopped):
        raise
    except LiquestError as error:
        return error
    except OSError as error:
        raise output_error(error, parts) from error
