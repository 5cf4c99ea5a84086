/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/handle.h"

#include <stdio.h>
#include <string.h>

#define COORDINATE_MAX 66 /* [octets] of P-521 */

void ac_datum_done(struct ac_datum *datum)
{
    if (datum->value.data != NULL)
        explicit_bzero(datum->value.data, datum->value.size);
    gnutls_free(datum->value.data);
    datum->value = (gnutls_datum_t){ 0 };
}

enum ac_code ac_datum_add_padded(const gnutls_datum_t *number, size_t size,
                                 struct ac_text *text, struct ac_error *err)
{
    static const uint8_t zeros[COORDINATE_MAX];
    const uint8_t *digits = number->data;
    size_t length = number->size;
    size_t missing;

    while (length > 0 && digits[0] == 0) {
        digits++;
        length--;
    }
    missing = size > length ? size - length : 0;
    if ((size != 0 && length > size) || missing > sizeof(zeros)) {
        return ac_fail(err, AC_E_INVALID, "a number of %zu octets is not one of %zu",
                       length, size);
    }
    AC_TRY(ac_text_add(text, zeros, missing, err));
    return ac_text_add(text, digits, length, err);
}

void ac_alt_names_free(gnutls_subject_alt_names_t names)
{
    if (names != NULL) /* unlike its kin, this one does not take NULL */
        gnutls_subject_alt_names_deinit(names);
}

void ac_tls_features_free(gnutls_x509_tlsfeatures_t features)
{
    if (features != NULL) /* nor does this one */
        gnutls_x509_tlsfeatures_deinit(features);
}

enum ac_code ac_handle_fail(struct ac_error *err, enum ac_code code, int status,
                            const char *where, const char *format, ...)
{
    char said[AC_ERROR_DETAIL_SIZE];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    if (length < 0)
        said[0] = '\0';
    if (status == GNUTLS_E_MEMORY_ERROR)
        code = AC_E_NOMEM;
    return ac_error_set(err, code, where, "%s: %s", said, gnutls_strerror(status));
}
