#pragma once

#include "training/conform/compare.hpp"

#include <filesystem>
#include <string>

namespace training {

enum class Verdict {
    passed,
    failed,
    unsupported,  ///< the model, or a type that its data has, is not computed here
};
std::string_view name_of(Verdict verdict);

struct CaseResult {
    std::string name;  ///< of the folder
    Verdict verdict = Verdict::failed;
    std::string reason;  ///< empty where it passed
};

/// Computes every data set of the case and compares.
CaseResult run_case(const std::filesystem::path& folder, const Tolerance& within);

}  // namespace training
