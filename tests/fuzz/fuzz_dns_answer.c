/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet from a name server, through libldns and our reading of it, and on to those
 * who decide by it. What is accepted keeps to the limits, and every name in it can be
 * asked for again.
 */
#include "pluginhost/dns_caa.h"
#include "pluginhost/dns_quorum.h"

#include <stdlib.h>
#include <string.h>

#define NAME "_acme-challenge.example.org"

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_name(const char *name)
{
    struct ac_error err = { 0 };
    struct ac_dns_wire again = { .name = name, .type = AC_DNS_SOA };
    unsigned char *bytes = NULL;
    size_t size = 0;

    require(name && name[0] && strlen(name) < AC_DNS_NAME_SIZE);
    for (const char *at = name; *at; at++)
        require(*at > ' ' && *at < 0x7F && !(*at >= 'A' && *at <= 'Z'));
    require(ac_dns_message_write(&again, &bytes, &size, &err) == AC_OK);
    free(bytes);
}

static void require_record(const struct ac_dns_record *record)
{
    struct ac_dns_address address;
    char text[AC_DNS_ADDRESS_SIZE];

    require_name(record->owner);
    if (record->name)
        require_name(record->name);
    require(record->data_size <= AC_DNS_DATA_MAX);
    require(!record->data || record->data[record->data_size] == '\0');
    if (ac_dns_address_of(record, AC_DNS_PORT, &address))
        require(ac_dns_address_text(&address, text)[0] != '\0');
}

static void judge(const struct ac_dns_answer *answer)
{
    static char identity[] = "ca.example";
    static char *identities[] = { identity, NULL };
    struct ac_error err = { 0 };
    struct ac_words words = { .items = identities, .count = 1 };
    struct ac_dns_caa_request request = { .identities = &words,
                                          .account_url = "https://ca.example/1" };
    struct ac_dns_caa_name name = { .name = "example.org",
                                    .method = "dns-01",
                                    .is_wildcard = true };
    char *finding = NULL;

    require(ac_dns_caa_judge(&request, &name, answer, &finding, &err) == AC_OK);
    free(finding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int types[] = { AC_DNS_SOA, AC_DNS_TXT, AC_DNS_CAA, AC_DNS_NS };
    struct ac_error err = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };
    struct ac_dns_wire question = { .name = NAME };

    /* Whatever it answers was asked: the checks of that are for the unit tests. */
    question.id = (uint16_t)(size < 2 ? 0 : data[0] << 8 | data[1]);
    for (size_t i = 0; i < AC_COUNT(types); i++) {
        question.type = types[i];
        if (ac_dns_message_read(&question, data, size, &answer, &err) == AC_OK)
            break;
        require(err.detail[0] != '\0');
    }
    require(answer.count <= AC_DNS_RECORDS_MAX);
    for (size_t i = 0; i < answer.count; i++)
        require_record(&answer.records[i]);
    (void)ac_dns_negative_ttl(&answer);
    judge(&answer);
    return 0;
}
