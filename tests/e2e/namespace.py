# SPDX-License-Identifier: Apache-2.0
"""
A network namespace of its own, with nothing in it but loopback, for what must be asked
at a port below 1024. Of the thread that enters it, and of what that starts. And a second
one beside it, at the other end of a cable.
"""
import contextlib
import ctypes
import os
import subprocess

from running import wait_until

NEW_NETWORK = 0x40000000    # CLONE_NEWNET
# A user namespace will not do: in it "/" belongs to nobody, so no plugin is trusted.
HINT = ("ports 53 and 443 and the kernel's own redirection are wanted, so these tests need "
        "a network namespace of their own: run them as root; in a container, with the "
        "capabilities SYS_ADMIN and NET_ADMIN")


def _call(function, *arguments):
    if function(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{HINT}: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def own_network(addresses=()):
    """addresses: of loopback, beside 127.0.0.0/8 and ::1."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call(libc.unshare, NEW_NETWORK)
        try:
            _set_up(addresses)
            yield
        finally:
            _call(libc.setns, before, NEW_NETWORK)
    finally:
        os.close(before)


def _set_up(addresses):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in addresses:
        subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)


class Neighbour:
    """
    A second network namespace, joined to this one by a cable: we are 10.71.0.1, it is
    10.71.0.2. What runs in it is started with `prefix`, or in a thread within entered().
    """

    HERE, THERE = "10.71.0.1", "10.71.0.2"

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.pid = self.holder.pid
        self.prefix = ["nsenter", f"--net=/proc/{self.pid}/ns/net"]

    def start(self):
        own = os.readlink("/proc/thread-self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{self.pid}/ns/net") != own,
                   "the second network namespace")
        ip = ["ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable",
              "netns", str(self.pid)]
        subprocess.run(ip, check=True)
        for prefix, address in (([], self.HERE), (self.prefix, self.THERE)):
            for words in (["address", "add", f"{address}/24", "dev", "cable"],
                          ["link", "set", "cable", "up"], ["link", "set", "lo", "up"]):
                subprocess.run([*prefix, "ip", *words], check=True)
        return self

    @contextlib.contextmanager
    def entered(self):
        libc = ctypes.CDLL(None, use_errno=True)
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call(libc.setns, there, NEW_NETWORK)
            yield
        finally:
            _call(libc.setns, before, NEW_NETWORK)
            os.close(there)
            os.close(before)

    def stop(self):
        self.holder.terminate()
        self.holder.wait()
