#pragma once

#include "ledger/base/result.hpp"
#include "samples/arguments/sample_arguments.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

/// What a command line says about samples, as one JSON object: all but where they are. Every field
/// may be left out and is then as the command line has it:
///
///     {"kind": "csv", "labels": "labels.csv", "input": "x", "targetKind": "classes",
///      "features": [], "targets": [], "ignored": [], "classes": [], "slice": "", "delimiter": ",",
///      "scale": 1, "invert": false, "mean": [], "deviation": [], "rate": 0}
namespace samples {

/// Every field, but "scale" only where one is said. The path is not in it.
nlohmann::json samples_json(const SampleArguments& arguments);

/// The same back. `invalid` names the field that is not known, of another type or out of bounds,
/// with `within` before its name. "labels" is a name among the samples, never a path out of them.
ledger::Result<SampleArguments> read_samples_json(const nlohmann::json& from,
                                                  const std::string& within = {});

}  // namespace samples
