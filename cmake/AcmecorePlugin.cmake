# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)
set(ACMECORE_PLUGIN_MODULE_DIR ${CMAKE_CURRENT_LIST_DIR})

# acmecore_add_plugin(<name> SOURCES file... [LIBRARIES library...])
#
# Builds <name>.so of C or C++ sources: hidden visibility, nothing undefined, not writable
# by others (the host refuses it otherwise), and a test that it exports `acmecore_plugin`
# and nothing else. A library is a CMake target or the name of a pkg-config module.
function(acmecore_add_plugin name)
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
    set(language C)
    foreach(source ${arg_SOURCES})
        if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source} AND NOT IS_ABSOLUTE ${source})
            message(WARNING "${name}: no ${source}, so the plugin is not built")
            return()
        endif()
        if(source MATCHES "\\.(cc|cpp|cxx)$")
            set(language CXX)
        endif()
    endforeach()

    find_package(PkgConfig REQUIRED)
    if(NOT TARGET acmecore_plugin_headers)
        add_library(acmecore_plugin_headers INTERFACE IMPORTED GLOBAL)
        if(DEFINED ACMECORE_PLUGIN_DIR)
            target_include_directories(acmecore_plugin_headers INTERFACE
                ${PROJECT_SOURCE_DIR}/include)
        else()
            pkg_check_modules(acmecore REQUIRED IMPORTED_TARGET GLOBAL acmecore)
            target_link_libraries(acmecore_plugin_headers INTERFACE PkgConfig::acmecore)
        endif()
    endif()

    set(libraries acmecore_plugin_headers)
    foreach(library ${arg_LIBRARIES})
        if(NOT TARGET ${library})
            if(NOT TARGET PkgConfig::${library})
                pkg_check_modules(${library} REQUIRED IMPORTED_TARGET GLOBAL ${library})
            endif()
            set(library PkgConfig::${library})
        endif()
        list(APPEND libraries ${library})
    endforeach()

    # The objects are a target of their own: unit tests are linked to them too.
    add_library(${name}-objects OBJECT ${arg_SOURCES})
    target_link_libraries(${name}-objects PUBLIC ${libraries})
    target_include_directories(${name}-objects INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
    set_target_properties(${name}-objects PROPERTIES
        C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)

    add_library(${name} MODULE $<TARGET_OBJECTS:${name}-objects>)
    target_link_libraries(${name} PRIVATE ${libraries})
    # What a library of C++ templates leaves in the objects is not hidden by flags alone.
    target_link_options(${name} PRIVATE -Wl,--no-undefined
        -Wl,--version-script=${ACMECORE_PLUGIN_MODULE_DIR}/acmecore-plugin.map)
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so"
        LINKER_LANGUAGE ${language})
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND chmod go-w $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}>)

    if(DEFINED ACMECORE_PLUGIN_DIR)
        set_target_properties(${name} PROPERTIES
            LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${ACMECORE_PLUGIN_DIR})
        install(TARGETS ${name} LIBRARY DESTINATION ${ACMECORE_PLUGIN_DIR}
            PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    endif()
    add_test(NAME plugin-${name}-exports
        COMMAND ${CMAKE_COMMAND} -D NM=${CMAKE_NM} -D FILE=$<TARGET_FILE:${name}>
            -P ${ACMECORE_PLUGIN_MODULE_DIR}/AcmecoreCheckExports.cmake)
endfunction()
