#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/codec/describe.hpp"
#include "wallet/client/failure.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wallet {

/// Calls of a model that were bought ahead from one node. `pass` is the secret that stands for
/// them.
struct PassFile {
    std::string node;   ///< URL
    std::string model;  ///< its name there
    std::string pass;
    std::uint64_t calls{};
    std::uint64_t left{};  ///< as the node last said
    std::uint64_t until_ms{};
    ledger::Amount price;
    friend bool operator==(const PassFile&, const PassFile&) = default;
};
MILLRACE_DESCRIBE(PassFile, (node, model, pass, calls, left, until_ms, price))

/// Passes under the wallet's home: passes/NAME.json, for the owner only. NAME tells nothing of
/// the pass.
class PassFolder {
public:
    static Outcome<PassFolder> open(const std::filesystem::path& home);

    /// Beside those that are there, or in its own place; on disk when it returns.
    Outcome<void> save(const PassFile&) const;
    /// The first to end stands first. `failed` when a file is damaged.
    Outcome<std::vector<PassFile>> list() const;
    /// One that is good for a call: the first to end. Empty when there is none.
    Outcome<std::optional<PassFile>> find(const std::string& node, const std::string& model,
                                          std::uint64_t now_ms) const;
    /// Removes those whose time is over; how many.
    Outcome<std::size_t> forget_ended(std::uint64_t now_ms) const;

private:
    explicit PassFolder(std::filesystem::path folder) : folder_{std::move(folder)} {}
    std::filesystem::path file_of(const PassFile&) const;

    std::filesystem::path folder_;
};

}  // namespace wallet
