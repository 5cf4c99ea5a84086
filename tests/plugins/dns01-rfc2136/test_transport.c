/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include "check.h"
#include "dns_server.h"
#include "fake_host.h"

#include <errno.h>

#define WAIT_MS 5000

static struct fake_host fake;
static struct dns_server server;
static struct message request, answer;
static struct server_address address;
static struct transport transport;
static int error;

/* The address of the server of this test; a request for it. */
static bool start(const struct dns_step *step)
{
    struct server parsed;
    const char *why = NULL;
    AUTO_NAME name = name_parse("a.test");

    transport.fd = -1;
    message_query(&request, 1, name, LDNS_RR_TYPE_TXT);
    return fake_host_start(&fake, NULL) && dns_start(&server, step, 1)
           && server_parse(server.text, &parsed)
           && server_resolve(&fake.host, &parsed, WAIT_MS, &address, &why) == 1;
}

static void stop(void)
{
    transport_close(&transport);
    dns_stop(&server);
}

static enum transport_status exchange(bool is_udp, int64_t wait_ms)
{
    struct patience patience = patience_of(&fake.host, wait_ms);
    enum transport_status status =
        transport_open(&transport, &address, is_udp, &patience, &error);

    if (status == TRANSPORT_OK)
        status = transport_send(&transport, &request, &patience, &error);
    if (status == TRANSPORT_OK)
        status = transport_receive(&transport, &patience, wait_ms, &answer, &error);
    return status;
}

AC_TEST(message_goes_and_comes_by_both_protocols)
{
    static const struct dns_step step = { .act = DNS_ECHO };

    AC_REQUIRE(start(&step));

    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_OK);
    CU_ASSERT_EQUAL(answer.size, request.size);
    transport_close(&transport);
    CU_ASSERT_EQUAL(exchange(true, WAIT_MS), TRANSPORT_OK);
    CU_ASSERT_EQUAL(memcmp(answer.bytes, request.bytes, request.size), 0);
    stop();
    CU_ASSERT_FALSE(server.requests[0].is_udp);
    CU_ASSERT_TRUE(server.requests[1].is_udp);
}

AC_TEST(answer_byte_by_byte_is_put_together)
{
    static const struct dns_step step = { .act = DNS_DRIP };

    AC_REQUIRE(start(&step));

    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_OK);
    CU_ASSERT_EQUAL(answer.size, request.size);
    stop();
}

AC_TEST(connection_that_ends_early_is_closed)
{
    static const struct dns_step cut = { .act = DNS_CUT };
    static const struct dns_step closed = { .act = DNS_CLOSE };

    AC_REQUIRE(start(&cut));
    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_CLOSED);
    stop();

    AC_REQUIRE(start(&closed));
    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_CLOSED);
    stop();
}

AC_TEST(silence_ends_with_the_patience)
{
    static const struct dns_step step = { .act = DNS_SILENCE };

    AC_REQUIRE(start(&step));
    CU_ASSERT_EQUAL(exchange(false, 30), TRANSPORT_TIMEOUT);
    transport_close(&transport);
    CU_ASSERT_EQUAL(exchange(true, 30), TRANSPORT_TIMEOUT);
    stop();
}

AC_TEST(silence_by_udp_is_a_reason_to_send_again)
{
    static const struct dns_step step = { .act = DNS_SILENCE };
    struct patience patience;

    AC_REQUIRE(start(&step));
    patience = patience_of(&fake.host, WAIT_MS);
    AC_REQUIRE(transport_open(&transport, &address, true, &patience, &error)
               == TRANSPORT_OK);

    CU_ASSERT_EQUAL(transport_receive(&transport, &patience, 10, &answer, &error),
                    TRANSPORT_AGAIN);
    stop();
}

AC_TEST(host_that_wants_to_stop_is_obeyed)
{
    static const struct dns_step step = { .act = DNS_SILENCE };

    AC_REQUIRE(start(&step));
    fake.ctx.remaining_calls = 1;

    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_TIMEOUT);
    stop();
}

AC_TEST(port_that_nobody_listens_on_is_unreachable)
{
    static const struct dns_step step = { .act = DNS_ECHO };

    AC_REQUIRE(start(&step));
    stop();

    CU_ASSERT_EQUAL(exchange(false, WAIT_MS), TRANSPORT_UNREACHABLE);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    CU_ASSERT_EQUAL(transport.fd, -1);
    CU_ASSERT_EQUAL(exchange(true, WAIT_MS), TRANSPORT_UNREACHABLE);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    transport_close(&transport);
}

AC_TEST(patience_is_the_shorter_of_two)
{
    struct patience patience;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.remaining_ms = 100;
    patience = patience_of(&fake.host, 100000);
    CU_ASSERT_EQUAL(patience_left_ms(&patience), 100);

    fake.ctx.remaining_ms = 100000;
    patience = patience_of(&fake.host, 0);
    CU_ASSERT_TRUE(patience_left_ms(&patience) <= 0);
}

AC_SUITE("dns01-rfc2136/transport", AC_CASE(message_goes_and_comes_by_both_protocols),
         AC_CASE(answer_byte_by_byte_is_put_together),
         AC_CASE(connection_that_ends_early_is_closed),
         AC_CASE(silence_ends_with_the_patience),
         AC_CASE(silence_by_udp_is_a_reason_to_send_again),
         AC_CASE(host_that_wants_to_stop_is_obeyed),
         AC_CASE(port_that_nobody_listens_on_is_unreachable),
         AC_CASE(patience_is_the_shorter_of_two))
