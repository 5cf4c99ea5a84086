/* SPDX-License-Identifier: Apache-2.0 */
#include "talking.h"

#define STREAM                                                                         \
    "<?xml version='1.0'?><stream:stream from='a.example' version='1.0' id='1'>"
#define OFFER                                                                          \
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"              \
    "<required/></starttls></stream:features>"

AC_TEST(stream_of_clients_and_of_servers_are_opened)
{
    talk_in("xmpp");
    CU_ASSERT_TRUE(has_said("to='a.example' xmlns='jabber:client'"));
    talk_in("xmpp-server");

    CU_ASSERT_TRUE(has_said("to='a.example' xmlns='jabber:server'"));
}

AC_TEST(features_are_awaited_and_proceed_too)
{
    talk_in("xmpp");
    CU_ASSERT_EQUAL(HEAR(STREAM OFFER), AC_TALK_MORE);
    CU_ASSERT_TRUE(has_said("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));

    CU_ASSERT_EQUAL(HEAR("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                    AC_TALK_READY);
}

AC_TEST(server_that_does_not_want_is_told)
{
    talk_in("xmpp");
    CU_ASSERT_EQUAL(HEAR(STREAM "<stream:features/>"), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("does not offer starttls (xmpp)"));
    talk_in("xmpp");
    CU_ASSERT_EQUAL(HEAR(STREAM "<stream:error><host-unknown/>"), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("refuses the stream (xmpp)"));
    talk_in("xmpp-server");
    CU_ASSERT_EQUAL(HEAR(STREAM OFFER "<failure/>"), AC_TALK_FAILED);

    CU_ASSERT_TRUE(has_reason("refuses starttls (xmpp-server)"));
}

AC_SUITE("pluginhost/served_xmpp", AC_CASE(stream_of_clients_and_of_servers_are_opened),
         AC_CASE(features_are_awaited_and_proceed_too),
         AC_CASE(server_that_does_not_want_is_told))
