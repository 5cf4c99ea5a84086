/* SPDX-License-Identifier: Apache-2.0 */
#include "holder.h"

#include "net.h"

#define LISTENING                                                                      \
    "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    "  \
    " 0        0 20311 1 0000000000000000 100 0 0 10 0\n"

AC_TEST(listening_line_gives_the_inode)
{
    static const char six[] =
        "  12: 00000000000000000000000001000000:1F90 "
        "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 "
        "00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0\n";
    uint64_t inode = 0;

    CU_ASSERT_TRUE(holder_read_line(LISTENING, 80, &inode));
    CU_ASSERT_EQUAL(inode, 20311);
    CU_ASSERT_TRUE(holder_read_line(six, 8080, &inode));
    CU_ASSERT_EQUAL(inode, 4711);
}

AC_TEST(line_of_another_port_or_state_gives_nothing)
{
    static const char connected[] =
        "   1: 0100007F:0050 0100007F:D431 01 00000000:00000000 00:00000000 00000000 "
        "    0        0 20312 1\n";
    uint64_t inode = 0;

    CU_ASSERT_FALSE(holder_read_line(LISTENING, 81, &inode));
    CU_ASSERT_FALSE(holder_read_line(connected, 80, &inode));
}

AC_TEST(malformed_line_gives_nothing)
{
    static const char *const lines[] = {
        "",
        "\n",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when inode\n",
        "0: 0100007F:0050 x 0A",
        "0: 0100007F:0050 x 0A a b c d e\n",
        "0: 0100007F:0050 x 0A a b c d e 0 \n",
        "0: 0100007F:0050 x 0A a b c d e f \n",
        "0: nothing x 0A a b c d e 7 \n",
    };
    uint64_t inode = 0;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        CU_ASSERT_FALSE(holder_read_line(lines[i], 80, &inode));
}

AC_TEST(program_that_listens_is_named)
{
    static const int families[] = { AF_INET, AF_INET6 };

    for (size_t i = 0; i < (net_has_ipv6() ? 2u : 1u); i++) {
        struct holder holder = { 0 };
        int fd = net_bind(families[i], 0, true);
        bool is_found = fd >= 0 && holder_find(net_port_of(fd), &holder);

        (void)close(fd);
        CU_ASSERT_TRUE(is_found);
        CU_ASSERT_EQUAL(holder.pid, getpid());
        CU_ASSERT_EQUAL(holder.parent, getppid());
        CU_ASSERT_STRING_EQUAL(holder.name, net_own_name());
    }
}

AC_TEST(free_port_has_no_holder)
{
    struct holder holder = { 0 };

    CU_ASSERT_FALSE(holder_find(net_free_port(), &holder));
}

AC_SUITE("http01-standalone/holder", AC_CASE(listening_line_gives_the_inode),
         AC_CASE(line_of_another_port_or_state_gives_nothing),
         AC_CASE(malformed_line_gives_nothing), AC_CASE(program_that_listens_is_named),
         AC_CASE(free_port_has_no_holder))
