# SPDX-License-Identifier: Apache-2.0
"""Proof at servers that begin TLS in a protocol of their own."""
import socket
import ssl
import threading

import pytest

from installing import settings

LDAP_OK = bytes.fromhex("300c02010178070a010004000400")
LDAP_NO = bytes.fromhex("300c02010178070a013404000400")
MYSQL = b"\x0a8.0\0" + b"\1\0\0\0" + b"saltsalt" + b"\0"
STREAM = (b"<?xml version='1.0'?><stream:stream xmlns:stream='s' id='1' version='1.0'>"
          b"<stream:features>%s</stream:features>")
OPENING = (b"<?xml version='1.0'?><stream:stream to='a.test' xmlns='jabber:%s' "
           b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")
PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
OFFER = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


def packet(body):
    return len(body).to_bytes(3, "little") + b"\0" + body


# What a server says first, what it must hear, what it says then; None: nothing.
TALKS = {
    "ldap": (None, b"1.3.6.1.4.1.1466.20037", LDAP_OK),
    "xmpp": (None, [OPENING % b"client", b"xmpp-tls'/>"], [STREAM % OFFER, PROCEED]),
    "xmpp-server": (None, [OPENING % b"server", b"xmpp-tls'/>"], [STREAM % OFFER, PROCEED]),
    "postgres": (None, b"\0\0\0\x08\x04\xd2\x16\x2f", b"S"),
    "mysql": (packet(MYSQL + b"\xff\xff\x21\0\0"), b"\0" * 23, None),
    "sieve": (b'"SASL" ""\r\n"STARTTLS"\r\nOK "hello"\r\n', b"STARTTLS\r\n", b'OK "go"\r\n'),
    "nntp": (b"200 hello\r\n", b"STARTTLS\r\n", b"382 go\r\n"),
}
REFUSALS = {
    "ldap": ((None, b"1.3.6.1.4.1.1466.20037", LDAP_NO), "LDAP result 52"),
    "postgres": ((None, b"\x16\x2f", b"N"), "does not offer TLS"),
    "mysql": ((packet(MYSQL + b"\xff\xf7\x21\0\0"), None, None), "does not offer TLS"),
    "nntp": ((b"502 not for you\r\n", None, None), "502 not for you"),
}


class Speaker:
    """Talks as the script says on each connection, then begins TLS with these files."""

    def __init__(self, talk, chain, key):
        self.talk, self.chain, self.key = talk, chain, key
        self.names = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._meet, args=(connection,), daemon=True).start()

    def _meet(self, connection):
        connection.settimeout(20)
        try:
            with connection:
                self._speak(connection)
                self._begin_tls(connection)
        except OSError:
            pass

    def _speak(self, connection):
        first, words, answers = self.talk
        if first:
            connection.sendall(first)
        words = words if isinstance(words, list) else [words]
        answers = answers if isinstance(answers, list) else [answers]
        for word, answer in zip(words, answers):
            heard = b""
            while word and word not in heard:
                more = connection.recv(1)    # what follows is TLS's
                if not more:
                    raise OSError("it hung up")
                heard += more
            if answer:
                connection.sendall(answer)

    def _begin_tls(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        context.sni_callback = lambda tls, name, _: self.names.append(name)
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    def stop(self):
        self.listener.close()


@pytest.fixture
def speaker(tmp_path):
    made = []

    def start(talk):
        made.append(Speaker(talk, tmp_path / "site.pem", tmp_path / "site.key"))
        return made[-1]

    yield start
    for each in made:
        each.stop()


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def options(tmp_path, server, protocol, **more):
    return settings("installer-files", key=tmp_path / "site.key",
                    fullchain=tmp_path / "site.pem", probe=f"127.0.0.1:{server.port}",
                    probe_starttls=protocol, **more)


@pytest.mark.parametrize("protocol", TALKS)
def test_what_is_served_behind_a_protocol_is_proven(issue, speaker, tmp_path, protocol):
    server = speaker(TALKS[protocol])

    result = issue("a.test", *options(tmp_path, server, protocol, probe_timeout=5))

    assert result.code == 0, result
    assert server.names == ["a.test"]


@pytest.mark.parametrize("protocol", REFUSALS)
def test_a_server_that_refuses_tls_is_told(issue, speaker, tmp_path, protocol):
    talk, words = REFUSALS[protocol]
    server = speaker(talk)

    result = issue("a.test", *options(tmp_path, server, protocol, probe_timeout=1))

    assert result.code == 7 and words in result.stderr, result


def test_a_protocol_that_is_none_is_told_before_the_ca_is_asked(issue, speaker, tmp_path):
    server = speaker(TALKS["nntp"])

    result = issue("a.test", *options(tmp_path, server, "gopher"))

    assert result.code == 2 and "probe-starttls" in result.stderr, result
    assert "ldap" in result.stderr and not issue.ca.requests
