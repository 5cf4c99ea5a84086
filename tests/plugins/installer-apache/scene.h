/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of this plugin share: a configuration file in the folder of the test,
 * and an Apache that says of it what the test wants. In what Apache says, "@" stands
 * for the path of the file and "~" for the folder.
 */
#ifndef TESTS_APACHE_SCENE_H
#define TESTS_APACHE_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fake_host.h"
#include "site.h"

#define SCENE_CONF  "site.conf"
#define SCENE_SIZE  16384
#define SCENE_CALLS 32

struct scene {
    struct fake_host fake;
    struct apache_dump dump;
    struct apache_sites sites;

    /* What the fake program does. */
    char said[SCENE_SIZE]; /* for a dump */
    const char *errors;    /* for any */
    const char *output;    /* of one that fails; or NULL */
    int exit_code;         /* of any */
    const char *failing;   /* only of a call that has this word; NULL: of all */
    size_t first_failing;  /* calls before this one are good */
    size_t failing_max;    /* so many fail; 0: all */
    size_t failed_count;
    char calls[SCENE_CALLS][512]; /* the words of each */
    size_t call_count;
};

static inline void scene_done(struct scene *scene)
{
    apache_sites_done(&scene->sites);
    apache_dump_done(&scene->dump);
}

#define SCENE_AUTO __attribute__((cleanup(scene_done))) struct scene

/* `text` with "@" and "~" replaced. */
static inline void scene_say(struct scene *scene, const char *text)
{
    size_t used = 0;

    for (; *text && used + 512 < sizeof scene->said; text++) {
        const char *word = *text == '@'   ? ac_test_path(SCENE_CONF)
                           : *text == '~' ? ac_test_folder()
                                          : NULL;
        used += (size_t)snprintf(scene->said + used, sizeof scene->said - used, "%s",
                                 word ? word : (char[]){ *text, '\0' });
    }
}

/* The configuration file as it is now. */
static inline bool scene_file_is(const char *name, const char *content)
{
    char found[SCENE_SIZE];
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof found);

    return size == (ssize_t)strlen(content) && !strcmp(found, content);
}

static inline bool scene_file_has(const char *name, const char *text)
{
    char found[SCENE_SIZE];

    return ac_test_read_file(ac_test_path(name), found, sizeof found) >= 0
           && strstr(found, text);
}

static inline bool scene_write(const char *name, const char *content)
{
    return ac_test_write_file(ac_test_path(name), content, strlen(content));
}

static inline bool scene_folder(const char *name)
{
    return mkdir(ac_test_path(name), 0755) == 0;
}

/* Links are really made: that is what /bin/ln does. */
static inline int scene_run(void *arg, const struct acmecore_command *command,
                            int *ret_exit, acmecore_sink *output, void *output_arg)
{
    struct scene *scene = arg;
    char *words = scene->calls[scene->call_count % SCENE_CALLS];
    bool is_failing = true;
    size_t used = 0;

    words[0] = '\0';
    for (size_t i = 0; command->argv[i] && used < 500; i++) {
        used += (size_t)snprintf(words + used, 512 - used, "%s%s", i > 0 ? " " : "",
                                 command->argv[i]);
    }
    scene->call_count++;
    if (!strcmp(command->argv[0], "/bin/ln")) {
        *ret_exit = symlink(command->argv[3], command->argv[4]) == 0 ? 0 : 1;
        return ACMECORE_OK;
    }
    is_failing = (!scene->failing || strstr(words, scene->failing))
                 && scene->call_count > scene->first_failing
                 && (!scene->failing_max || scene->failed_count < scene->failing_max);
    scene->failed_count += is_failing;
    *ret_exit = is_failing ? scene->exit_code : 0;
    if (scene->errors && is_failing && command->errors)
        (void)command->errors(command->errors_arg, scene->errors,
                              strlen(scene->errors));
    if (is_failing && scene->output && output)
        return output(output_arg, scene->output, strlen(scene->output));
    if (*ret_exit == 0 && strstr(words, "DUMP_VHOSTS") && output)
        return output(output_arg, scene->said, strlen(scene->said));
    return ACMECORE_OK;
}

/* A fake host with that program. */
static inline bool scene_start(struct scene *scene,
                               const struct acmecore_plugin *plugin)
{
    *scene = (struct scene){ .exit_code = 0 };
    if (!fake_host_start(&scene->fake, plugin))
        return false;
    scene->fake.ctx.run = scene_run;
    scene->fake.ctx.arg = scene;
    fake_host_set(&scene->fake, "control", "/bin/true");
    return true;
}

/* Reads the file's virtual hosts, where `said` says they are. */
static inline bool scene_load(struct scene *scene, const char *config, const char *said)
{
    if (!scene_start(scene, NULL) || !scene_write(SCENE_CONF, config))
        return false;
    scene_say(scene, said);
    return apache_dump_parse(scene->said, strlen(scene->said), &scene->dump)
           && apache_sites_load(&scene->fake.host, &scene->dump, 443, &scene->sites)
                  == ACMECORE_OK;
}

/* The text of the first file with its edits. */
static inline bool scene_edited_is(const struct scene *scene, const char *wanted)
{
    APACHE_AUTO_TEXT text = { 0 };

    return apache_file_edited(scene->sites.files.items[0], &text)
           && !strcmp(text.bytes, wanted);
}

#define SCENE_SAID_TLS                                                                 \
    "VirtualHost configuration:\n"                                                     \
    "*:443                  a.test (@:1)\n"                                            \
    "ServerRoot: \"~\"\n"

#define SCENE_SAID_PLAIN                                                               \
    "VirtualHost configuration:\n"                                                     \
    "*:80                   a.test (@:1)\n"                                            \
    "ServerRoot: \"~\"\n"

static const char *const scene_names[] = { "a.test", "www.a.test", NULL };
__attribute__((unused)) static const struct acmecore_certificate scene_certificate = {
    .struct_size = sizeof(struct acmecore_certificate),
    .name = "www",
    .identifiers = scene_names,
    .fullchain_path = "/certs/www/fullchain.pem",
    .key_path = "/certs/www/privkey.pem",
    .folder_path = "/certs/www",
};

#endif
