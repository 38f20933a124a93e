#include "wallet/client/channel_folder.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/keys/private_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace wallet {
namespace {

namespace fs = std::filesystem;
namespace codec = ledger::codec;

constexpr std::size_t largest_file = 256 * 1024;
constexpr std::size_t most_files = 10'000;

Failure system_failure(const std::string& what, const fs::path& path)
{
    return {Fault::failed,
            what + " " + path.string() + ": " + std::generic_category().message(errno)};
}

template <class T>
Outcome<T> read_json(const fs::path& path)
{
    const auto text = read_private_file(path, largest_file);
    if (!text) return failure_of(text.error());
    const auto parsed = codec::parse_json(*text, {largest_file, 16});
    auto value =
        parsed ? codec::from_json_over<T>(T{}, *parsed) : ledger::Result<T>{parsed.error()};
    if (!value)
        return Failure{Fault::failed, path.string() + " is damaged (" + value.error().detail +
                                          "); remove it and the host's count is taken instead"};
    return std::move(*value);
}

template <class T>
Outcome<std::optional<T>> read_if_there(const fs::path& path)
{
    auto value = read_json<T>(path);
    if (value) return std::optional{std::move(*value)};
    if (value.error().fault == Fault::not_found) return std::optional<T>{};
    return value.error();
}

/// Names like 0x12ab.json or 17.json in a folder, without their ends; missing folders are empty.
Outcome<std::vector<std::string>> names_in(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator at{folder, problem}, end; !problem && at != end;
         at.increment(problem)) {
        if (at->path().extension() != ".json") continue;
        names.push_back(at->path().stem().string());
        if (names.size() > most_files)
            return Failure{Fault::failed, folder.string() + " has too many files"};
    }
    if (problem && problem != std::errc::no_such_file_or_directory)
        return Failure{Fault::failed, folder.string() + ": " + problem.message()};
    return names;
}

}  // namespace

Outcome<void> replace_private_file(const fs::path& path, std::string_view text)
{
    const auto folder = path.parent_path();
    auto temporary = (folder / ".new-XXXXXX").string();
    const int file = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (file < 0) return system_failure("cannot write in", folder);
    bool good = true;
    while (good && !text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        good = written >= 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(written));
    }
    good = good && ::fsync(file) == 0;
    ::close(file);
    good = good && ::rename(temporary.c_str(), path.c_str()) == 0;
    if (!good) {
        auto failure = system_failure("cannot write", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    const int names = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = names >= 0 && ::fsync(names) == 0;
    if (names >= 0) ::close(names);
    if (!good) return system_failure("cannot sync", folder);
    return {};
}

Outcome<ChannelFolder> ChannelFolder::open(const fs::path& home)
{
    for (const auto& folder : {home, home / "channels", home / "receipts", home / "transfers"})
        if (const auto made = make_private_folder(folder); !made) return failure_of(made.error());
    return ChannelFolder{home};
}

fs::path ChannelFolder::file_of(const market::ChannelId& id) const
{
    return home_ / "channels" / (ledger::to_hex0x(id.view()) + ".json");
}

fs::path ChannelFolder::file_of(const ledger::Hash& call) const
{
    return home_ / "transfers" / (ledger::to_hex0x(call.view()) + ".json");
}

Outcome<std::optional<ChannelFile>> ChannelFolder::load(const market::ChannelId& id) const
{
    return read_if_there<ChannelFile>(file_of(id));
}

Outcome<void> ChannelFolder::save(const market::ChannelId& id, const ChannelFile& file) const
{
    return replace_private_file(file_of(id), codec::to_json(file).dump(2) + "\n");
}

Outcome<std::vector<market::ChannelId>> ChannelFolder::list() const
{
    const auto names = names_in(home_ / "channels");
    if (!names) return names.error();
    std::vector<market::ChannelId> ids;
    for (const auto& name : *names)
        if (const auto id = ledger::id_from_hex<market::ChannelId>(name)) ids.push_back(*id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

Outcome<void> ChannelFolder::save_receipt(const SignedReceipt& receipt) const
{
    const auto folder = home_ / "receipts" / ledger::to_hex0x(receipt.receipt.channel_id.view());
    if (const auto made = make_private_folder(folder); !made) return failure_of(made.error());
    return replace_private_file(folder / (std::to_string(receipt.receipt.seq) + ".json"),
                                codec::to_json(receipt).dump(2) + "\n");
}

Outcome<void> ChannelFolder::save_batch(const SignedBatch& batch) const
{
    const auto& receipt = batch.receipt;
    const auto folder = home_ / "receipts" / ledger::to_hex0x(receipt.channel_id.view());
    if (const auto made = make_private_folder(folder); !made) return failure_of(made.error());
    const auto last = std::to_string(receipt.first_seq + receipt.calls - 1);
    return replace_private_file(folder / ("batch-" + last + ".json"),
                                codec::to_json(batch).dump(2) + "\n");
}

Outcome<std::vector<SignedReceipt>> ChannelFolder::receipts(const market::ChannelId& id,
                                                            std::size_t most) const
{
    const auto folder = home_ / "receipts" / ledger::to_hex0x(id.view());
    const auto names = names_in(folder);
    if (!names) return names.error();
    std::vector<std::uint64_t> numbers;
    for (const auto& name : *names)
        if (const auto number = codec::parse_decimal(name)) numbers.push_back(*number);
    std::sort(numbers.rbegin(), numbers.rend());
    numbers.resize(std::min(numbers.size(), most));
    std::vector<SignedReceipt> found;
    for (const auto number : numbers) {
        auto receipt = read_json<SignedReceipt>(folder / (std::to_string(number) + ".json"));
        if (!receipt) return receipt.error();
        found.push_back(std::move(*receipt));
    }
    return found;
}

Outcome<std::optional<PendingTransfer>> ChannelFolder::load_transfer(const ledger::Hash& call) const
{
    return read_if_there<PendingTransfer>(file_of(call));
}

Outcome<void> ChannelFolder::save_transfer(const ledger::Hash& call,
                                           const PendingTransfer& transfer) const
{
    return replace_private_file(file_of(call), codec::to_json(transfer).dump(2) + "\n");
}

Outcome<void> ChannelFolder::forget_transfer(const ledger::Hash& call) const
{
    std::error_code problem;
    fs::remove(file_of(call), problem);
    if (problem) return Failure{Fault::failed, "cannot remove " + file_of(call).string()};
    return {};
}

ChannelFolder::Lock::~Lock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

Outcome<std::optional<ChannelFolder::Lock>> ChannelFolder::try_lock(
    const market::ChannelId& id) const
{
    const auto path = home_ / "channels" / (ledger::to_hex0x(id.view()) + ".lock");
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return system_failure("cannot open", path);
    Lock lock{file};
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return std::optional<Lock>{std::move(lock)};
    if (errno != EWOULDBLOCK) return system_failure("cannot lock", path);
    return std::optional<Lock>{};
}

}  // namespace wallet
