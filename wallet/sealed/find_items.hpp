#pragma once

#include "ledger/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wallet {

/// A file to be sealed.
struct FoundItem {
    std::filesystem::path file;
    std::string name;  ///< under which it comes back
    std::uint64_t size{};
    friend bool operator==(const FoundItem&, const FoundItem&) = default;
};

inline constexpr std::size_t most_items = 1'000'000;

/// The files given and all below the folders given, by name; what stands in a folder is named
/// with the folder's own name first, as tar does. `invalid` where two have one name, at links and
/// things that are neither file nor folder, at names that sealing cannot carry, and when there is
/// nothing; `full` above `most_items`; `not_found`, `io`.
ledger::Result<std::vector<FoundItem>> find_items(const std::vector<std::filesystem::path>& given);

}  // namespace wallet
