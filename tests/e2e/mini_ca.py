# SPDX-License-Identifier: Apache-2.0
"""What a good CA does (RFC 8555), in memory, for the scripted one to spoil."""
import base64
import hashlib
import json
import secrets

from certificates import Authority, make_key, only_pem, run
from es256 import is_signed_by
from replies import Response, document, problem_response

THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"),
                      "OKP": ("crv", "kty", "x")}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def thumbprint(jwk):
    """RFC 7638."""
    members = {name: jwk[name] for name in THUMBPRINT_MEMBERS[jwk["kty"]]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64url(hashlib.sha256(text.encode()).digest())


class MiniCa:
    """
    validation_polls  reads of an authorization that still find it pending after the
                      challenge was answered; processing_polls likewise for an order
    retry_after       value of Retry-After while something is pending; None: no header
    validate          function of (identifier, challenge, key authorization) that gives
                      None or the problem, as a dict; None: everything is valid
    meta              of the directory; None: the directory has none
    token             function that makes a challenge's token
    challenge_types   that each authorization offers
    pre_authorization there is newAuthz, and what is valid is used by later orders
    leaf              changes of the certificate: names=[…], start=…, end=…,
                      foreign_key=True, broken_signature=True; or a function of the order
                      that gives them
    change_chain      function of the list of PEM texts that gives the text to send
    alternates        functions of the same list, each of another chain that is offered
    window            (start, end) of the renewal information, RFC 3339, or a function of
                      the certificate's id that gives them; None: this CA has none
    check_signatures  of what is signed for an account; its keys must be P-256 then
    """

    def __init__(self, ca, folder, validation_polls=0, processing_polls=0,
                 retry_after="0", validate=None, meta=None, token=None,
                 challenge_types=("http-01", "dns-01", "tls-alpn-01"),
                 pre_authorization=False, leaf=None,
                 change_chain=None, alternates=(), window=None,
                 check_signatures=False):
        self.check_signatures = check_signatures
        self.keys = {}      # number of an account: the JWK of its key
        self.ca, self.folder = ca, folder
        self.validation_polls, self.processing_polls = validation_polls, processing_polls
        self.retry_after, self.validate, self.meta = retry_after, validate, meta
        self.token = token or (lambda: secrets.token_urlsafe(32))
        self.challenge_types = challenge_types
        self.pre_authorization = pre_authorization
        self.leaf, self.change_chain = leaf or {}, change_chain
        self.alternates, self.window = alternates, window
        self.accounts, self.orders, self.authorizations = {}, {}, {}
        self.challenges, self.certificates = {}, {}
        self._root = self._issuer = None

    @property
    def root(self):
        """The root that certificates are issued from; made at first use."""
        if self._root is None:
            self._root = Authority(self.folder, "scripted root")
            self._issuer = Authority(self.folder, "scripted issuer", self._root)
        return self._root

    def issue_from(self, root, issuer):
        """Instead of authorities of its own, which take their time to make."""
        self._root, self._issuer = root, issuer

    def act(self, request):
        action = getattr(self, "_" + request.resource, None)
        if action is None:
            return Response(404, b"404 page not found\n", [("Content-Type", "text/plain")],
                            has_nonce=False)
        is_read = request.resource in ("directory", "newNonce", "renewalInfo")
        if not is_read and request.method != "POST":
            return problem_response("malformed", "method not allowed", 405)
        response = self._refusal_of_account(request) or action(request)
        if request.resource != "directory":
            response.headers.append(
                ("Link", f'<{self.ca.directory_url}>;rel="index"'))
        return response

    def _directory(self, _request):
        doors = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")
        entries = {name: self.ca.url(name) for name in doors}
        if self.pre_authorization:
            entries["newAuthz"] = self.ca.url("newAuthz")
        if self.window is not None:
            entries["renewalInfo"] = self.ca.url("renewalInfo")
        if self.meta is not None:
            entries["meta"] = self.meta
        return document(entries)

    def _newNonce(self, request):
        return Response(200 if request.method == "HEAD" else 204,
                        headers=[("Cache-Control", "no-store")])

    def _refusal_of_account(self, request):
        if request.method != "POST" or "kid" not in request.protected:
            return None
        number = request.protected["kid"].rsplit("/", 1)[-1]
        account = self.accounts.get(number)
        if account is None:
            return None
        if self.check_signatures and not is_signed_by(request.jws, self.keys[number]):
            return problem_response("malformed", "JWS verification error")
        if account["status"] != "valid":
            return problem_response("unauthorized", "the account is " + account["status"],
                                    401)
        return None

    def account_of(self, jwk):
        """The number of the account that has this key, or None."""
        return next((number for number, key in self.keys.items()
                     if thumbprint(key) == thumbprint(jwk)), None)

    def _newAccount(self, request):
        jwk = request.protected.get("jwk")
        if jwk is None:
            return problem_response("malformed", "newAccount needs a jwk")
        number, status = self.account_of(jwk), 200
        if number is None:
            if (request.payload or {}).get("onlyReturnExisting"):
                return problem_response("accountDoesNotExist", "no such account")
            number, status = thumbprint(jwk), 201
            self.keys[number] = jwk
            self.accounts[number] = {
                "status": "valid", "contact": (request.payload or {}).get("contact", []),
                "orders": self.ca.url("orders", number)}
        return document(self.accounts[number], status,
                        [("Location", self.ca.url("account", number))])

    def _account(self, request):
        account = self.accounts[request.id]
        account.update(request.payload or {})
        return document(account)

    def _orders(self, request):
        return document({"orders": [self.ca.url("order", number)
                                    for number, order in self.orders.items()
                                    if order["account"] == request.id]})

    def _newOrder(self, request):
        identifiers = request.payload["identifiers"]
        number = str(len(self.orders) + 1)
        account = request.protected["kid"].rsplit("/", 1)[-1]
        self.orders[number] = {
            "account": account, "identifiers": identifiers, "polls": self.processing_polls,
            "profile": request.payload.get("profile"),
            "authorizations": list(dict.fromkeys(
                self._authorization_for(identifier, account)
                for identifier in identifiers))}
        return self._order_document(number, 201)

    def _knows_ancestors(self):
        return bool((self.meta or {}).get("subdomainAuthAllowed"))

    def _authorization_for(self, identifier, account):
        """One that is valid and serves, else a new one (RFC 9444: of the ancestor)."""
        ancestor = identifier.pop("ancestorDomain", None)
        if ancestor and self._knows_ancestors():
            identifier = {"type": "dns", "value": ancestor, "subdomainAuthAllowed": True}
        for number, known in self.authorizations.items():
            is_there = known["account"] == account and not known["wildcard"] and (
                known["identifier"]["value"] == identifier["value"])
            if is_there and (self.pre_authorization and known["status"] == "valid" or (
                    known["subdomains"] and known["status"] in ("pending", "valid"))):
                return number
        return self._new_authorization(identifier, account)

    def _newAuthz(self, request):
        identifier = request.payload["identifier"]
        if identifier["value"].startswith("*."):
            return problem_response("malformed", "no wildcard in advance")
        number = self._new_authorization(
            identifier, request.protected["kid"].rsplit("/", 1)[-1])
        return document(self._authorization_object(number), 201, [
            ("Location", self.ca.url("authorization", number))])

    def _new_authorization(self, identifier, account):
        identifier = dict(identifier)
        is_for_all = identifier.pop("subdomainAuthAllowed", False)
        number = str(len(self.authorizations) + 1)
        is_wildcard = identifier["value"].startswith("*.")
        bare = {**identifier, "value": identifier["value"].removeprefix("*.")}
        types = ("dns-01",) if is_wildcard else self.challenge_types
        authorization = {"identifier": bare, "account": account, "status": "pending",
                         "polls": None, "challenges": [], "wildcard": is_wildcard,
                         "subdomains": is_for_all}
        for kind in types:
            name = f"{number}-{kind}"
            self.challenges[name] = {"authorization": number, "type": kind,
                                     "status": "pending", "token": self.token()}
            authorization["challenges"].append(name)
        self.authorizations[number] = authorization
        return number

    def _settle(self, number):
        """Whether the validation that was asked for is over by now."""
        authorization = self.authorizations[number]
        if authorization["status"] != "pending" or authorization["polls"] is None:
            return
        if authorization["polls"] > 0:
            authorization["polls"] -= 1
            return
        challenge = self.challenges[authorization["answered"]]
        error = None
        if self.validate:
            key = f"{challenge['token']}.{thumbprint(self.keys[authorization['account']])}"
            error = self.validate(authorization["identifier"], challenge, key)
        challenge["status"] = authorization["status"] = "invalid" if error else "valid"
        if error:
            challenge["error"] = error

    def _challenge_object(self, name):
        challenge = {key: value for key, value in self.challenges[name].items()
                     if key != "authorization"}
        return {**challenge, "url": self.ca.url("challenge", name)}

    def _authorization(self, request):
        if (request.payload or {}).get("status") == "deactivated":
            self.authorizations[request.id]["status"] = "deactivated"
        self._settle(request.id)
        authorization = self.authorizations[request.id]
        return document(self._authorization_object(request.id),
                        headers=self._wait_headers(authorization["status"] == "pending"))

    def _authorization_object(self, number):
        authorization = self.authorizations[number]
        body = {"identifier": authorization["identifier"],
                "status": authorization["status"], "expires": "2099-01-01T00:00:00Z",
                "challenges": [self._challenge_object(name)
                               for name in authorization["challenges"]]}
        if authorization["wildcard"]:
            body["wildcard"] = True
        if authorization["subdomains"]:
            body["subdomainAuthAllowed"] = True
        return body

    def _wait_headers(self, is_waiting):
        if not is_waiting or self.retry_after is None:
            return []
        return [("Retry-After", str(self.retry_after))]

    def _challenge(self, request):
        challenge = self.challenges[request.id]
        authorization = self.authorizations[challenge["authorization"]]
        if request.payload is not None and authorization["polls"] is None:
            challenge["status"] = "processing"
            authorization["answered"] = request.id
            authorization["polls"] = self.validation_polls
        parent = self.ca.url("authorization", challenge["authorization"])
        return document(self._challenge_object(request.id),
                        headers=[("Link", f'<{parent}>;rel="up"')])

    def _order_status(self, order):
        states = {self.authorizations[number]["status"]
                  for number in order["authorizations"]}
        if states - {"pending", "valid"}:
            return "invalid"
        if "pending" in states:
            return "pending"
        if "certificate" not in order:
            return "ready"
        if order["polls"] > 0:
            order["polls"] -= 1
            return "processing"
        return "valid"

    def _order(self, request):
        for authorization in self.orders[request.id]["authorizations"]:
            self._settle(authorization)
        return self._order_document(request.id)

    def _order_document(self, number, status=200):
        order = self.orders[number]
        state = self._order_status(order)
        body = {"status": state, "identifiers": order["identifiers"],
                "expires": "2099-01-01T00:00:00Z",
                "authorizations": [self.ca.url("authorization", each)
                                   for each in order["authorizations"]],
                "finalize": self.ca.url("finalize", number)}
        if state == "valid":
            body["certificate"] = self.ca.url("certificate", number)
        headers = self._wait_headers(state in ("pending", "processing"))
        return document(body, status, [("Location", self.ca.url("order", number)),
                                       *headers])

    def _finalize(self, request):
        order = self.orders[request.id]
        if self._order_status(order) != "ready":
            return problem_response("orderNotReady", "the order is not ready", 403)
        order["certificate"] = request.id
        self.certificates[request.id] = self._issue(
            request.id, from_base64url(request.payload["csr"]), order)
        return self._order_document(request.id)

    def _issue(self, number, csr_der, order):
        root = self.root
        csr = self.folder / f"{number}.csr"
        csr.write_bytes(run("openssl", "req", "-inform", "DER", input=csr_der))
        leaf = dict(self.leaf(order) if callable(self.leaf) else self.leaf)
        source = {"csr": csr}
        if leaf.pop("foreign_key", False):
            source = {"privkey": make_key(self.folder / f"foreign-{number}.key")}
        is_broken = leaf.pop("broken_signature", False)
        names = leaf.pop("names", [each["value"] for each in order["identifiers"]])
        pem = only_pem(self._issuer.sign(names, **leaf, **source))
        if is_broken:
            der = bytearray(run("openssl", "x509", "-outform", "DER", input=pem))
            der[-1] ^= 1
            pem = run("openssl", "x509", "-inform", "DER", input=bytes(der))
        chain = [pem.decode(), only_pem(self._issuer.pem()).decode(),
                 only_pem(root.pem()).decode()]
        for index, alternate in enumerate(self.alternates):
            self.certificates[f"{number}-{index}"] = alternate(chain)
        return self.change_chain(chain) if self.change_chain else "".join(chain[:2])

    def _certificate(self, request):
        number = request.id.split("-")[0]
        links = [("Link", f'<{self.ca.url("certificate", f"{number}-{index}")}>'
                          f';rel="alternate"') for index in range(len(self.alternates))]
        return Response(200, self.certificates[request.id].encode(),
                        [("Content-Type", "application/pem-certificate-chain"), *links])

    def _renewalInfo(self, request):
        window = self.window(request.id) if callable(self.window) else self.window
        return document({"suggestedWindow": dict(zip(("start", "end"), window))},
                        headers=[("Retry-After", "21600")])

    def _revokeCert(self, _request):
        return Response(200)

    def _keyChange(self, request):
        inner = request.payload
        header = json.loads(from_base64url(inner["protected"]))
        said = json.loads(from_base64url(inner["payload"]))
        kid, key = request.protected["kid"], header.get("jwk")
        number = kid.rsplit("/", 1)[-1]
        if "nonce" in header or "kid" in header or header["url"] != self.ca.url(
                "keyChange") or said != {"account": kid, "oldKey": self.keys[number]}:
            return problem_response("malformed", "this is no change of a key")
        if self.check_signatures and not is_signed_by(inner, key):
            return problem_response("malformed", "the new key did not sign")
        owner = self.account_of(key)
        if owner is not None:
            return problem_response("malformed", "the key is in use", 409, [
                ("Location", self.ca.url("account", owner))])
        self.keys[number] = key
        return document(self.accounts[number])
