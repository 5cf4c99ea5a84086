/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a name server answers to a signed update. Nothing that a fuzzer finds is signed
 * with a key that it does not know, and reading it is safe, whatever it is.
 */
#include "tsig.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S 1700000000

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void make_request(const struct tsig_key *key, struct message *request,
                         struct tsig_mac *mac)
{
    AUTO_NAME zone = name_parse("example.test");
    AUTO_NAME owner = name_parse("_acme-challenge.example.test");

    if (!zone || !owner)
        abort();
    message_update(request, 0x1234, zone);
    message_add_txt(request, owner, 60, "v1");
    tsig_sign(key, NOW_S, request, mac);
    require(!request->is_full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct message request;
    struct tsig_key key = { 0 };
    struct tsig_mac mac = { 0 };
    AUTO_NAME owner = name_parse("_acme-challenge.example.test");
    AUTO_PACKET packet = NULL;
    uint8_t *bytes = malloc(size > 0 ? size : 1);

    if (!bytes || !owner
        || tsig_key_make((struct span){ "acme-key", 8 },
                         (struct span){ "hmac-sha256", 11 }, (struct span){ "AAEC", 4 },
                         &key))
        abort();
    if (size > 0)
        memcpy(bytes, data, size);
    make_request(&key, &request, &mac);
    require(tsig_verify(&key, &mac, NOW_S, bytes, size).verdict != TSIG_GOOD);
    if (message_read(&request, bytes, size, &packet) == MESSAGE_ANSWERS) {
        require(packet != NULL);
        (void)message_has_txt(packet, owner, "v1");
    } else {
        require(packet == NULL);
    }
    free(bytes);
    return 0;
}
