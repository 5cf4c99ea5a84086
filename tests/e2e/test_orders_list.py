# SPDX-License-Identifier: Apache-2.0
"""The list of an account's orders (RFC 8555 7.1.2.1): read, shown, and of use."""
import pytest

import replies
from issuing import is_whole, standalone

NAME = "a.test"


def show(issue, *words):
    return issue.acmecore("account", "show", "--orders", *words, *issue.at_ca())


def lost_once(ca):
    ca.script("newOrder", replies.drop_after(reset=True))
    return ca


def link(target):
    return ("Link", f'<{target}>;rel="next"')


# ---- Pebble: one order a page

@pytest.fixture
def pebble_of_pages(pebble_with):
    return pebble_with(env={"PEBBLE_WFE_ORDERS_PER_PAGE": "1"})


def test_orders_are_listed_from_all_pages(issuer, pebble_of_pages):
    issue = issuer(pebble_of_pages, solver=standalone(pebble_of_pages.http_port))
    for name in ("a.test", "b.test", "c.test"):
        assert issue(name).code == 0

    shown = show(issue, "--json")

    assert shown.code == 0, shown
    assert [order["identifiers"] for order in shown.json["order_list"]] == [
        ["a.test"], ["b.test"], ["c.test"]]
    assert {order["status"] for order in shown.json["order_list"]} == {"valid"}
    assert all(order["expires"].endswith("Z") for order in shown.json["order_list"])
    assert shown.json["order_list_is_cut"] is False
    assert shown.json["order_list"][0]["url"] in show(issue).stdout


# ---- an answer to newOrder that is lost

def test_an_order_whose_answer_was_lost_is_found_in_the_list(issuer, good_ca):
    ca = lost_once(good_ca())
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 0, result
    assert len(ca.of("newOrder")) == len(ca.mini.orders) == 1
    assert len(ca.of("account")) == len(ca.of("orders")) == 1
    assert "taken from there" in result.stderr
    assert is_whole(issue, NAME)


def test_an_order_that_was_lost_is_found_on_the_last_page(issuer, good_ca):
    ca = lost_once(good_ca())
    ca.script("orders",
              replies.reply(200, {"orders": []}, [link(ca.url("orders", "second"))]),
              lambda ca, _request, _act: replies.document(
                  {"orders": [ca.url("order", number) for number in ca.mini.orders]}))
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 0, result
    assert len(ca.of("newOrder")) == 1
    assert len(ca.of("orders")) == 2


def test_an_order_for_other_names_is_not_taken(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue("b.test").code == 0
    ca.mini.orders["1"]["status"] = "pending"
    ca.script("newOrder", replies.drop_before(reset=True))

    result = issue(NAME)

    assert result.code == 0, result
    assert len(ca.of("newOrder")) == 3
    assert "ordered once more" in result.stderr


LISTS = {
    "garbage": replies.reply(200, {"orders": [7, None, {"url": "x"}]}),
    "no-list": replies.reply(200, {"orders": "https://localhost/x"}),
    "scheme": replies.reply(200, {"orders": ["javascript:alert(1)"]}),
    "no-json": replies.reply(200, b"<html>"),
    "gone": replies.problem("malformed", "no such list", 404),
    "huge": replies.huge(),
    "deep": replies.deep_json(),
    "plain-http": replies.reply(200, {"orders": ["http://127.0.0.1:9/order/1"]}),
    "nobody": replies.reply(200, {"orders": ["https://127.0.0.1:9/order/1"]}),
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_that_is_of_no_use_costs_one_more_order(issuer, good_ca, name):
    ca = lost_once(good_ca())
    ca.always("orders", LISTS[name])
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 0, result
    assert len(ca.of("newOrder")) == 2
    assert "ordered once more" in result.stderr
    assert is_whole(issue, NAME)


# ---- pages that lead nowhere

def test_pages_that_loop_are_read_once(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.always("orders", lambda ca, request, act: act().header(
        "Link", f'<{ca.base}{request.target}>;rel="next"'))

    shown = show(issue, "--json")

    assert shown.code == 0, shown
    assert len(ca.of("orders")) == 1
    assert len(shown.json["order_list"]) == 1
    assert shown.json["order_list_is_cut"] is True


@pytest.mark.parametrize("target", [
    "https://127.0.0.1:9/page/2", "http://localhost:9/page/2", "javascript:alert(1)"])
def test_a_next_page_elsewhere_is_not_fetched(issuer, good_ca, target):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.always("orders", replies.with_header("Link", f'<{target}>;rel="next"'))

    shown = show(issue, "--json", "--trace")

    assert shown.code == 0, shown
    assert len(shown.json["order_list"]) == 1
    assert f"POST {target}" not in shown.stderr


def test_orders_of_a_ca_without_a_list(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.always("account", replies.merge(orders=None))

    shown = show(issue)

    assert shown.code == 0, shown
    assert "gives no list" in shown.stdout
    assert ca.of("orders") == []


def test_a_list_of_garbage_is_told(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.always("orders", LISTS["garbage"])

    shown = show(issue)

    assert shown.code == 5, shown
    assert "list of orders" in shown.stderr
