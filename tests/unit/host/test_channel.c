/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message.h"

#include "check.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A channel and the raw socket at its other end. */
static enum ac_code open_pair(struct ac_channel **ret_channel, int *ret_fd,
                              struct ac_error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ac_fail(err, AC_E_SYSTEM, "socketpair");
    AC_AUTO_FD int own = ends[0];
    *ret_fd = ends[1];
    return ac_channel_new(&own, ret_channel, err);
}

static bool say(int fd, const void *bytes, size_t size)
{
    return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* What the channel makes of these bytes. */
static enum ac_code get_after(const void *bytes, size_t size, struct ac_error *err)
{
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) message = { 0 };
    AC_AUTO_FD int fd = -1;

    AC_TRY(open_pair(&channel, &fd, err));
    if (!say(fd, bytes, size))
        return ac_fail(err, AC_E_SYSTEM, "send");
    return ac_channel_get(channel, &message, err);
}

AC_TEST(frame_with_blob_arrives_as_it_was_sent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *from = NULL;
    AC_AUTO(ac_channel) *to = NULL;
    AC_AUTO(ac_message) out = { 0 };
    AC_AUTO(ac_message) in = { 0 };
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE_OK(open_pair(&from, &fd, &err));
    AC_REQUIRE_OK(ac_channel_new(&fd, &to, &err));
    CU_ASSERT_EQUAL(fd, -1);
    AC_REQUIRE_OK(ac_json_new(&out.json, &err, "{s:s}", "op", "open"));
    AC_REQUIRE_OK(ac_secret_copy("a\0b", 3, &out.blob, &err));
    AC_REQUIRE_OK(ac_channel_put(from, &out, &err));
    CU_ASSERT_PTR_NULL(out.json);
    CU_ASSERT(ac_channel_has_output(from));
    AC_REQUIRE_OK(ac_channel_flush(from, &err));
    AC_REQUIRE_OK(ac_channel_get(to, &in, &err));

    CU_ASSERT_FALSE(ac_channel_has_output(from));
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(in.json, "op", ""), "open");
    AC_REQUIRE(in.blob.size == 3);
    CU_ASSERT_EQUAL(memcmp(in.blob.bytes, "a\0b", 3), 0);
}

AC_TEST(frame_in_single_bytes_is_whole_at_the_last)
{
    static const char frame[] = "\0\0\0\2\0\0\0\1{}x\0\0\0\2\0\0\0\0{}";
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) first = { 0 };
    AC_AUTO(ac_message) second = { 0 };
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    for (size_t i = 0; i < 10; i++) {
        AC_REQUIRE(say(fd, frame + i, 1));
        AC_REQUIRE_CODE(ac_channel_get(channel, &first, &err), AC_E_NOTFOUND);
    }
    AC_REQUIRE(say(fd, frame + 10, sizeof frame - 1 - 10));
    AC_REQUIRE_OK(ac_channel_get(channel, &first, &err));
    AC_REQUIRE_OK(ac_channel_get(channel, &second, &err));

    CU_ASSERT_EQUAL(first.blob.size, 1);
    CU_ASSERT_EQUAL(second.blob.size, 0);
}

AC_TEST(what_is_no_json_object_breaks_the_protocol)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(get_after("\0\0\0\2\0\0\0\0[]", 10, &err), AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail, "message is no JSON object");
    AC_REQUIRE_CODE(get_after("\0\0\0\2\0\0\0\0{x", 10, &err), AC_E_PROTOCOL);
    AC_REQUIRE_CODE(get_after("\0\0\0\0\0\0\0\0", 8, &err), AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "message: not valid JSON"));
}

AC_TEST(sizes_over_the_limits_are_refused_by_their_header)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(get_after("\xFF\xFF\xFF\xFF\0\0\0\0", 8, &err), AC_E_PROTOCOL);
    AC_REQUIRE_CODE(get_after("\0\0\0\2\0\x10\0\0", 8, &err), AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "is too long"));
}

AC_TEST(values_that_take_too_much_memory_break_the_protocol)
{
    static char frame[8 + 6 + 3 * 20000 + 4] = "\0\0\0\0\0\0\0\0{\"a\":[";
    const size_t size = sizeof frame - 8;
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    frame[2] = (char)(size >> 8);
    frame[3] = (char)(size & 0xFF);
    for (size_t i = 0; i < 20000; i++)
        memcpy(frame + 14 + 3 * i, "{},", 3);
    memcpy(frame + sizeof frame - 4, "{}]}", 4);

    AC_REQUIRE_CODE(get_after(frame, sizeof frame, &err), AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "message: JSON of 60010 bytes has too many values");
}

AC_TEST(announced_size_takes_no_memory_before_it_comes)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) message = { 0 };
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    AC_REQUIRE(say(fd, "\0\x3F\0\0\0\0\0\0", 8));

    AC_REQUIRE_CODE(ac_channel_get(channel, &message, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NULL(message.json);
}

AC_TEST(end_in_the_middle_of_a_frame_is_an_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) message = { 0 };
    int fd = -1;

    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    bool is_said = say(fd, "\0\0\0\2\0\0\0\0{", 9);
    (void)close(fd);
    AC_REQUIRE(is_said);

    AC_REQUIRE_CODE(ac_channel_get(channel, &message, &err), AC_E_NETWORK);
    CU_ASSERT_STRING_EQUAL(err.detail, "the other end is gone");
}

AC_TEST(writing_to_nobody_is_an_error_and_no_signal)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) message = { 0 };
    int fd = -1;

    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    (void)close(fd);
    AC_REQUIRE_OK(ac_json_new(&message.json, &err, "{}"));
    AC_REQUIRE_OK(ac_channel_put(channel, &message, &err));

    AC_REQUIRE_CODE(ac_channel_flush(channel, &err), AC_E_NETWORK);
    CU_ASSERT(ac_channel_has_output(channel));
}

AC_TEST(peer_that_does_not_read_is_noticed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO_FD int fd = -1;
    enum ac_code code = AC_OK;
    int frames = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    for (; frames < 100 && code == AC_OK; frames++) {
        AC_AUTO(ac_message) message = { 0 };
        AC_REQUIRE_OK(ac_json_new(&message.json, &err, "{}"));
        AC_REQUIRE_OK(ac_secret_new(AC_MESSAGE_BLOB_MAX, &message.blob, &err));
        code = ac_channel_put(channel, &message, &err);
    }

    CU_ASSERT_EQUAL(code, AC_E_NETWORK);
    CU_ASSERT(frames > 30);
}

AC_TEST(blob_over_the_limit_is_not_sent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    AC_AUTO(ac_message) message = { 0 };
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE_OK(open_pair(&channel, &fd, &err));
    AC_REQUIRE_OK(ac_json_new(&message.json, &err, "{}"));
    AC_REQUIRE_OK(ac_secret_new(AC_MESSAGE_BLOB_MAX + 1, &message.blob, &err));

    AC_REQUIRE_CODE(ac_channel_put(channel, &message, &err), AC_E_INVALID);
    CU_ASSERT_FALSE(ac_channel_has_output(channel));
}

AC_SUITE("host/channel", AC_CASE(frame_with_blob_arrives_as_it_was_sent),
         AC_CASE(frame_in_single_bytes_is_whole_at_the_last),
         AC_CASE(what_is_no_json_object_breaks_the_protocol),
         AC_CASE(sizes_over_the_limits_are_refused_by_their_header),
         AC_CASE(values_that_take_too_much_memory_break_the_protocol),
         AC_CASE(announced_size_takes_no_memory_before_it_comes),
         AC_CASE(end_in_the_middle_of_a_frame_is_an_end),
         AC_CASE(writing_to_nobody_is_an_error_and_no_signal),
         AC_CASE(peer_that_does_not_read_is_noticed),
         AC_CASE(blob_over_the_limit_is_not_sent))
