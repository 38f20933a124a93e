# One module: a library with the headers others may include. PUBLIC lists what those
# headers need, PRIVATE what only the sources need; together they draw the architecture.
function(add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;PUBLIC;PRIVATE")
    set(scope PUBLIC)
    set(kind STATIC)
    if(NOT arg_SOURCES)
        set(scope INTERFACE)
        set(kind INTERFACE)
    endif()
    add_library(${name} ${kind} ${arg_SOURCES})
    target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                                    FILES ${arg_HEADERS})
    target_link_libraries(${name} ${scope} project_options ${arg_PUBLIC})
    if(arg_PRIVATE)
        target_link_libraries(${name} PRIVATE ${arg_PRIVATE})
    endif()
endfunction()

# A program built from one or more sources. What is shipped and measured takes memory from
# jemalloc (DECISIONS.md); sanitizers bring an allocator of their own.
function(add_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE project_options ${arg_LINK})
    if(NOT SANITIZE)
        target_link_libraries(${name} PRIVATE PkgConfig::jemalloc)
    endif()
endfunction()

# A GoogleTest binary; LABEL is unit, property, golden or functional.
function(add_test_binary name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;LINK")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 600)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE project_options ${arg_LINK} GTest::gtest_main GTest::gmock)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# A libFuzzer program fuzz_NAME, built in the fuzz preset only; ./dev fuzz finds it by this call.
function(add_fuzz_target name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE project_options ${arg_LINK})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
