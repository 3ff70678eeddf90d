"""Workers of an existing Dask cluster: the same tasks, the same window, the same refusal of other code.

A Dask port runs anybody's code: keep it on loopback or behind TLS (``docs/how-to/run-on-a-cluster.md``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from expansion_sim.errors import InputError
from expansion_sim.experiment import fingerprint

if TYPE_CHECKING:
    from distributed import Client

#: Seconds to wait for the scheduler, and for a first worker.
CONNECT_SECONDS, WORKER_SECONDS = 20, 120
#: Seconds after which the workers are counted again: they come and go.
ASK_SECONDS = 5.0
#: Worker deaths that Dask itself makes good before it gives a task back.
RETRIES = 2


class DaskCrew:
    """Tasks through a Dask scheduler, two per worker in flight.

    Args:
        address: Address of the scheduler, ``tcp://host:port`` or ``tls://host:port``; a file that a scheduler wrote with
            ``--scheduler-file``; or a client of one's own, which stays open.

    Raises:
        InputError: Dask is not installed, nobody answers, there are no workers, or one has other code.
    """

    tries = 2  # of a run; Dask has made good several deaths of workers before each of them counts
    steady = False

    def __init__(self, address: str | Client) -> None:
        try:
            from distributed import KilledWorker
        except ImportError:
            raise InputError("--scheduler needs Dask: pip install 'expansion-sim[cluster]'") from None
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


def _connected(address: str) -> Client:
    from distributed import Client

    where = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
    try:
        return Client(**where, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"no Dask scheduler answers at {address} ({' '.join(str(error).split())})") from None
