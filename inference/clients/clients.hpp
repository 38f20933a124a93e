#pragma once

#include "inference/model/datatype.hpp"
#include "ledger/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace inference {

using ledger::Result;

/// What an API of one model is made from. Its names may be any stranger's.
struct ModelApi {
    std::string name;     ///< in the path /v2/models/NAME
    std::string version;  ///< decimal; empty: calls name none
    std::string url;      ///< scheme and authority of the node, without a slash at the end
    ModelIo io;
    std::string price;        ///< the price sheet as JSON; empty: the model is free
    bool unverified = false;  ///< the content id is the host's word: another server runs it
};

struct ClientLimits {
    std::size_t tensors = 64;  ///< inputs, and outputs
    std::size_t dimensions = 8;
    std::size_t name_bytes = 1024;
    std::size_t json_elements = 1024;           ///< of all example inputs, written as JSON
    std::uint64_t example_bytes = 64ull << 20;  ///< of all example inputs, written as zeros
};

/// Each fails with `invalid` where a name is not UTF-8 (a request cannot name it) or a limit is
/// broken; the error says which.

/// OpenAPI 3.1: the model's metadata and infer routes, its tensors as JSON schemas, its price.
Result<std::string> openapi_document(const ModelApi&, const ClientLimits& = {});

/// A POSIX shell script that calls the model once with curl. The inputs are zeros of the right
/// shape, a size that the caller chooses is 1; `full` where they are above the limits.
Result<std::string> curl_script(const ModelApi&, const ClientLimits& = {});

/// One C++17 header, standard library only, but for a transport over POSIX sockets that can be left
/// out. Clean under -Wall -Wextra -Wpedantic -Wconversion.
Result<std::string> cpp_client(const ModelApi&, const ClientLimits& = {});

/// One JavaScript module that uses fetch and nothing else.
Result<std::string> js_client(const ModelApi&, const ClientLimits& = {});

}  // namespace inference
