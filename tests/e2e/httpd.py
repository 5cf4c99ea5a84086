# SPDX-License-Identifier: Apache-2.0
"""
A real Apache httpd as somebody has it: in Debian's layout, in Red Hat's, or in one file
with others; in a folder and at ports of its own, with virtual hosts that a test writes.
"""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import tempfile

from apache import MODULES, Browsers
from dns_servers import find_program
from issuing import is_alive
from running import Server, free_port, wait_until

PAGE = ("a page\n" * 4000).encode()
BASE = ("mpm_event", "authz_core", "alias", "dir")

MAIN = """ServerName localhost
ServerRoot "{etc}"
PidFile {folder}/httpd.pid
Mutex file:{folder} default
{user}
ErrorLog {folder}/error.log
LogLevel warn
KeepAlive On
KeepAliveTimeout 30
<Directory {folder}/www>
    Require all granted
</Directory>
{rest}
"""
ENVVARS = """export APACHE_RUN_USER=www-data APACHE_RUN_GROUP=www-data
export APACHE_PID_FILE={folder}/httpd.pid APACHE_RUN_DIR={folder}
export APACHE_LOCK_DIR={folder} APACHE_LOG_DIR={folder} LANG=C
"""


def plain(name, port, folder, more=""):
    """A virtual host without TLS, with some habits of people."""
    return (f"<VirtualHost 127.0.0.1:{port}>\n"
            f"\tServerName   {name}   \n"
            f"\t# the page of {name}\n"
            f"\tDocumentRoot \\\n\t    {folder}/www\n{more}"
            f"</VirtualHost>\n")


def secure(name, port, folder, certificate, more=""):
    """One with TLS and a certificate of somebody else."""
    return (f"<VirtualHost *:{port}>\n  ServerName {name}\n  DocumentRoot {folder}/www\n"
            f"  SSLEngine on\n  SSLCertificateFile    \"{certificate[0]}\"\n"
            f"  SSLCertificateKeyFile {certificate[1]}\n{more}</VirtualHost>\n")


class Visitors(Browsers):
    """Who takes any certificate, because it changes while they come."""

    def __init__(self, port, **options):
        super().__init__(port, PAGE, "/etc/ssl/certs/ca-certificates.crt", **options)
        self.context = ssl._create_unverified_context()


class Httpd:
    """layout: "one" (a main file and conf/*.conf), "debian" or "redhat"."""

    def __init__(self, layout="one", modules=BASE + ("ssl",), ports=None):
        # A test's own folder is closed to the user that Apache becomes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="acmecore-httpd-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = ports or (free_port(), free_port())
        self.layout, self.modules = layout, modules
        self.etc = self.folder / "etc"
        self.etc.mkdir()
        self.www = self.folder / "www"
        self.www.mkdir()
        (self.www / "page").write_bytes(PAGE)
        self.server = None
        getattr(self, f"_make_{layout}")()

    def _main(self, rest):
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        return MAIN.format(etc=self.etc, folder=self.folder, rest=rest, user=user)

    def _loads(self, modules):
        return "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n"
                       for name in modules)

    def _make_one(self):
        self.config, self.sites = self.etc / "httpd.conf", self.etc / "conf"
        self.sites.mkdir()
        self.config.write_text(self._main(
            f"Listen 127.0.0.1:{self.port}\nListen 127.0.0.1:{self.tls_port}\n"
            + self._loads(self.modules) + "IncludeOptional conf/*.conf"))
        self.program = find_program("apache2")

    def _make_debian(self):
        shutil.rmtree(self.etc)
        shutil.copytree("/etc/apache2", self.etc, symlinks=True)
        for folder in ("sites-enabled", "conf-enabled"):
            for path in (self.etc / folder).iterdir():
                path.unlink()
        self.config, self.sites = self.etc / "apache2.conf", self.etc / "sites-available"
        (self.etc / "ports.conf").write_text(f"# mine\nListen 127.0.0.1:{self.port}\n")
        (self.etc / "envvars").write_text(ENVVARS.format(folder=self.folder))
        with self.config.open("a") as config:
            config.write(f"ServerName localhost\nMutex file:{self.folder} default\n"
                         f"<Directory {self.folder}/www>\n Require all granted\n"
                         "</Directory>\n")
        self.program = find_program("apache2ctl")

    def _make_redhat(self):
        for folder in ("conf", "conf.d", "conf.modules.d"):
            (self.etc / folder).mkdir()
        (self.etc / "modules").symlink_to(MODULES)
        self.config, self.sites = self.etc / "conf/httpd.conf", self.etc / "conf.d"
        self.config.write_text(self._main(
            f"Listen 127.0.0.1:{self.port}\nInclude conf.modules.d/*.conf\n"
            "IncludeOptional conf.d/*.conf"))
        (self.etc / "conf.modules.d/00-base.conf").write_text(
            "".join(f"LoadModule {name}_module modules/mod_{name}.so\n" for name in BASE))
        self.program = find_program("apache2")

    def add(self, name, text):
        """A site; on Debian with its link."""
        path = self.sites / f"{name}.conf"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if self.layout == "debian":
            (self.etc / "sites-enabled" / path.name).symlink_to(
                f"../sites-available/{path.name}")
        return path

    def plain(self, name, more=""):
        return plain(name, self.port, self.folder, more)

    def secure(self, name, certificate, more=""):
        return secure(name, self.tls_port, self.folder, certificate, more)

    # ---- running

    def start(self):
        env = None
        words = [find_program("apache2"), "-f", self.config]
        if self.layout == "debian":
            words = [find_program("apache2"), "-d", self.etc]
            env = {name: str(self.folder) for name in
                   ("APACHE_RUN_DIR", "APACHE_LOCK_DIR", "APACHE_LOG_DIR")}
            env.update(APACHE_PID_FILE=f"{self.folder}/httpd.pid",
                       APACHE_RUN_USER="www-data", APACHE_RUN_GROUP="www-data")
        self.server = Server([*words, "-DFOREGROUND"], self.folder / "output.log",
                             env=env, folder=self.folder)
        self.server.start([self.port])
        # It listens before it reads its configuration for the second time.
        wait_until(self.is_running, "httpd has written its number")
        return self

    def pid(self):
        try:
            return int((self.folder / "httpd.pid").read_text())
        except (OSError, ValueError):
            return None

    def is_running(self):
        pid = self.pid()
        return pid is not None and is_alive(pid)

    def stop(self):
        """Also one that the plugin started, by the number in its PidFile."""
        if self.server:
            self.server.stop()
        if self.is_running():
            pid = self.pid()
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not is_alive(pid), "httpd ends")
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what acmecore is told, and what visitors see

    def options(self, **more):
        values = {"config": self.config, "control": self.program,
                  "tls-port": self.tls_port, "probe-timeout": 10,
                  "probe": f"127.0.0.1:{self.tls_port}",
                  **{name.replace("_", "-"): value for name, value in more.items()}}
        words = ["--installer", "installer-apache"]
        for name, value in values.items():
            if value is not None:
                words += ["--set", f"installer-apache.{name}={value}"]
        return words

    def served(self, name):
        """SHA-256 of the leaf that visitors of this name get; None: nobody answers."""
        context = ssl._create_unverified_context()
        try:
            with socket.create_connection(("127.0.0.1", self.tls_port), 10) as plain_end:
                with context.wrap_socket(plain_end, server_hostname=name) as session:
                    return hashlib.sha256(session.getpeercert(True)).hexdigest()
        except OSError:
            return None

    def snapshot(self):
        """Each file and link of the configuration, with mode and owner."""
        found = {}
        for path in sorted(self.etc.rglob("*")):
            status = path.lstat()
            content = (os.readlink(path) if path.is_symlink() else
                       path.read_bytes() if path.is_file() else None)
            found[path.relative_to(self.etc).as_posix()] = (
                status.st_mode, status.st_uid, status.st_gid, content)
        return found

    def inodes(self):
        return {path: path.lstat().st_ino for path in self.etc.rglob("*")}

    def load(self, **options):
        return Visitors(self.tls_port, **options)


def leaf(pem):
    """SHA-256 of the first certificate's DER."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(
        pem.decode().split("-----END CERTIFICATE-----")[0]
        + "-----END CERTIFICATE-----\n")).hexdigest()
