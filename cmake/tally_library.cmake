# tally_library(NAME SOURCES … DEPENDS … PRIVATE_DEPENDS … [NO_PCH])
#   One layer or one part of a layer. Includes are written from the root of the repository.
#   DEPENDS are seen by users of the library, PRIVATE_DEPENDS (foreign packages) are not.
function(tally_library name)
    cmake_parse_arguments(arg "NO_PCH" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
    target_compile_options(${name} PRIVATE ${TALLY_WARNINGS})
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE_DEPENDS})
    if(NOT arg_NO_PCH)
        target_precompile_headers(${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch.hpp")
    endif()
endfunction()
