# SPDX-License-Identifier: Apache-2.0
# find_package(acmecore) gives acmecore_add_plugin() to authors of plugins.
include(${CMAKE_CURRENT_LIST_DIR}/AcmecorePlugin.cmake)

# Where acmecore looks for plugins; pkg-config knows it, wherever the kit was put.
find_package(PkgConfig REQUIRED)
pkg_get_variable(ACMECORE_INSTALLED_PLUGIN_DIR acmecore plugindir)
