#pragma once

#include "wallet/cli/session.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace wallet::cli {

/// How the sample of a folder is drawn: said once, before a label of it counts. Who could draw
/// again, ask other models, or take a larger sample, would until the outcome is to their liking.
struct SamplePlan {
    ledger::Hash seed;                  ///< private: who knows it knows which items nobody looks at
    std::uint64_t each{};               ///< items of each predicted class
    std::vector<std::string> teachers;  ///< `Teacher::key` of each
    std::set<ledger::Hash> known;       ///< items that people had labelled before
    friend bool operator==(const SamplePlan&, const SamplePlan&) = default;
};

/// The plan in `folder`/sample.json, which nobody else may read; `fresh` is written where there is
/// none yet. `usage` where it is of other teachers, or of another size than `each` where that is
/// not 0; `failed` where it was damaged. Throws.
SamplePlan plan_of(const std::filesystem::path& folder, const SamplePlan& fresh,
                   std::uint64_t each);

}  // namespace wallet::cli
