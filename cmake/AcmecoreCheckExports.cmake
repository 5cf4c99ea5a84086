# SPDX-License-Identifier: Apache-2.0
# cmake -D NM=nm -D FILE=plugin.so -P this: fails unless FILE exports exactly one
# symbol, acmecore_plugin. What AddressSanitizer adds for itself is not counted.
execute_process(COMMAND ${NM} -D --defined-only --format=just-symbols ${FILE}
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
list(FILTER symbols EXCLUDE REGEX "^__odr_asan")
if(NOT symbols STREQUAL "acmecore_plugin")
    message(FATAL_ERROR "${FILE} must export acmecore_plugin alone, exports: ${symbols}")
endif()
message(STATUS "${FILE} exports acmecore_plugin alone")
