# SPDX-License-Identifier: Apache-2.0
"""A name server on loopback that has one zone, "test.", and nothing in it."""
import socketserver
import struct
import threading

ZONE = b"\x04test\x00"
SOA = struct.pack(">HHIH", 6, 1, 60, 22) + b"\x00\x00" + struct.pack(
    ">IIIII", 1, 60, 60, 60, 60)    # MNAME and RNAME are the root


def answer_to(query):
    """NOERROR with the zone's SOA: as the answer for its own name, else beside none."""
    end = query.index(b"\x00", 12) + 5
    question = query[12:end]
    is_soa = question.lower() == ZONE + b"\x00\x06\x00\x01"
    flags = 0x8400 | (0 if is_soa or question.lower().startswith(ZONE) else 3)
    head = query[:2] + struct.pack(">HHHHH", flags, 1, int(is_soa), int(not is_soa), 0)
    return head + question + ZONE + SOA


class SmallDns:
    def __init__(self):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                data, connection = self.request
                connection.sendto(answer_to(data), self.client_address)

        self._server = socketserver.UDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
