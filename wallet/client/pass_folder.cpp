#include "wallet/client/pass_folder.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"

#include <algorithm>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
namespace codec = ledger::codec;

constexpr std::size_t largest_file = 16 * 1024;
constexpr std::size_t most_passes = 10'000;

Outcome<PassFile> read_pass(const fs::path& path)
{
    const auto text = read_private_file(path, largest_file);
    if (!text) return failure_of(text.error());
    const auto parsed = codec::parse_json(*text, {largest_file, 4});
    auto pass = parsed ? codec::from_json_over<PassFile>(PassFile{}, *parsed)
                       : ledger::Result<PassFile>{parsed.error()};
    if (!pass)
        return Failure{Fault::failed, path.string() + " is damaged (" + pass.error().detail + ")"};
    return std::move(*pass);
}

}  // namespace

Outcome<PassFolder> PassFolder::open(const fs::path& home)
{
    for (const auto& folder : {home, home / "passes"})
        if (const auto made = make_private_folder(folder); !made) return failure_of(made.error());
    return PassFolder{home / "passes"};
}

fs::path PassFolder::file_of(const PassFile& pass) const
{
    const auto hash = ledger::sha256(ledger::as_bytes(pass.pass));
    return folder_ / (ledger::to_hex(hash.view().first(8)) + ".json");
}

Outcome<void> PassFolder::save(const PassFile& pass) const
{
    return replace_private_file(file_of(pass), codec::to_json(pass).dump(2) + "\n");
}

Outcome<std::vector<PassFile>> PassFolder::list() const
{
    std::vector<PassFile> passes;
    std::error_code problem;
    for (fs::directory_iterator at{folder_, problem}, end; !problem && at != end;
         at.increment(problem)) {
        if (at->path().extension() != ".json") continue;
        if (passes.size() == most_passes)
            return Failure{Fault::failed, folder_.string() + " has too many files"};
        auto pass = read_pass(at->path());
        if (!pass) return pass.error();
        passes.push_back(std::move(*pass));
    }
    if (problem) return Failure{Fault::failed, folder_.string() + ": " + problem.message()};
    std::sort(passes.begin(), passes.end(), [](const PassFile& a, const PassFile& b) {
        return std::tie(a.until_ms, a.pass) < std::tie(b.until_ms, b.pass);
    });
    return passes;
}

Outcome<std::optional<PassFile>> PassFolder::find(const std::string& node, const std::string& model,
                                                  std::uint64_t now_ms) const
{
    auto passes = list();
    if (!passes) return passes.error();
    for (auto& pass : *passes)
        if (pass.node == node && pass.model == model && pass.left != 0 && pass.until_ms > now_ms)
            return std::optional{std::move(pass)};
    return std::optional<PassFile>{};
}

Outcome<std::size_t> PassFolder::forget_ended(std::uint64_t now_ms) const
{
    const auto passes = list();
    if (!passes) return passes.error();
    std::size_t gone = 0;
    for (const auto& pass : *passes) {
        if (pass.until_ms > now_ms) continue;
        std::error_code problem;
        fs::remove(file_of(pass), problem);
        if (problem) return Failure{Fault::failed, folder_.string() + ": " + problem.message()};
        ++gone;
    }
    return gone;
}

}  // namespace wallet
