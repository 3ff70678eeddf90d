"""Workers of an existing Dask cluster: the same tasks, the same window, the same refusal of other code.

A Dask port runs anybody's code: keep it on loopback or behind TLS (``docs/how-to/run-on-a-cluster.md``).
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from expansion_sim.errors import InputError
from expansion_sim.experiment import fingerprint

if TYPE_CHECKING:
    from distributed import Client

NO_DASK = "--scheduler needs Dask: pip install 'expansion-sim[cluster]'"
#: Seconds to wait for the scheduler, and for a first worker.
CONNECT_SECONDS, WORKER_SECONDS = 20, 120
#: Seconds after which the workers are counted again: they come and go.
ASK_SECONDS = 5.0
#: Times that Dask runs a task again by itself when it raised something, such as a result that was lost on its way.
RETRIES = 2


class DaskCrew:
    """Tasks through a Dask scheduler, two per worker in flight.

    Args:
        address: Address of the scheduler, ``tcp://host:port`` or ``tls://host:port``; a file that a scheduler wrote with
            ``--scheduler-file``; or a client of one's own, which stays open.

    Raises:
        InputError: Dask is not installed, nobody answers, there are no workers, or one has other code.
    """

    steady = False

    def __init__(self, address: str | Client) -> None:
        try:
            from distributed import KilledWorker
        except ImportError:
            raise InputError(NO_DASK) from None
        self.lost: tuple[type[BaseException], ...] = (KilledWorker,)
        self._owned = isinstance(address, str)
        self.client: Client = _connected(address) if isinstance(address, str) else address
        try:
            self._check_workers(str(address))
        except BaseException:
            self._take_leave()
            raise
        self._flying: WeakSet[Any] = WeakSet()
        self._workers, self._asked = 1, float("-inf")

    @property
    def capacity(self) -> int:
        """Tasks in flight: two for each worker there is now, so that none waits for the next one."""
        now = time.monotonic()
        if now - self._asked > ASK_SECONDS:
            self._workers, self._asked = max(1, len(self.client.nthreads())), now
        return 2 * self._workers

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Hand a task to the cluster."""
        future = self.client.submit(function, *arguments, pure=False, retries=RETRIES)
        self._flying.add(future)
        told: Future = Future()
        loop: Any = self.client.loop  # there while the client is open
        loop.add_callback(hand_over, future, told)
        return told

    def taken(self, future: Future) -> int:
        """Workers that a lost task has taken down: Dask gives it to one more as often as its scheduler allows, three times by default."""
        return int(getattr(future.exception(), "allowed_failures", 0)) + 1

    def close(self) -> None:
        """Cancel what is in flight and take leave; scheduler and workers go on."""
        if self.client.status == "running":  # a scheduler that has gone has nothing to cancel
            self.client.cancel(list(self._flying))
        self._take_leave()

    def _take_leave(self) -> None:
        if self._owned:
            self.client.close()

    def _check_workers(self, address: str) -> None:
        try:
            self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise InputError(f"the scheduler at {address} has no workers") from None
        try:
            hashes = self.client.run(fingerprint.code_hash)
        except Exception as error:  # whatever a worker without the package raises
            raise InputError(f"a worker cannot run this package: {' '.join(str(error).split())}") from None
        other = sorted(worker for worker, found in hashes.items() if found != fingerprint.code_hash())
        if other:
            told = (
                f"{len(other)} of {len(hashes)} workers have other code or package versions than this process, such as {other[0]}"
            )
            raise InputError(f"{told}; install the same version everywhere")


async def hand_over(future: Any, told: Future) -> None:
    """Pass on what becomes of a Dask future, whatever it is.

    Dask's own executor passes on most of it: when a worker dies after it has finished a task and before its result was fetched, and the
    task then fails, the executor's future never ends, and a sweep would wait for ever.

    Args:
        future: Future of Dask.
        told: Gets its result, its exception or its cancellation.
    """
    try:
        result = await future._result()
    except BaseException as error:
        if future.cancelled() or isinstance(error, asyncio.CancelledError):
            told.cancel()
            told.set_running_or_notify_cancel()
        else:
            told.set_exception(error)
    else:
        told.set_result(result)


def _connected(named: str) -> Client:
    """A client of the scheduler at an address, or of the one that wrote a file.

    Raises:
        InputError: The address is none, or nobody answers there.
    """
    from distributed import Client

    address = _address_in(Path(named)) if named.endswith(".json") else named
    check_address(address)
    try:
        return Client(address=address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # Dask's own, the system's, those of TLS
        told = " ".join(str(error).split())
    gc.collect()  # a client that did not come about is ended here: at the end of the process it would wait for its thread in vain
    raise InputError(f"no Dask scheduler answers at {named} ({told})")


def _address_in(file: Path) -> str:
    """Address in the file of a scheduler, for which it is waited a while: the two may have been started together."""
    end = time.monotonic() + CONNECT_SECONDS
    while not file.is_file() and time.monotonic() < end:
        time.sleep(0.1)
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except FileNotFoundError:
        raise InputError(f"--scheduler: there is no file {file}") from None
    except (OSError, ValueError, TypeError, KeyError):
        raise InputError(f"--scheduler: {file} is not a file that a Dask scheduler wrote") from None


def check_address(named: str) -> None:
    """Refuse at once what can be neither the address of a scheduler nor a scheduler's file.

    Raises:
        InputError: It is none, or Dask is not installed.
    """
    try:
        from distributed.comm.addressing import get_address_host
    except ImportError:
        raise InputError(NO_DASK) from None
    try:
        if not named.endswith(".json"):
            get_address_host(named)
    except ValueError as error:
        told = " ".join(str(error).split())
        raise InputError(f"--scheduler: {named!r} is no address such as tcp://127.0.0.1:8786 ({told})") from None
