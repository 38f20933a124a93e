#pragma once

#include "inference/model/limits.hpp"
#include "ledger/base/bytes.hpp"
#include "ledger/base/result.hpp"

namespace inference {

/// Walks the protobuf bytes of a ModelProto without building anything and checks the limits on
/// size, nesting, messages and strings: what the parser allocates afterwards is bounded.
/// (Protobuf encoding: length-delimited fields, wire type 2; groups are refused.)
ledger::Result<void> scan_wire(ledger::ByteView file, const ModelLimits& limits);

}  // namespace inference
