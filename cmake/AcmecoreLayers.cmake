# SPDX-License-Identifier: Apache-2.0
# One static library a layer, linked only to the layers below it.

# acmecore_add_layer(<layer> [FILES f...] [EXCLUDE f...] [LAYERS l...] [LIBRARIES t...])
# Sources are core/<layer>/*.c and those of its rooms, unless FILES names them. A layer without sources yet is
# an empty library, so that the tree configures at any moment.
function(acmecore_add_layer layer)
    cmake_parse_arguments(arg "" "" "FILES;EXCLUDE;LAYERS;LIBRARIES" ${ARGN})
    if(arg_FILES)
        file(GLOB sources CONFIGURE_DEPENDS ${arg_FILES})
    else()
        file(GLOB sources CONFIGURE_DEPENDS core/${layer}/*.c core/${layer}/*/*.c)
    endif()
    foreach(file ${arg_EXCLUDE})
        list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()

    if(ACMECORE_FUZZ)
        add_fuzz_layer()
    endif()
    list(TRANSFORM arg_LAYERS PREPEND ac_)
    if(sources)
        add_library(ac_${layer} STATIC ${sources})
        target_link_libraries(ac_${layer} PUBLIC ac_headers ${arg_LAYERS} ${arg_LIBRARIES})
    else()
        add_library(ac_${layer} INTERFACE)
        target_link_libraries(ac_${layer} INTERFACE ac_headers ${arg_LAYERS} ${arg_LIBRARIES})
    endif()
endfunction()

# The same layer for fuzz targets: what is not instrumented, a fuzzer cannot see.
macro(add_fuzz_layer)
    list(TRANSFORM arg_LAYERS PREPEND fuzz_ OUTPUT_VARIABLE fuzz_layers)
    if(sources)
        add_library(fuzz_${layer} STATIC EXCLUDE_FROM_ALL ${sources})
        target_link_libraries(fuzz_${layer} PUBLIC ac_headers ${fuzz_layers} ${arg_LIBRARIES})
        target_compile_options(fuzz_${layer} PRIVATE
            -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    else()
        add_library(fuzz_${layer} INTERFACE)
        target_link_libraries(fuzz_${layer} INTERFACE ac_headers ${fuzz_layers} ${arg_LIBRARIES})
    endif()
endmacro()

# A program of one source over the library of its layer, skipped while the source is
# not there. `folder` is its place in the build tree, `destination` when installed.
function(acmecore_add_program name source layer folder destination)
    file(GLOB sources CONFIGURE_DEPENDS ${source})
    if(NOT sources)
        message(STATUS "${name}: no ${source} yet")
        return()
    endif()
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE ac_${layer})
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
    install(TARGETS ${name} RUNTIME DESTINATION ${destination})
endfunction()
