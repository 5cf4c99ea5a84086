/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "claim.h"
#include "control.h"
#include "disk.h"
#include "layout.h"
#include "listen.h"
#include "snippet.h"
#include "undo.h"
#include "wording.h"

#include <string.h>

#define REFUSED_BEFORE                                                                 \
    "Apache does not accept its own configuration; nothing was changed, correct it"
#define REFUSED_AFTER                                                                  \
    "Apache does not accept what was changed for the certificate; all is as it was "   \
    "before"

struct stage {
    const struct acmecore_host *host;
    const struct apache_wishes *wishes;
    const struct acmecore_certificate *const *certificates;
    size_t count;
    int *results;
    struct apache_control control;
    struct apache_layout layout;
    struct apache_dump dump;
    struct apache_sites sites;
    struct apache_record record;
    struct apache_changes changes;
    bool creates; /* a TLS host at least */
};

static void stage_done(struct stage *stage)
{
    apache_changes_done(&stage->changes);
    apache_record_done(&stage->record);
    apache_sites_done(&stage->sites);
    apache_dump_done(&stage->dump);
}

/* ---- what there is ----------------------------------------------------------- */

/* Without the module, its hosts in <IfModule> are not seen: so a second look, with it.
 */
static int look_with_tls(struct stage *stage)
{
    APACHE_AUTO_TEXT load = { 0 };
    int status = ACMECORE_OK;

    apache_layout_find(stage->host, &stage->dump, &stage->layout);
    if (apache_list_has(&stage->dump.modules, "ssl_module"))
        return ACMECORE_OK;
    status = apache_layout_module(&stage->layout, "ssl", &stage->changes, &load);
    if (status != ACMECORE_OK)
        return status;
    apache_dump_done(&stage->dump);
    return apache_control_dump(&stage->control, load.bytes, REFUSED_BEFORE,
                               &stage->dump);
}

/* A file that several hosts include is no place for the certificate of one. */
static int leave_shared_alone(struct stage *stage)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < stage->sites.count && status == ACMECORE_OK; i++) {
        struct apache_site *site = &stage->sites.items[i];
        APACHE_AUTO_TEXT path = { 0 };
        if (site->left_alone || !site->is_tls
            || apache_section_find(&site->section, "SSLCertificateFile", NULL))
            continue;
        status = apache_snippet_find(stage->host, site, &stage->dump,
                                     "SSLCertificateFile", &path);
        if (status == ACMECORE_OK && path.size > 0) {
            site->left_alone = "a file that it includes sets SSLCertificateFile, which "
                               "should stand in the virtual host itself";
        }
    }
    return status;
}

static void check_paths(const struct stage *stage)
{
    const struct acmecore_host *host = stage->host;

    for (size_t i = 0; i < stage->count; i++) {
        const struct acmecore_certificate *certificate = stage->certificates[i];
        if (!certificate->key_path) {
            stage->results[i] =
                host->fail(host->ctx, ACMECORE_E_UNSUPPORTED,
                           "its key is in a token, and Apache is given keys by path");
        } else if (!apache_wording_can_tell(certificate->fullchain_path)
                   || !apache_wording_can_tell(certificate->key_path)) {
            stage->results[i] =
                host->fail(host->ctx, ACMECORE_E_UNSUPPORTED,
                           "Apache cannot be given the path %s: it has a control "
                           "character or \"${\" in it",
                           certificate->folder_path);
        }
    }
}

static int look(struct stage *stage)
{
    int status = apache_control_find(stage->host, &stage->control);

    check_paths(stage);
    if (status == ACMECORE_OK) {
        status =
            apache_control_dump(&stage->control, NULL, REFUSED_BEFORE, &stage->dump);
    }
    if (status == ACMECORE_OK)
        status = look_with_tls(stage);
    if (status == ACMECORE_OK) {
        status = apache_sites_load(stage->host, &stage->dump, stage->wishes->tls_port,
                                   &stage->sites);
    }
    if (status == ACMECORE_OK)
        status = leave_shared_alone(stage);
    return status == ACMECORE_OK ? apache_record_load(stage->host, &stage->record)
                                 : status;
}

/* ---- what is to be changed ----------------------------------------------------- */

static void warn_uncovered(const struct stage *stage, const struct apache_site *site,
                           const struct acmecore_certificate *certificate)
{
    const struct acmecore_host *host = stage->host;
    const char *name = apache_claim_uncovered(site->host, certificate->identifiers);

    if (name && site->has_name) {
        host->log(host->ctx, ACMECORE_WARN,
                  "the virtual host at %s:%u gets certificate %s, which is not for its "
                  "name %s",
                  site->host->file, site->host->line, certificate->name, name);
    }
}

static int edit_site(struct stage *stage, struct apache_site *site)
{
    const struct acmecore_certificate *certificate = NULL;
    bool is_good = false;

    if (site->claim.certificate == 0)
        return ACMECORE_OK;
    certificate = stage->certificates[site->claim.certificate - 1];
    if (site->in_place != site->claim.certificate)
        warn_uncovered(stage, site, certificate);
    if (site->is_tls) {
        is_good =
            apache_edit_certificate(site, &stage->dump, certificate, stage->wishes);
    } else {
        stage->creates = true;
        is_good = apache_edit_beside(site, &stage->dump, certificate, stage->wishes);
    }
    return is_good ? ACMECORE_OK : apache_no_memory(stage->host);
}

/* Only where https works for all names that are sent there. */
static int redirect_site(const struct stage *stage, struct apache_site *site)
{
    bool is_covered = false;

    if (site->left_alone || site->is_tls || !site->has_name)
        return ACMECORE_OK;
    for (size_t i = 0; i < stage->count; i++) {
        is_covered = is_covered
                     || (stage->results[i] == ACMECORE_OK
                         && !apache_claim_uncovered(
                             site->host, stage->certificates[i]->identifiers));
    }
    return !is_covered || apache_edit_redirect(site, stage->wishes->tls_port)
               ? ACMECORE_OK
               : apache_no_memory(stage->host);
}

static int edit_sites(struct stage *stage)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < stage->sites.count && status == ACMECORE_OK; i++)
        status = edit_site(stage, &stage->sites.items[i]);
    for (size_t i = 0; i < stage->sites.count && status == ACMECORE_OK; i++) {
        if (stage->wishes->redirects)
            status = redirect_site(stage, &stage->sites.items[i]);
    }
    return status;
}

static int read_listens(const struct acmecore_host *host,
                        const struct apache_dump *dump, struct apache_list *ret_places)
{
    for (size_t i = 0; i < dump->files.count; i++) {
        APACHE_AUTO_FILE file = { 0 };
        int status = apache_file_read(host, dump->files.items[i], &file);
        if (status != ACMECORE_OK && status != ACMECORE_E_NOTFOUND)
            return status;
        if (status == ACMECORE_OK
            && !apache_listen_read(file.text.bytes, file.text.size, dump, ret_places))
            return apache_no_memory(host);
    }
    return ACMECORE_OK;
}

static int open_port(struct stage *stage)
{
    APACHE_AUTO_LIST places = { 0 };
    APACHE_AUTO_TEXT lines = { 0 };
    bool is_debian = stage->layout.kind == APACHE_LAYOUT_DEBIAN;
    unsigned port = stage->wishes->tls_port;
    int status = read_listens(stage->host, &stage->dump, &places);

    if (status != ACMECORE_OK || apache_listen_has(&places, port))
        return status;
    if (!apache_listen_write(&places, port, is_debian ? "\t" : "", &lines))
        return apache_no_memory(stage->host);
    return apache_layout_listen(&stage->layout, lines.bytes, &stage->sites.files,
                                &stage->changes);
}

static int load_headers(struct stage *stage)
{
    APACHE_AUTO_TEXT load = { 0 };

    if (stage->wishes->hsts_s == 0
        || apache_list_has(&stage->dump.modules, "headers_module"))
        return ACMECORE_OK;
    return apache_layout_module(&stage->layout, "headers", &stage->changes, &load);
}

static int collect_edits(struct stage *stage)
{
    for (size_t i = 0; i < stage->sites.files.count; i++) {
        const struct apache_file *file = stage->sites.files.items[i];
        APACHE_AUTO_TEXT after = { 0 };
        if (file->edit_count == 0)
            continue;
        if (!apache_file_edited(file, &after)
            || !apache_changes_add_file(&stage->changes, file, &after))
            return apache_no_memory(stage->host);
    }
    return ACMECORE_OK;
}

static int decide(struct stage *stage)
{
    struct apache_batch batch = {
        .host = stage->host,
        .dump = &stage->dump,
        .record = &stage->record,
        .sites = &stage->sites,
        .certificates = stage->certificates,
        .count = stage->count,
        .results = stage->results,
        .can_create = stage->wishes->can_create,
    };
    int status = apache_claim_all(&batch);

    if (status == ACMECORE_OK)
        status = edit_sites(stage);
    if (status == ACMECORE_OK && stage->creates)
        status = open_port(stage);
    if (status == ACMECORE_OK)
        status = load_headers(stage);
    return status == ACMECORE_OK ? collect_edits(stage) : status;
}

/* ---- made ------------------------------------------------------------------------ */

/* Under --dry-run a write does nothing and says OK. */
static bool is_made(const struct stage *stage, const struct apache_change *change)
{
    APACHE_AUTO_FILE now = { 0 };

    if (change->is_link)
        return apache_disk_has_link(change->path, change->after.bytes);
    return apache_file_read(stage->host, change->path, &now) == ACMECORE_OK
           && apache_disk_is_same(&now.text, &change->after);
}

static int check_effect(const struct stage *stage, const struct apache_dump *dump)
{
    const struct acmecore_host *host = stage->host;
    APACHE_AUTO_LIST places = { 0 };
    int status = ACMECORE_OK;

    if (!apache_list_has(&dump->modules, "ssl_module")) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "Apache still does not load mod_ssl: its main file does not "
                          "include the folder where that is done; all is as it was "
                          "before, load it yourself");
    }
    if (!stage->creates)
        return ACMECORE_OK;
    status = read_listens(host, dump, &places);
    if (status != ACMECORE_OK || apache_listen_has(&places, stage->wishes->tls_port))
        return status;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "Apache still does not listen at port %u: its main file does not "
                      "include the one where that is said; all is as it was before, "
                      "add \"Listen %u https\" yourself",
                      stage->wishes->tls_port, stage->wishes->tls_port);
}

static int test(const struct stage *stage)
{
    APACHE_AUTO_DUMP dump = { 0 };
    int status = ACMECORE_OK;

    if (stage->changes.count == 0 || !is_made(stage, &stage->changes.items[0]))
        return ACMECORE_OK;
    status = apache_control_dump(&stage->control, NULL, REFUSED_AFTER, &dump);
    return status == ACMECORE_OK ? check_effect(stage, &dump) : status;
}

static size_t count_good(const struct stage *stage)
{
    size_t count = 0;

    for (size_t i = 0; i < stage->count; i++)
        count += stage->results[i] == ACMECORE_OK;
    return count;
}

static int make(struct stage *stage)
{
    const struct acmecore_host *host = stage->host;
    int reverted = ACMECORE_OK;
    int status = apache_changes_check(host, &stage->changes);

    if (status == ACMECORE_OK)
        status = apache_undo_save(host, &stage->changes);
    if (status != ACMECORE_OK)
        return status;
    status = apache_changes_make(host, &stage->changes);
    if (status == ACMECORE_OK)
        status = test(stage);
    if (status == ACMECORE_OK)
        return ACMECORE_OK;
    reverted = apache_changes_revert(host, &stage->changes);
    /* What could not be taken back stays written down, for a rollback. */
    if (reverted != ACMECORE_OK)
        return status;
    /* One of several may be at fault: the host finds out which, by halves. */
    if (status == ACMECORE_E_CONFIG && count_good(stage) > 1)
        return apache_undo_refuse(host);
    (void)apache_undo_forget(host);
    return status;
}

/* What stopped all of them. */
static int fail_all(const struct stage *stage, int status)
{
    for (size_t i = 0; i < stage->count; i++) {
        if (stage->results[i] == ACMECORE_OK)
            stage->results[i] = status;
    }
    return status;
}

int apache_stage(const struct acmecore_host *host, const struct apache_wishes *wishes,
                 const struct acmecore_certificate *const *certificates, size_t count,
                 int *results)
{
    __attribute__((cleanup(stage_done))) struct stage stage = {
        .host = host,
        .wishes = wishes,
        .certificates = certificates,
        .count = count,
        .results = results,
    };
    int status = look(&stage);

    if (status == ACMECORE_OK)
        status = decide(&stage);
    if (status == ACMECORE_OK && count_good(&stage) > 0)
        status = apache_record_update(host, &stage.record, certificates, count);
    if (status == ACMECORE_OK && count_good(&stage) > 0)
        status = make(&stage);
    if (status != ACMECORE_OK)
        return fail_all(&stage, status);
    for (size_t i = 0; i < count; i++) {
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    return status;
}
