# SPDX-License-Identifier: Apache-2.0
# find_package(acmecore) gives acmecore_add_plugin() to authors of plugins.
include(${CMAKE_CURRENT_LIST_DIR}/AcmecorePlugin.cmake)
