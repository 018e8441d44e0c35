"""Kernels that are forked, so that what all notebooks import is imported once.

They are forked while this process has no thread but its first (and that of an allocator, which sees to its own forks) and
has not yet used what does not survive a fork (event loops, sockets of ZeroMQ), and wait for their orders; each is a
process of its own with a fresh namespace. What happens from there on is as for any kernel that `jupyter_client` starts.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

CAN_FORK = sys.platform == "linux"
"""Windows cannot fork, and the numerical libraries of macOS do not survive it."""
_NEEDED = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib", "IPython.extensions.storemagic"),
    *("pdb", "psutil", "tornado.platform.asyncio"),
    *("plait.report.published", "plait.report.review", "pyarrow.pandas_compat", "scipy.special"),
)
"""What every kernel, or most, would otherwise import for itself."""


class ForkedKernel:
    """A forked kernel, as `subprocess.Popen` shows a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, orders: int) -> None:
        self.pid = pid
        self.orders = orders
        self.returncode: int | None = None

    def start(self, command: list[str], env: dict[str, str], cwd: str) -> None:
        """Give a waiting kernel its orders; without any it ends when this process does."""
        with os.fdopen(self.orders, "w", encoding="utf-8") as orders:
            json.dump({"command": command, "env": env, "cwd": cwd}, orders)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel manager's kernel by giving orders to one that was forked before."""

    process: Any = None

    def __init__(self, kernel: ForkedKernel, **traits: Any) -> None:
        super().__init__(**traits)
        self._waiting = kernel

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        kernel = self._waiting
        kernel.start(cmd, kwargs["env"], str(kwargs["cwd"]))
        self.process, self.pid, self.pgid, self.cwd = kernel, kernel.pid, kernel.pid, kwargs["cwd"]
        return self.connection_info


def forked_kernels(number: int) -> list[ForkedKernel]:
    """Fork kernels that wait for orders.

    To be called before anything else is done in this process.
    """
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # nobody debugs here, and it is slow to import
    for name in _NEEDED:
        import_module(name)
    gc.freeze()  # what was imported is no garbage: no kernel looks through it, nor copies it by looking
    kernels: list[ForkedKernel] = []
    for _ in range(number):
        reading, writing = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            for end in (writing, *(kernel.orders for kernel in kernels)):
                os.close(end)
            _be_a_kernel(reading, parent)
        os.close(reading)
        kernels.append(ForkedKernel(pid, writing))
    return kernels


def _be_a_kernel(reading: int, parent: int) -> NoReturn:
    """Wait for orders, and be a kernel as they say, for as long as the parent lives."""
    from ipykernel.kernelapp import IPKernelApp

    try:
        gc.enable()
        os.setsid()  # as of a kernel that was started; signals go to it and to what it starts
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        with os.fdopen(reading, encoding="utf-8") as orders:
            told = orders.read()
        if told:
            order = json.loads(told)
            os.environ.clear()
            os.environ.update(order["env"])
            os.chdir(order["cwd"])
            arguments = order["command"][order["command"].index("-f") :]
            IPKernelApp.launch_instance(argv=arguments, parent_handle=parent)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
