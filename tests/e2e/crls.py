# SPDX-License-Identifier: Apache-2.0
"""Certificate revocation lists (RFC 5280 5), good and bad, signed with openssl."""
import datetime

from certificates import only_pem, run

SEQUENCE, OCTETS, BITS, INTEGER, OID = 0x30, 0x04, 0x03, 0x02, 0x06
ECDSA_SHA256, ECDSA_SHA1 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.1"
REASON, ISSUER_OF_ENTRY = "2.5.29.21", "2.5.29.29"
NUMBER, DELTA, POINT = "2.5.29.20", "2.5.29.27", "2.5.29.28"
UNKNOWN = "1.3.6.1.4.1.32473.1"   # the arc for examples (RFC 5612)


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(octets)]) + octets + content


def integer(number):
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = (int(word) for word in text.split("."))
    octets = [40 * first + second]
    for number in rest:
        groups = [number & 127]
        while number := number >> 7:
            groups.insert(0, number & 127 | 128)
        octets += groups
    return der(OID, bytes(octets))


def time(moment):
    return der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def extension(name, value, critical=False):
    return der(SEQUENCE, oid(name), der(1, b"\xff") if critical else b"",
               der(OCTETS, value))


def items(content):
    """(tag, whole, content) of each item."""
    while content:
        size, start = content[1], 2
        if size > 127:
            start = 2 + size - 128
            size = int.from_bytes(content[2:start], "big")
        yield content[0], content[:start + size], content[start:start + size]
        content = content[start + size:]


def certificate_der(pem):
    return run("openssl", "x509", "-outform", "DER", input=only_pem(pem))


def _fields(pem):
    """Of tbsCertificate: serial number, algorithm, issuer, validity, subject, ..."""
    whole = next(items(certificate_der(pem)))[2]
    fields = list(items(next(items(whole))[2]))
    return fields[1:] if fields[0][0] == 0xa0 else fields


def serial_of(pem):
    return int.from_bytes(_fields(pem)[0][2], "big")


def subject_of(pem):
    return _fields(pem)[4][1]


def point(url, *more):
    """IssuingDistributionPoint (5.2.5) with the name that the URL is."""
    name = der(0xa0, der(0xa0, der(0x86, url.encode())))
    return der(SEQUENCE, name if url else b"", *more)


def entry(serial, when, reason=None, *more):
    extensions = list(more)
    if reason is not None:
        extensions.append(extension(REASON, der(0x0a, bytes([reason]))))
    return der(SEQUENCE, integer(serial), time(when),
               der(SEQUENCE, *extensions) if extensions else b"")


def make(authority, entries=(), begins=None, ends=None, extensions=(), name=None,
         algorithm=ECDSA_SHA256, inner=None, key=None, digest="sha256", version=1):
    """
    DER of a list of this Authority. ends: False for none. name: DER of the issuer's.
    inner: the algorithm inside, when it differs. key: who signs instead.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    begins = begins or now - datetime.timedelta(hours=1)
    ends = now + datetime.timedelta(days=7) if ends is None else ends
    body = der(SEQUENCE, integer(version), der(SEQUENCE, oid(inner or algorithm)),
               name or subject_of(authority.pem()), time(begins),
               time(ends) if ends else b"",
               der(SEQUENCE, *entries) if entries else b"",
               der(0xa0, der(SEQUENCE, *extensions)) if extensions else b"")
    signature = run("openssl", "dgst", f"-{digest}", "-sign", key or authority.key,
                    input=body)
    return der(SEQUENCE, body, der(SEQUENCE, oid(algorithm)), der(BITS, b"\0", signature))
