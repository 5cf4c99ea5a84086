# SPDX-License-Identifier: Apache-2.0
# Language, warnings and hardening, the same for every target of the tree.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_FLAGS_DEV "-Og -g -fno-omit-frame-pointer")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
# assert() is for our own bugs and stays in a release.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")

add_compile_definitions(_GNU_SOURCE)
add_compile_options(
    -Wall -Wextra -Wpedantic -Werror
    -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wformat=2 -Wundef -Wwrite-strings
    -Wpointer-arith -Wvla -Wimplicit-fallthrough
    -fno-strict-aliasing -fno-common
    # __FILE__ is "core/acme/order.c", wherever the tree lies.
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wduplicated-cond -Wtrampolines)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
        -fstack-clash-protection)
endif()
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)

if(ACMECORE_SANITIZE)
    add_compile_options(-fsanitize=${ACMECORE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${ACMECORE_SANITIZE})
    # Its leak check forks and traces: core/pluginhost/filter.c leaves that open.
    add_compile_definitions(AC_SANITIZED)
endif()
