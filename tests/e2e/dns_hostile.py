# SPDX-License-Identifier: Apache-2.0
"""
A name server that means no good, on port 53 of an address of a network namespace (see
dns_world.py). It knows DNS by the byte, because no library would build these packets.

    HostileDns("127.0.0.57", behaviour).start()

A behaviour is a function (server, query, is_tcp) -> list of packets; over UDP a packet
may also be (packet, address) to come from another address. `truth` asks a real one.
"""
import contextlib
import socket
import struct
import threading
import time

QUERY_SIZE = 4096
RESPONSE = 0x8400      # QR, AA
CUT = 0x0200           # TC
OTHER_ADDRESS = "127.0.0.58"
TXT, SOA, IN = 16, 6, 1


def question_of(query):
    """The bytes of the question; and its name's, type's end."""
    at = 12
    while query[at]:
        at += query[at] + 1
    return query[12:at + 5]


def kind_of(query):
    return struct.unpack(">H", question_of(query)[-4:-2])[0]


def header(query, answers=0, authority=0, flags=RESPONSE, rcode=0, number=None):
    number = struct.unpack(">H", query[:2])[0] if number is None else number
    return struct.pack(">HHHHHH", number, flags | rcode, 1, answers, authority, 0)


def record(owner, kind, data, ttl=60):
    return owner + struct.pack(">HHIH", kind, IN, ttl, len(data)) + data


def reply(query, answers=(), authority=(), **how):
    return (header(query, len(answers), len(authority), **how) + question_of(query)
            + b"".join(answers) + b"".join(authority))


NAME = b"\xc0\x0c"     # a pointer to the question's name
TEST = b"\x04test\0"


def soa(minimum, owner=TEST):
    return record(owner, SOA, TEST + TEST + struct.pack(">IIIII", 1, 2, 3, 4, minimum),
                  ttl=minimum)


def truth(server, query, is_tcp):
    """What the real resolver says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(5)
        asked.sendto(query, (server.real, 53))
        return [asked.recv(65535)]


class HostileDns:
    def __init__(self, address, behaviour, real="127.0.0.1", tcp="answer"):
        self.address, self.behaviour, self.real, self.tcp = address, behaviour, real, tcp
        self.asked = 0
        self._ends = threading.Event()
        self._sockets, self._threads, self._open = [], [], []

    def start(self):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((self.address, 53))
        tcp = socket.create_server((self.address, 53), backlog=64)
        for sock, serve in ((udp, self._serve_udp), (tcp, self._serve_tcp)):
            sock.settimeout(0.1)
            self._sockets.append(sock)
            thread = threading.Thread(target=serve, args=(sock,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self):
        self._ends.set()
        for thread in self._threads:
            thread.join()
        for sock in (*self._sockets, *self._open):
            sock.close()

    def _serve_udp(self, udp):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((OTHER_ADDRESS, 53))
            while not self._ends.is_set():
                with contextlib.suppress(TimeoutError):
                    query, client = udp.recvfrom(QUERY_SIZE)
                    self.asked += 1
                    threading.Thread(target=self._answer_udp, daemon=True,
                                     args=(udp, other, query, client)).start()

    def _answer_udp(self, udp, other, query, client):
        with contextlib.suppress(OSError):
            for packet in self.behaviour(self, query, False):
                if isinstance(packet, tuple):
                    other.sendto(packet[0], client)
                else:
                    udp.sendto(packet, client)

    def _serve_tcp(self, tcp):
        while not self._ends.is_set():
            with contextlib.suppress(OSError, struct.error):
                client, _ = tcp.accept()
                self.asked += 1
                self._open.append(client)
                if self.tcp != "silent":
                    self._answer_tcp(client)

    def _answer_tcp(self, client):
        client.settimeout(2)
        size, = struct.unpack(">H", client.recv(2))
        query = client.recv(size)
        for packet in self.behaviour(self, query, True):
            framed = struct.pack(">H", len(packet)) + packet
            client.sendall(framed)
        client.close()


@contextlib.contextmanager
def hostile_dns(address, behaviour, **more):
    server = HostileDns(address, behaviour, **more).start()
    try:
        yield server
    finally:
        server.stop()


# ---- what is never an answer

def wrong_id(server, query, is_tcp):
    return [reply(query, authority=[soa(60)], number=number) for number in range(64)]


def from_elsewhere(server, query, is_tcp):
    return [(reply(query, authority=[soa(60)]), OTHER_ADDRESS)]


def cut_for_ever(server, query, is_tcp):
    return [reply(query, flags=RESPONSE | CUT)]


def noise(server, query, is_tcp):
    return [bytes(range(256)) * 4]


def nothing(server, query, is_tcp):
    return []


def flood(server, query, is_tcp):
    return [reply(query, number=number) for number in range(2000)]


# ---- answers, in their way

def huge(server, query, is_tcp):
    """64 KB of TXT records, with bytes that no terminal should see."""
    if not is_tcp:
        return cut_for_ever(server, query, is_tcp)
    evil = record(NAME, TXT, b"\xff" + (b"\x1b]0;title\x07\0" * 24)[:255])
    soa_beside = soa(60)
    room = 65000 - len(soa_beside)
    return [reply(query, [evil] * (room // len(evil)), [soa_beside])]


def strange_text(server, query, is_tcp):
    if kind_of(query) != TXT:
        return [reply(query, authority=[soa(60)])]
    return [reply(query, [record(NAME, TXT, text) for text in (
        b"\x03a\0b", b"\x05\x1b[31m", b"\x00", b"\xffshort", b"")])]


def never_again(server, query, is_tcp):
    """NXDOMAIN that may be kept for 68 years."""
    return [reply(query, authority=[soa(2**31 - 1)], rcode=3)]


# ---- the truth, after something else

def ids_first(server, query, is_tcp):
    return wrong_id(server, query, is_tcp)[:8] + truth(server, query, is_tcp)


def elsewhere_first(server, query, is_tcp):
    lie = reply(query, authority=[soa(60)], rcode=3)
    return [(lie, OTHER_ADDRESS)] * 3 + truth(server, query, is_tcp)


def noise_first(server, query, is_tcp):
    return noise(server, query, is_tcp) + [b""] + truth(server, query, is_tcp)


def late(server, query, is_tcp):
    time.sleep(0.7)
    return truth(server, query, is_tcp)
