# SPDX-License-Identifier: Apache-2.0
"""A real Apache httpd with TLS, in a folder of its own, and visitors who keep coming."""
import contextlib
import http.client
import os
import pathlib
import shutil
import ssl
import tempfile
import threading
import time

from dns_servers import find_program
from running import Server, free_port

MODULES = "/usr/lib/apache2/modules"
CONFIG = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/httpd.pid
{listens}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule remoteip_module {modules}/mod_remoteip.so
{user}
ErrorLog {folder}/error.log
LogFormat "%a %>s %U" short
CustomLog {folder}/access.log short
DocumentRoot {folder}/www
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
KeepAlive On
KeepAliveTimeout 30
{more}
"""


class Apache:
    """listens: what "Listen" takes; more: further lines of its configuration."""

    def __init__(self, certificate, listens=(), more=""):
        # A test's own folder is closed to the user that Apache becomes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="acmecore-apache-"))
        self.folder.chmod(0o755)
        (self.folder / "www").mkdir()
        self.page = ("a page\n" * 4000).encode()
        (self.folder / "www/page").write_bytes(self.page)
        self.port = free_port()
        self.listens = list(listens) or [f"127.0.0.1:{self.port}"]
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        config = self.folder / "httpd.conf"
        config.write_text(CONFIG.format(
            folder=self.folder, modules=MODULES, user=user, certificate=certificate[0],
            key=certificate[1], more=more,
            listens="\n".join(f"Listen {each}" for each in self.listens)))
        self.server = Server([find_program("apache2"), "-f", config, "-DFOREGROUND"],
                             self.folder / "output.log", folder=self.folder)

    def start(self):
        address, _, port = self.listens[0].rpartition(":")
        self.server.start([(int(port), address)])
        return self

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def text(self, name):
        return (self.folder / name).read_text()


class Load:
    """
    Visitors that fetch the page again and again, some with a connection for each
    request, some with one for all; what went wrong is kept, and how often it went well.
    """

    def __init__(self, port, page, ca_file, address="127.0.0.1", visitors=4,
                 enter=contextlib.nullcontext):
        self.port, self.page, self.address, self.enter = port, page, address, enter
        self.context = ssl.create_default_context(cafile=str(ca_file))
        self.good, self.faults = 0, []
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._visit, args=(number % 2 == 0,))
                         for number in range(visitors)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count, seconds=20):
        """Until so many more pages were served well."""
        target, end = self.good + count, time.monotonic() + seconds
        while self.good < target and time.monotonic() < end:
            time.sleep(0.01)
        assert self.good >= target, self.faults

    def _visit(self, keeps):
        with self.enter():
            connection = None
            while not self._is_over.is_set():
                connection = connection or self._connect()
                self._fetch(connection)
                if not keeps or connection.sock is None:
                    connection.close()
                    connection = None
            if connection:
                connection.close()

    def _connect(self):
        return http.client.HTTPSConnection(self.address, self.port, timeout=20,
                                           context=self.context)

    def _fetch(self, connection):
        try:
            connection.request("GET", "/page")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            with self._lock:
                self.faults.append(repr(error))
            return
        with self._lock:
            if answer.status == 200 and body == self.page:
                self.good += 1
            else:
                self.faults.append(f"{answer.status}, {len(body)} bytes")


class Browsers(Load):
    """
    A server may close a connection that is idle, and does so when it reloads; a request
    that crosses with that is asked again over another one, as every browser does
    (RFC 9112 section 9.3.1).
    """

    def _fetch(self, connection):
        if connection.sock is None or not self._fetch_again(connection):
            super()._fetch(connection)

    def _fetch_again(self, connection):
        """Over a connection that had a request before; False: the server has closed it."""
        try:
            connection.request("GET", "/page")
            answer = connection.getresponse()
        except (ConnectionError, ssl.SSLEOFError):
            connection.close()
            return False
        body = answer.read()
        with self._lock:
            if answer.status == 200 and body == self.page:
                self.good += 1
            else:
                self.faults.append(f"{answer.status}, {len(body)} bytes")
        return True
