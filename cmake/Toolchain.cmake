# Flags shared by all of our code and by none of our dependencies'; ccache and mold where present.
find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
                                    CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# Paths in messages and debug info are relative, so that builds in other folders share the cache.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(project_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
# Not in the release build, which strangers make: what another compiler, or this one with its
# optimiser on, takes for a mistake must not keep anybody from running the program.
option(WARNINGS_ARE_ERRORS "Stop at a warning" ON)
if(WARNINGS_ARE_ERRORS)
    target_compile_options(project_options INTERFACE -Werror -Wno-error=deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    # Clang 14 takes `this` for unused in a generic lambda that calls a member.
    target_compile_options(project_options INTERFACE -Wno-unused-lambda-capture)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 12 takes the frames of inlined coroutines for a mismatch when optimising.
    target_compile_options(project_options INTERFACE
                           $<$<CONFIG:RelWithDebInfo>:-Wno-mismatched-new-delete>)
endif()
# Where sources are compiled together (the presets that build everything), a name in one of them
# may hide a constant of another, and GCC takes what is local to a source for part of a header.
if(NOT CMAKE_UNITY_BUILD)
    target_compile_options(project_options INTERFACE -Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(project_options INTERFACE -Wshadow=local -Wno-subobject-linkage)
endif()
target_compile_definitions(project_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
                                                     BOOST_BEAST_SEPARATE_COMPILATION)

set(SANITIZE "" CACHE STRING "address,undefined or thread; set by the presets")
option(FUZZ "build the libFuzzer targets and nothing else" OFF)
if(SANITIZE)
    set(flags -fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
        list(APPEND flags -fno-sanitize=function)
    endif()
    target_compile_options(project_options INTERFACE ${flags})
    target_link_options(project_options INTERFACE ${flags})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND SANITIZE STREQUAL "address,undefined")
        # Undefined behaviour ends in an illegal instruction, which AddressSanitizer reports with
        # file, line and stack (sanitizer_options.cpp), instead of a call with a record of its own;
        # and addresses in a program are fixed. Together that makes its data a sixtieth, and starts
        # it in a quarter of the time (DECISIONS.md): tests start programs all the time.
        target_compile_options(project_options INTERFACE -fsanitize-undefined-trap-on-error)
        add_library(sanitizer_options OBJECT ${CMAKE_CURRENT_LIST_DIR}/sanitizer_options.cpp)
        target_link_libraries(project_options INTERFACE
            $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:sanitizer_options>>)
        target_link_options(project_options INTERFACE
                            $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
    endif()
endif()

# A build target checks that every public header compiles on its own: all_verify_interface_header_sets.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
