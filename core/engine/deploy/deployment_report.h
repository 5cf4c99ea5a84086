/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deployments in documents, for all commands that speak of a certificate.
 */
#ifndef AC_ENGINE_DEPLOYMENT_REPORT_H
#define AC_ENGINE_DEPLOYMENT_REPORT_H

#include "engine/deploy/deployment.h"

/* Adds "deployments" (docs/json.md), where there are any. */
AC_MUST enum ac_code ac_deployments_to_json(const struct ac_state *state,
                                            unsigned version, struct ac_json *document,
                                            struct ac_error *err);

#endif
