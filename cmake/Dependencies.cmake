# Every library we use, found once. ./dev installs the packages that are missing.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(gflags CONFIG REQUIRED)  # before RocksDB, whose targets name it
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS headers)
find_package(OpenSSL 3.0 REQUIRED)
find_package(RocksDB REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(secp256k1 REQUIRED IMPORTED_TARGET libsecp256k1)
pkg_check_modules(cryptopp REQUIRED IMPORTED_TARGET libcrypto++)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
find_package(prometheus-cpp CONFIG REQUIRED)

# Debian's libonnx has no usable CMake target.
find_library(ONNX_LIBRARY onnx REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
add_library(onnx_format INTERFACE)
target_link_libraries(onnx_format INTERFACE ${ONNX_LIBRARY} ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
target_compile_definitions(onnx_format INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)

# libtorch, for training only. Its own CMake package looks for CUDA, protobuf and gflags again, and in
# other ways than ours; two libraries and headers on the usual path are all it takes.
find_library(TORCH_CPU_LIBRARY torch_cpu)
find_library(C10_LIBRARY c10)
find_path(TORCH_INCLUDE_DIR ATen/core/Tensor.h)
find_path(TORCH_API_INCLUDE_DIR torch/optim/adam.h PATH_SUFFIXES torch/csrc/api/include)
if(NOT TORCH_CPU_LIBRARY OR NOT C10_LIBRARY OR NOT TORCH_INCLUDE_DIR OR NOT TORCH_API_INCLUDE_DIR)
    message(FATAL_ERROR "No libtorch: run ./dev setup, or install Debian's libtorch-dev and libopenblas0-pthread "
                        "(elsewhere pass -DTORCH_CPU_LIBRARY, -DC10_LIBRARY, -DTORCH_INCLUDE_DIR and "
                        "-DTORCH_API_INCLUDE_DIR)")
endif()
add_library(torch_cpu INTERFACE)
target_link_libraries(torch_cpu INTERFACE ${TORCH_CPU_LIBRARY} ${C10_LIBRARY})
target_include_directories(torch_cpu SYSTEM INTERFACE ${TORCH_INCLUDE_DIR})

find_package(GTest REQUIRED)
if(NOT FUZZ)
    find_package(benchmark REQUIRED)
endif()

# ONNX Runtime is loaded at run time (DECISIONS.md): we compile against its headers and link nothing.
set(ONNXRUNTIME_ROOT ${PROJECT_SOURCE_DIR}/.cache/onnxruntime CACHE PATH
    "folder with include/onnxruntime_cxx_api.h and lib/libonnxruntime.so.1")
if(NOT EXISTS ${ONNXRUNTIME_ROOT}/include/onnxruntime_cxx_api.h)
    message(FATAL_ERROR "No ONNX Runtime in ${ONNXRUNTIME_ROOT}: run ./dev setup "
                        "(or pass -DONNXRUNTIME_ROOT=DIR with include/ and lib/ of version 1.21 or later)")
endif()
add_library(onnxruntime_headers INTERFACE)
target_include_directories(onnxruntime_headers SYSTEM INTERFACE ${ONNXRUNTIME_ROOT}/include)
target_compile_definitions(onnxruntime_headers INTERFACE
    "MILLRACE_ONNXRUNTIME_PATH=\"${ONNXRUNTIME_ROOT}/lib/libonnxruntime.so.1\"")
