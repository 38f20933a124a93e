#pragma once

// The library is loaded by hand (onnx_engine_library.hpp), not linked: linking locks the version.
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT
